"""`python out_of_files.py URL CA`: calls a receiver by name and by address, first without open files.

It prints the outcomes as JSON: the reason of a shortage, a status, or a failure.
"""

from __future__ import annotations

import ipaddress
import json
import os
import resource
import sys
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

from harness.name_server import NameServer
from webhooks.http.call import Call, Outcome
from webhooks.http.destinations import read_url
from webhooks.http.resolver import Resolver
from webhooks.http.shortages import Shortage
from webhooks.http.transport import Transport

OPEN_FILES = 128


def ending(transport: Transport, url: str) -> object:
    """Make a call; return how it ended."""
    endings: list[Outcome | Shortage] = []
    ended = Event()

    def on_end(ending: Outcome | Shortage) -> None:
        endings.append(ending)
        ended.set()

    transport.send(Call(read_url(url), {}, b"{}"), on_end)
    if not ended.wait(10):
        return "nothing"
    outcome = endings[0]
    return outcome.reason if isinstance(outcome, Shortage) else outcome.failure or outcome.status


def main(url: str, authority: Path) -> None:
    """Call without open files and with some."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    named = url.replace(urlsplit(url).hostname or "", "localhost.example")
    with NameServer() as name_server:
        name_server.set("localhost.example", "127.0.0.1")
        resolver = Resolver([name_server.address])
        networks = [ipaddress.ip_network("127.0.0.0/8")]
        transport = Transport(5.0, "Ringback/test", networks, authority, resolver=resolver)
        urls = {"name": named, "address": url}
        held: list[int] = []
        try:
            while True:
                held.append(os.dup(0))
        except OSError:
            without = {kind: ending(transport, called) for kind, called in urls.items()}
        for number in held:
            os.close(number)
        afterwards = {kind: ending(transport, called) for kind, called in urls.items()}
        print(json.dumps({"without": without, "with": afterwards}))
        transport.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
