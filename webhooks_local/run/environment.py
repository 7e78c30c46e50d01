"""The environment of the processes of `make run`: the operator's, with what is missing."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from config.tls_files import has_authorities
from webhooks_local.certificates import RECEIVER_HOST, ensure_certificates, write_bundle
from webhooks_local.keys import ensure_keys

ALLOWED_NETWORKS = "WEBHOOKS_ALLOWED_NETWORKS"
CA_BUNDLE = "WEBHOOKS_CA_BUNDLE"


def local_environment(environment: Mapping[str, str], directory: Path) -> dict[str, str]:
    """Return `environment` with missing keys, and with settings that allow calls to a receiver on this machine.

    Args:
        environment: the operator's, whose settings are kept. REDIS_URL is not added.
        directory: contains keys and certificates; made if missing.

    Raises:
        OSError: they cannot be read or written.
    """
    local = dict(environment) | ensure_keys(directory, environment)
    # An empty value is kept: it allows no private address.
    local.setdefault(ALLOWED_NETWORKS, f"{RECEIVER_HOST}/32")
    local[CA_BUNDLE] = str(_trusted(environment.get(CA_BUNDLE, "").strip(), directory))
    # gunicorn and celery are in the directory of this interpreter, whether or not the virtual environment is
    # active.
    local["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", os.defpath)])
    # Output to a pipe is buffered in blocks by default, which would delay log lines.
    local.setdefault("PYTHONUNBUFFERED", "1")
    return local


def _trusted(given: str, directory: Path) -> Path:
    """Return the CA bundle to use: the local CA, added to the given bundle if there is one."""
    local = ensure_certificates(directory).authority
    if not given:
        return local
    # A bundle in our directory contains the local CA already. A file without CAs is left for the settings to
    # refuse.
    if Path(given).absolute().parent == local.absolute().parent or not has_authorities(given):
        return Path(given)
    return write_bundle(directory, Path(given), local)
