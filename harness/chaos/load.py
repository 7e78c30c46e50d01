"""The producer: a steady load on the API, and a file with every answer."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import requests

from harness.chaos.records import NotedAnswer, read_answers

#: The number of a hundred events for each path of the receiver.
MIX: Mapping[str, int] = {"ok": 80, "flaky": 10, "failing": 5, "slow": 5}
#: The timeout of a producer in seconds; the API should answer within 3.
PATIENCE = 15.0
THREADS = 4


class Notebook:
    """The producer's file: a line for each answer, flushed before the next request."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("a", encoding="ascii")
        self._changed = threading.Condition()
        self._accepted = 0

    def write(self, answer: NotedAnswer) -> None:
        """Write an answer."""
        with self._changed:
            self._file.write(answer.line())
            self._file.flush()
            self._accepted += len(answer.hook_ids)
            self._changed.notify_all()

    def answers(self) -> list[NotedAnswer]:
        """Return the answers in the file."""
        return read_answers(self._path.read_text(encoding="ascii").splitlines())

    def wait_for_another(self, deadline: float) -> bool:
        """Wait for the next 202; returns whether it came."""
        with self._changed:
            before = self._accepted
            return self._changed.wait_for(lambda: self._accepted > before, deadline)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Producer:
    """Sends events, each once, without retries. Each thread needs its own.

    Args:
        url: the URL of the API.
        key: the producer's key.
        ref_ids: the profile whose webhook is each path of the receiver.
    """

    def __init__(self, url: str, key: str, ref_ids: Mapping[str, str], notebook: Notebook) -> None:
        self._url = f"{url}/api/events"
        self._ref_ids = ref_ids
        self._notebook = notebook
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy leads to this machine
        self._session.headers["Authorization"] = f"Bearer {key}"

    def send(self, path: str) -> NotedAnswer:
        """Send one event for a path of the receiver."""
        return self._post(self._event(path))

    def send_many(self, paths: Sequence[str]) -> NotedAnswer:
        """Send many events in one request."""
        return self._post({"events": [self._event(path) for path in paths]})

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def _event(self, path: str) -> dict[str, Any]:
        return {"action": "social", "refId": self._ref_ids[path], "type": "link", "platform": "instagram"}

    def _post(self, body: dict[str, Any]) -> NotedAnswer:
        began = time.monotonic()
        status, hook_ids = None, []
        try:
            answer = self._session.post(self._url, json=body, timeout=PATIENCE)
            if answer.status_code == 202:
                content = answer.json()
                hook_ids = [event["hookId"] for event in content.get("events", [content])]
            status = answer.status_code
        except (requests.RequestException, ValueError):
            status = None
        noted = NotedAnswer(time.time(), time.monotonic() - began, status, tuple(hook_ids))
        self._notebook.write(noted)
        return noted


class Load:
    """Events at a steady rate during the block.

    Args:
        producers: one for each thread.
        rate: events per second of all threads together.
        seed: the seed of the random mix.
    """

    def __init__(self, producers: Sequence[Producer], rate: float, seed: int) -> None:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(one, len(producers) / rate, random.Random(seed + number)))  # noqa: S311
            for number, one in enumerate(producers)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.daemon = True
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _run(self, producer: Producer, interval: float, chance: random.Random) -> None:
        due = time.monotonic() + chance.random() * interval
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            producer.send(any_path(chance))
            # Events that an outage delayed are not sent in a burst.
            due = max(due + interval, time.monotonic())
        producer.close()


def any_path(chance: random.Random) -> str:
    """Return a random path of the receiver, with the frequencies of the mix."""
    (path,) = chance.choices(list(MIX), list(MIX.values()))
    return path
