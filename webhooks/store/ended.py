"""An ended delivery in Redis: one compressed text instead of a hash, a third of its size."""

from __future__ import annotations

import zlib

import msgspec
from isal import isal_zlib
from msgspec import Struct

from webhooks.deliveries.claim import Entry
from webhooks.store.connection import milliseconds
from webhooks.store.log import written_line

#: How the text is compressed: raw, in a window of 4 kB, and by ISA-L, which takes half of zlib's time for 2 % more
#: bytes. Any deflate implementation can write such texts, and zlib reads them.
_LEVEL, _WINDOW = 1, -12
#: The dictionary: parts of most events, the most frequent last. It makes a text a quarter shorter. All stored
#: texts need it, so it can never change.
_DICTIONARY = (
    b'","mediaUrls":["https://","postIds":[{"status":"success","id":"","platform":"","postUrl":"https://www.",'
    b'"errors":[],"subAction":"messageCreated","conversationId":"","senderId":"","recipientId":"","message":"",'
    b'"senderDetails":{"id":"","username":"","name":"","attachments":[],"feedId":"","item":{"title":"",'
    b'"link":"https://","description":"","image":"","published":"","guid":"","feed":{"id":"","title":"","type":"rss",'
    b'"scheduleDate":"","status":"error","type":"unlink","link","refresh","platform":"facebook","twitter","tiktok",'
    b'"linkedin","instagram","source":"user","system","displayName":"","details":{"status":"error","code":,'
    b'"message":"The ","refreshBy":"2026-00:00:00Z","code":200,"hookId":""}","delivered","exhausted",17,'
    b'["{\\"attempt\\":1,\\"at\\":17,\\"retry\\":false,\\"status\\":200,\\"error\\":null,\\"ms\\":1,'
    b'\\"phases\\":[0,0,0,],\\"url\\":\\"https://hooks.www."]'
    b'["social","scheduled","{\\"action\\":\\"social\\",\\"refId\\":\\"\\",\\"type\\":\\"\\",\\"platform\\":\\"'
)


class Ended(Struct, frozen=True, array_like=True):
    """The stored values of an ended delivery.

    Attributes:
        created: when it was accepted, in milliseconds since 1970.
        log: a line for each attempt (`webhooks.store.log`).
        platform: the network of the event, if a plan must include it; older packed texts lack this field.
    """

    action: str
    profile: str
    account: str
    owner: str
    title: str
    payload: str
    state: str
    created: int
    log: list[str]
    platform: str | None = None


def ended_by(entry: Entry) -> Ended:
    """Return the stored values of a delivery that ends with this entry."""
    claim = entry.claim
    lines = [written_line(attempt) for attempt in claim.attempts]
    if entry.attempt is not None:
        lines.append(written_line(entry.attempt))
    return Ended(
        action=claim.action,
        profile=claim.profile,
        account=claim.account,
        owner=claim.owner,
        title=claim.title,
        payload=claim.payload,
        state=entry.state.value,
        created=milliseconds(claim.created),
        log=lines,
        platform=claim.platform,
    )


def packed(ended: Ended) -> bytes:
    """Return the stored form: the values in order as JSON, compressed."""
    deflate = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _WINDOW, zdict=_DICTIONARY)
    return deflate.compress(msgspec.json.encode(ended)) + deflate.flush()


def unpacked(stored: bytes) -> Ended:
    """Return the values that `packed` was given."""
    text = zlib.decompressobj(_WINDOW, zdict=_DICTIONARY).decompress(stored)
    return msgspec.json.decode(text, type=Ended)
