"""PEM files in settings: unusable ones are refused, and no passphrase is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from config.tls_files import check_tls_files, has_authorities


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The paths of files by kind."""
    directory = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    leaf, other = (authority.issue_cert(name) for name in ("one.example", "other.example"))
    certificate = leaf.cert_chain_pems[0].bytes()
    key = leaf.private_key_pem.bytes()
    sealed = load_pem_private_key(key, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"canary")
    )
    contents = {
        "authority": authority.cert_pem.bytes(),
        "certificate": certificate,
        "key": key,
        "both": certificate + key,
        "another key": other.private_key_pem.bytes(),
        "sealed key": sealed,
        "empty": b"",
    }
    for name, content in contents.items():
        (directory / name).write_bytes(content)
    return {name: str(directory / name) for name in contents} | {"nothing": str(directory / "nothing")}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"ssl_ca_certs": "authority"},
        {"ssl_certfile": "certificate", "ssl_keyfile": "key"},
        {"ssl_certfile": "both"},
    ],
)
def test_files_that_tls_can_use_are_accepted(files: dict[str, str], options: dict[str, str]) -> None:
    check_tls_files({name: files[file] for name, file in options.items()})


@pytest.mark.parametrize(
    "options",
    [
        {"ssl_ca_certs": "nothing"},
        {"ssl_ca_certs": "empty"},
        {"ssl_ca_certs": "key"},
        {"ssl_keyfile": "key"},
        {"ssl_certfile": "nothing"},
        {"ssl_certfile": "certificate"},
        {"ssl_certfile": "certificate", "ssl_keyfile": "another key"},
        {"ssl_certfile": "certificate", "ssl_keyfile": "sealed key"},
        {"ssl_certfile": "key", "ssl_keyfile": "key"},
    ],
)
def test_files_that_tls_cannot_use_are_refused(files: dict[str, str], options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"^must name ") as refused:
        check_tls_files({name: files[file] for name, file in options.items()})
    assert not any(Path(file).name in str(refused.value) for file in options.values() if " " in file)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize(("name", "expected"), [("authority", True), ("empty", False), ("nothing", False)])
def test_an_empty_bundle_has_no_authorities(files: dict[str, str], name: str, expected: bool) -> None:
    assert has_authorities(files[name]) is expected
