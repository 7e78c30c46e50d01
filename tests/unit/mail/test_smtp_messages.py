"""Messages: Python and any parser of RFC 2047 read what was written."""

from __future__ import annotations

import base64
import email
import email.policy
import quopri
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.headerregistry import Address

from hypothesis import example, given, settings
from hypothesis import strategies as st

from webhooks.mail.smtp.messages import written
from webhooks.mail.text import MAX_REASON, Email, one_line

SENDER = Address("Ringback", "ringback", "mails.example")
DECODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "7bit": bytes,
    "quoted-printable": quopri.decodestring,
    "base64": base64.b64decode,
}
ENCODED_WORD = r"=\?([^?\s]+)\?([bq])\?([^?\s]*)\?="
WORDS = [
    *("🍕", "😀", "à", "店", "при", "שלום", "مرحبا", "e\u0301", "👩\u200d🍳", "Zoë's", "…", "x" * 40, "y" * 80),
    *("a", "word", "=", "?", "_", "?=", "=_", ",", '"', "\\", "(x)", "<a@b.example>", ";", ":", "@", "."),
]
#: All kinds of titles, as they appear in a subject: on one line, and within its maximum length.
titles = st.one_of(
    st.text(max_size=120),
    st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join),
    st.lists(st.sampled_from([*WORDS, " "]), max_size=30).map("".join),
).map(lambda text: one_line(text, 230))
#: Reasons for an unlink, as they appear in a text.
reasons = st.text(max_size=MAX_REASON).map(lambda text: one_line(text, MAX_REASON))
#: Values of EMAIL_FROM.
names = titles.filter(lambda name: not set('<>"\\') & set(name))


def message(subject: str = "subject", sender: Address = SENDER, text: str = "text\n") -> bytes:
    created = datetime(2026, 1, 5, tzinfo=UTC)
    return written(Email("id", created, ("ops@acme.example",), subject, text), sender).as_bytes()


def header(content: bytes, name: str) -> str:
    """Return a header without its line breaks, which stand before blanks (RFC 5322, section 2.2.3)."""
    found = re.search(rf"(?m)^{name}:((?:[^\r\n]|\r\n )*)", content.partition(b"\r\n\r\n")[0].decode("ascii"))
    assert found is not None
    return found[1].replace("\r\n", "").strip(" ")


def decoded(text: str) -> str:
    """Decode encoded words, without the blanks between two of them (RFC 2047, section 6.2)."""
    joined = re.sub(rf"({ENCODED_WORD}) +(?={ENCODED_WORD})", r"\1", text)
    return re.sub(ENCODED_WORD, _decoded_word, joined)


def _decoded_word(word: re.Match[str]) -> str:
    assert len(word[0]) <= 75
    charset, encoding, content = word.groups()
    encoded = content.encode()
    raw = base64.b64decode(encoded) if encoding == "b" else quopri.decodestring(encoded, header=True)
    return raw.decode(charset)  # by itself: no character is divided


def check_lines(content: bytes) -> None:
    head, _, body = content.partition(b"\r\n\r\n")
    assert all(len(line) <= 76 for line in head.split(b"\r\n") if b"=?" in line)
    assert all(len(line) <= 78 and line.strip(b" ") for line in head.split(b"\r\n") if line != b"Subject: ")
    assert all(len(line) <= 78 for line in body.split(b"\r\n"))


@given(titles)
@example("🍕 🍕 😀 à")
@example("Instagram was unlinked from 店 店 店 店 店 店 店 店 店 店 店 店 店 店 店 店 店 店 店 店 店 店 店 店")
@settings(derandomize=True, database=None, max_examples=500)
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    content = message(subject)
    check_lines(content)
    assert decoded(header(content, "Subject")) == subject
    assert email.message_from_bytes(content, policy=email.policy.default)["Subject"] == subject
    assert str(make_header(decode_header(header(content, "Subject")))) == subject


@given(names)
@example("🍕 🍕 😀 à")
@example("Ring, back " + "long " * 20 + "name")
@settings(derandomize=True, database=None, max_examples=500)
def test_a_senders_name_is_read_as_it_was_written(name: str) -> None:
    content = message(sender=Address(name, SENDER.username, SENDER.domain))
    check_lines(content)
    shown, _, address = header(content, "From").rpartition(" ")
    quoted = re.fullmatch(r'"(.*)"', shown)
    assert (quoted[1] if quoted else decoded(shown)) == name
    assert address.strip("<>") == SENDER.addr_spec
    assert quoted is not None or not set("(),:;@[]") & set(shown)


@given(st.lists(titles | reasons, min_size=1, max_size=5))
@settings(derandomize=True, database=None)
def test_the_text_is_read_as_it_was_written(lines: list[str]) -> None:
    content = message(text="".join(f"{line}\n" for line in lines))
    check_lines(content)
    body = content.partition(b"\r\n\r\n")[2]
    encoding = header(content, "Content-Transfer-Encoding")
    assert re.split("\r?\n", DECODERS[encoding](body).decode()) == [*lines, ""]
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    assert re.split("\r?\n", parsed.get_content()) == [*lines, ""]


def test_many_recipients_have_a_line_each() -> None:
    addresses = tuple(f"somebody.with.a.long.name.{number}@acme.example" for number in range(20))
    email = Email("id", datetime(2026, 1, 5, tzinfo=UTC), addresses, "subject", "text\n")
    content = written(email, SENDER).as_bytes()
    check_lines(content)
    assert header(content, "To").split(", ") == list(addresses)
