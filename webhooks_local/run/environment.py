"""What `make run` sets for the processes it starts, when the operator has not."""

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
    """Return `environment` with what is missing: keys, and what lets a receiver on this machine be called.

    Args:
        environment: the operator's; what it sets stays, REDIS_URL is not added.
        directory: where keys and certificates are kept; made if missing.

    Raises:
        OSError: they cannot be read or written.
    """
    local = dict(environment) | ensure_keys(directory, environment)
    # Set to nothing is a choice too: no private address is called then.
    local.setdefault(ALLOWED_NETWORKS, f"{RECEIVER_HOST}/32")
    local[CA_BUNDLE] = str(_trusted(environment.get(CA_BUNDLE, "").strip(), directory))
    # gunicorn and celery are beside this interpreter, whether or not the virtual environment is active.
    local["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", os.defpath)])
    # A pipe is not a terminal: without this, logs would come by the block and not by the line.
    local.setdefault("PYTHONUNBUFFERED", "1")
    return local


def _trusted(theirs: str, directory: Path) -> Path:
    """Return the CA bundle to use: ours, or theirs with ours."""
    ours = ensure_certificates(directory).authority
    if not theirs:
        return ours
    # A file of our own is whole already; one that holds no CAs is for the check of settings to refuse.
    if Path(theirs).absolute().parent == ours.absolute().parent or not has_authorities(theirs):
        return Path(theirs)
    return write_bundle(directory, Path(theirs), ours)
