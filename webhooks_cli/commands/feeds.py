"""`webhooks feeds`: the feeds whose new items become events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from webhooks.actions.feed import FEED_TYPES
from webhooks_cli.answer_shapes import Feeds
from webhooks_cli.api import Api
from webhooks_cli.callers import as_customer
from webhooks_cli.completion import one_of
from webhooks_cli.output import json_option, print_answer, print_json, print_table

_COLUMNS = ("feedId", "type", "url", "title", "lastFetched", "lastError", "nextFetch", "active")
#: Other names for feedId and url, which the API has for older clients.
_ALIASES = ("id", "feedURL")


@click.group()
def feeds() -> None:
    """Follow feeds, whose new items become events."""


@feeds.command()
@click.argument("feed_url", metavar="URL")
@click.option(
    "--type",
    "kind",
    metavar="TYPE",
    shell_complete=one_of(FEED_TYPES),
    default=FEED_TYPES[0],
    show_default=True,
    help=f"{', '.join(FEED_TYPES)}; it is passed on in the events.",
)
@json_option
@as_customer
def add(api: Api, feed_url: str, kind: str, as_json: bool) -> None:
    """Follow a feed, RSS or Atom.

    Each new item becomes a `feed` event from now on. A URL that the profile follows already keeps its feedId, and
    gets the type.
    """
    _print(api.post("feed", url=feed_url, type=kind), as_json=as_json)


@feeds.command("list")
@json_option
@as_customer
def list_feeds(api: Api, as_json: bool) -> None:
    """List the profile's feeds.

    lastError says why the last poll failed, if it did; active, whether a webhook would be called.
    """
    followed = api.get("feed", shape=Feeds)["feeds"]
    if as_json:
        print_json(followed)
    else:
        print_table(_COLUMNS, [[feed.get(name) for name in _COLUMNS] for feed in followed])


@feeds.command()
@click.argument("feed_id")
@json_option
@as_customer
def remove(api: Api, feed_id: str, as_json: bool) -> None:
    """Stop following a feed. Its earlier items are still delivered."""
    _print(api.delete("feed", feedId=feed_id), as_json=as_json)


def _print(answer: Mapping[str, Any], *, as_json: bool) -> None:
    """Print an answer, as JSON or without the aliases."""
    printed = answer if as_json else {name: answer[name] for name in answer if name not in _ALIASES}
    print_answer(printed, as_json=as_json)
