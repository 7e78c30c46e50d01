"""The text of e-mails, and the result of handing one over.

Parts of the text come from outside: titles from customers, names and reasons from networks. Each is on a separate
line, has a maximum length, and has no invisible characters, so that it cannot be mistaken for anything else.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webhooks.mail.mail import MailClaim

#: The maximum number of characters of a name, and of a reason.
MAX_NAME = 100
MAX_REASON = 1_000

_NETWORKS = {
    "bluesky": "Bluesky",
    "facebook": "Facebook",
    "gmb": "Google Business Profile",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "pinterest": "Pinterest",
    "reddit": "Reddit",
    "snapchat": "Snapchat",
    "telegram": "Telegram",
    "threads": "Threads",
    "tiktok": "TikTok",
    "twitter": "X (Twitter)",
    "youtube": "YouTube",
}
#: Two invisible characters that emoji and some scripts need.
_JOINERS = "\u200c\u200d"

_TEXT = """\
{network} was unlinked from the profile "{title}". You did not ask for that: {network} has
ended the connection, or it could not be used any more.

Profile: {title}
Network: {network}
Account: {account}
Reason: {reason}
Time: {time}

What to do: link {network} to this profile again. If the reason speaks of a password, a permission
or a check, see to that at {network} first. Nothing is posted there for this profile until then.

Reference: {reference}
"""


@dataclass(frozen=True)
class Email:
    """An e-mail that is ready to be handed over.

    Attributes:
        mail_id: becomes the message's id, which is the same in each try.
        created: the message's date.
        addresses: the recipients that it shows.
        subject: one line.
        text: lines that end with a newline.
    """

    mail_id: str
    created: datetime
    addresses: tuple[str, ...]
    subject: str
    text: str


@dataclass(frozen=True)
class Handover:
    """The result of handing an e-mail over. Addresses in neither list can be tried again.

    Attributes:
        taken: the addresses for which it was accepted.
        refused: the addresses for which it was refused for good.
        reason: why it was not accepted, without addresses; None if it was.
    """

    taken: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    reason: str | None = None


def unlink_email(mail: MailClaim, title: str, addresses: tuple[str, ...]) -> Email:
    """Return the e-mail for a `social` event that says that the system unlinked an account.

    Args:
        title: the title of the profile.
    """
    event = json.loads(mail.payload)
    network, name = _network(event["platform"]), one_line(title, MAX_NAME)
    text = _TEXT.format(
        network=network,
        title=name,
        account=one_line(event.get("displayName", ""), MAX_NAME) or "not known",
        reason=_reason(event.get("details", {})),
        time=one_line(event["created"], MAX_NAME),
        reference=mail.mail_id,
    )
    return Email(mail.mail_id, mail.created, addresses, f"{network} was unlinked from {name}", text)


def one_line(text: str, longest: int) -> str:
    """Return `text` as one line of up to `longest` visible characters.

    `=?` begins an encoded word, which Python's `email` decodes wherever it stands in a header, line breaks and
    all, so it is split.
    """
    seen = " ".join("".join(map(_seen, text)).split()).replace("=?", "= ?")
    return seen if len(seen) <= longest else f"{seen[: longest - 1]}…"


def _seen(email: str) -> str:
    match unicodedata.category(email):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cf" | "Cs" if email not in _JOINERS:
            return ""
    return email


def _network(platform: str) -> str:
    return _NETWORKS.get(platform) or one_line(platform, MAX_NAME) or "The network"


def _reason(details: Mapping[str, Any]) -> str:
    message = one_line(details.get("message", ""), MAX_REASON) or "not told"
    return f"{message} (code {details['code']})" if "code" in details else message
