"""The text of e-mails, in which no value from outside can be mistaken for something else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from samples import sample
from webhooks.mail.mail import MailClaim
from webhooks.mail.text import MAX_NAME, MAX_REASON, Email, one_line, unlink_email
from webhooks.store.connection import moment

CREATED = moment(1_767_607_200_000)
#: Values that must stay on one line of their own, whatever a title, a name or a reason contains.
HOSTILE = [
    "a\r\nBcc: everybody@example.com",
    "a\nBcc: everybody@example.com",
    "a\rBcc: everybody@example.com",
    "a\x0bBcc: b\x0cBcc: c\x1cBcc: d\x85Bcc: e\u2028Bcc: f\u2029Bcc: g",
    "a\x00\x07\x1b[2J\x7f",
    "=?utf-8?q?a=0D=0ABcc:_everybody@example.com?=",
    "=?utf-8?b?DQpCY2M6IGV2ZXJ5Ym9keUBleGFtcGxlLmNvbQ==?=",
    "=\u200b?utf-8?q?=0D=0ABcc:_everybody@example.com?=",
    "=\ud800?utf-8?q?=0D=0ABcc:_everybody@example.com?=",
    "==??utf-8?q?=0D=0ABcc:_everybody@example.com?=",
    "\u202emoc.elpmaxe@ydobyreve\u202c \u2066a\u2069 \u200f",
    "\ud800 \udfff",
    "\ufeff\u200b\u2060\u00ad",
    "\U000e0041\U000e007f",
    "x" * 300,
    "é" * 300,
    "\u0301" * 300,
    "x" * 5_000,
    ".",
    "",
    " ",
]


def made_email(title: str = "Zoë's shop", **changes: Any) -> Email:
    """Return the e-mail for a sample event with these fields changed; those that are None are left out."""
    event = {"created": "2026-01-05T10:00:00Z", **sample("social-unlink-system", **changes)}
    payload = json.dumps({name: value for name, value in event.items() if value is not None})
    mail = MailClaim("sga1I90M3zybt6LOOFdQ", 1, 120.0, CREATED, "profile", "account", payload)
    return unlink_email(mail, title, ("ops@acme.example", "zoe@acme.example"))


def test_an_email_says_which_profile_which_network_why_and_what_to_do() -> None:
    assert made_email(details={"message": "The password was changed.", "code": 190}) == Email(
        mail_id="sga1I90M3zybt6LOOFdQ",
        created=CREATED,
        addresses=("ops@acme.example", "zoe@acme.example"),
        subject="Instagram was unlinked from Zoë's shop",
        text="""\
Instagram was unlinked from the profile "Zoë's shop". You did not ask for that: Instagram has
ended the connection, or it could not be used any more.

Profile: Zoë's shop
Network: Instagram
Account: example.bakery
Reason: The password was changed. (code 190)
Time: 2026-01-05T10:00:00Z

What to do: link Instagram to this profile again. If the reason speaks of a password, a permission
or a check, see to that at Instagram first. Nothing is posted there for this profile until then.

Reference: sga1I90M3zybt6LOOFdQ
""",
    )


def test_missing_fields_of_the_event_are_called_unknown() -> None:
    lines = made_email(displayName=None, details=None).text.splitlines()
    assert "Account: not known" in lines
    assert "Reason: not told" in lines


def test_a_reason_without_a_code_has_none() -> None:
    assert "Reason: Gone." in made_email(details={"message": "Gone."}).text.splitlines()


@pytest.mark.parametrize(("platform", "name"), [("gmb", "Google Business Profile"), ("mastodon", "mastodon")])
def test_an_unknown_network_has_the_name_from_the_event(platform: str, name: str) -> None:
    assert made_email(platform=platform).subject == f"{name} was unlinked from Zoë's shop"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_of_others_stays_on_its_own_line(hostile: str) -> None:
    usual = [line.partition(":")[0] for line in made_email("title", platform="network").text.split("\n")]
    changed = made_email(
        hostile,
        platform=hostile or "x",
        displayName=hostile,
        created=hostile,
        details={"message": hostile, "code": 190, "status": hostile},
    )
    assert [line.partition(":")[0] for line in changed.text.split("\n")][3:10] == usual[3:10]
    assert len(changed.text.split("\n")) == len(changed.text.splitlines()) + 1 == len(usual)
    assert len(changed.subject.splitlines()) == 1
    assert len(changed.subject) <= 2 * MAX_NAME + 20
    assert max(map(len, changed.text.splitlines())) <= MAX_REASON + 20
    assert "=?" not in changed.subject


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain", "plain"),
        ("  a \t b  ", "a b"),
        ("a\r\n\r\nb", "a b"),
        ("a\u2028b\x85c", "a b c"),
        ("so\u00adft\u200b", "soft"),
        ("\u202eevil\u202c", "evil"),
        ("lone \ud800half", "lone half"),
        ("=?utf-8?q?x?=", "= ?utf-8?q?x?="),
        ("=\u200b?", "= ?"),
        ("Bäckerei 店 👩\u200d🍳", "Bäckerei 店 👩\u200d🍳"),
        ("0123456789", "0123456789"),
        ("0123456789 ", "0123456789"),
    ],
)
def test_invisible_characters_are_left_out(text: str, line: str) -> None:
    assert one_line(text, 30) == line


def test_a_text_that_is_too_long_is_cut() -> None:
    assert one_line("0123456789", 10) == "0123456789"
    assert one_line("0123456789a", 10) == "012345678…"
