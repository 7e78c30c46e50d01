"""The keys with which commands call the API: from an option, the environment, or the files of this machine.

`make run` keeps the keys of the operator and of the producer in `var/`, and `webhooks accounts` keeps a customer's
key beside them, so that no options are needed on one machine. Keys from these files are sent to this machine only.
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
class KeyKind:
    """The key of an operator, a producer or a customer.

    Attributes:
        label: the name of the key in messages.
        option: the option that sets it.
        variable: the environment variable that sets it.
        file: the file that keeps it on the machine of `make run`.
        name_in_file: its name in that file, whose value may be a list separated by commas; the first one is used.
    """

    label: str
    option: str
    variable: str
    file: Path
    name_in_file: str

    def find(self, given: str | None, url: str) -> str:
        """Return the given key, else the stored key if the URL leads to this machine.

        Raises:
            click.UsageError: there is no key.
            OSError: the file exists and cannot be read.
        """
        if given:
            return given
        if is_here(url) and (stored := self.read_stored()):
            return stored
        raise click.UsageError(f"The {self.label} is missing: set {self.variable}, or give {self.option}.")

    def read_stored(self) -> str:
        """Return the key that this machine keeps, empty if there is none."""
        return read_env_file(self.file).get(self.name_in_file, "").partition(",")[0].strip()


ADMIN = KeyKind("admin key", "--admin-key", ADMIN_KEY, keys_file(VAR), ADMIN_KEY)
PRODUCER = KeyKind("producer key", "--producer-key", "WEBHOOKS_PRODUCER_KEY", keys_file(VAR), PRODUCER_KEYS)
CUSTOMER = KeyKind("API key", "--api-key", "WEBHOOKS_API_KEY", CUSTOMER_FILE, "WEBHOOKS_API_KEY")


def store_api_key(operator: Api, key: str) -> bool:
    """Store a new API key for later commands, if it belongs to the Ringback of this machine.

    Args:
        operator: the caller that created the account or replaced its key.
        key: the new key of the account.

    Returns:
        whether the key was stored.

    Raises:
        OSError: the file cannot be written.
    """
    if not is_here(operator.url) or operator.key != ADMIN.read_stored():
        return False
    write_private(CUSTOMER_FILE, f"{CUSTOMER.name_in_file}={key}\n".encode())
    return True
