"""What the tests of `webhooks_local` share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from webhooks_local.certificates import Certificates, ensure_certificates
from webhooks_local.receiver import Receiver


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return ensure_certificates(tmp_path_factory.mktemp("var"))


@pytest.fixture
def receiver(certificates: Certificates) -> Iterator[Receiver]:
    with Receiver(certificates.receiver) as receiver:
        yield receiver


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"
