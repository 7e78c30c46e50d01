"""The keys that commands call with: given by an option or the environment, or else those of this machine.

`make run` keeps the operator's and the producer's under `var/`, and `webhooks accounts` a customer's beside them,
so that a laptop needs no options. What is kept here is told to no other machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from webhooks_cli.api import Api
from webhooks_cli.local_run import VAR
from webhooks_client.base_url import is_here
from webhooks_local.keys import ADMIN_KEY, PRODUCER_KEYS, keys_file, read_env_file
from webhooks_local.private_files import write_private

CUSTOMER_FILE = VAR / "customer.env"


@dataclass(frozen=True)
class KindOfKey:
    """A kind of key.

    Attributes:
        words: what it is called.
        option: gives it.
        variable: the environment variable that gives it.
        file: where it is kept on the machine of `make run`.
        kept_as: by which name, the first of several with commas between.
    """

    words: str
    option: str
    variable: str
    file: Path
    kept_as: str

    def find(self, given: str | None, url: str) -> str:
        """Return the key that was given, else the one of this machine if the URL leads to it.

        Raises:
            click.UsageError: there is none.
            OSError: the file is there and cannot be read.
        """
        if given:
            return given
        if is_here(url) and (kept := self.kept()):
            return kept
        raise click.UsageError(f"The {self.words} is missing: set {self.variable}, or give {self.option}.")

    def kept(self) -> str:
        """Return the key of this machine, empty if there is none."""
        return read_env_file(self.file).get(self.kept_as, "").partition(",")[0].strip()


ADMIN = KindOfKey("admin key", "--admin-key", ADMIN_KEY, keys_file(VAR), ADMIN_KEY)
PRODUCER = KindOfKey("producer key", "--producer-key", "WEBHOOKS_PRODUCER_KEY", keys_file(VAR), PRODUCER_KEYS)
CUSTOMER = KindOfKey("API key", "--api-key", "WEBHOOKS_API_KEY", CUSTOMER_FILE, "WEBHOOKS_API_KEY")


def keep_api_key(operator: Api, key: str) -> bool:
    """Keep a new API key for later commands, if it is of this machine's own Ringback.

    Args:
        operator: made the account, or replaced its key.
        key: the account's.

    Returns:
        whether it was kept.

    Raises:
        OSError: it cannot be written.
    """
    if not is_here(operator.url) or operator.key != ADMIN.kept():
        return False
    write_private(CUSTOMER_FILE, f"{CUSTOMER.kept_as}={key}\n".encode())
    return True
