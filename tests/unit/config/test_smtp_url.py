"""SMTP_URL: when TLS is required, and which values are refused."""

from __future__ import annotations

import pytest

from config.settings import Settings, SettingsError
from config.smtp_url import SmtpServer, parse_smtp_url
from unit.config.test_settings import REQUIRED


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 587)),
        ("smtp://mail.example:25/", SmtpServer("mail.example", 25)),
        ("smtp://[2001:db8::1]:25", SmtpServer("2001:db8::1", 25)),
        ("smtp://mail.example?starttls=required", SmtpServer("mail.example", 587, starttls=True)),
        ("smtp://mail.example?starttls=no", SmtpServer("mail.example", 587, starttls=False)),
        ("smtp://u:p@mail.example", SmtpServer("mail.example", 587, "u", "p", starttls=True)),
        ("smtp://u:p@mail.example?starttls=required", SmtpServer("mail.example", 587, "u", "p", starttls=True)),
        ("smtp://u%40x:p%2F%3A@mail.example", SmtpServer("mail.example", 587, "u@x", "p/:", starttls=True)),
        ("smtp://u:p@localhost", SmtpServer("localhost", 587, "u", "p")),
        ("smtp://u:p@127.0.0.1:25", SmtpServer("127.0.0.1", 25, "u", "p")),
        ("smtp://u:p@[::1]:25?starttls=no", SmtpServer("::1", 25, "u", "p", starttls=False)),
        ("smtps://mail.example", SmtpServer("mail.example", 465, tls=True, starttls=False)),
        ("smtps://u:p@mail.example:466", SmtpServer("mail.example", 466, "u", "p", tls=True, starttls=False)),
    ],
)
def test_a_url_names_the_server_and_whether_tls_is_required(url: str, server: SmtpServer) -> None:
    """With a login it is, unless the server is on this machine."""
    assert parse_smtp_url(url) == server


def test_without_a_url_there_is_no_server() -> None:
    assert parse_smtp_url("") is None


@pytest.mark.parametrize(
    "url",
    [
        "canary.example:25",
        "http://canary.example",
        "smtp://",
        "smtp:///canary",
        "smtp://mail.example/canary",
        "smtp://mail.example#canary",
        "smtp://mail.example:canary",
        "smtp://mail.example:70000",
        "smtp://user:can/ary@mail.example",
        "smtp://canary@mail.example",
        "smtp://:canary@mail.example",
        "smtp://user:canary-é@mail.example",
        "smtp://mail.example?starttls=canary",
        "smtp://mail.example?canary=1",
        "smtp://u:canary@mail.example?starttls=no",
        "smtp://u:canary@10.0.0.1?starttls=no",
        "smtps://canary.example?starttls=no",
        "smtps://canary.example?starttls=required",
    ],
)
def test_a_malformed_url_is_refused_and_not_quoted(url: str) -> None:
    """It may contain a password, which is never sent unencrypted to another machine."""
    with pytest.raises(SettingsError, match=r"^SMTP_URL ") as refused:
        Settings.from_environment({**REQUIRED, "SMTP_URL": url})
    assert "canary" not in str(refused.value)


def test_printed_settings_contain_no_password() -> None:
    settings = Settings.from_environment({**REQUIRED, "SMTP_URL": "smtp://user:canary@mail.example"})
    assert settings.smtp is not None
    assert settings.smtp.password == "canary"
    assert "canary" not in f"{settings!r} {settings.smtp!r}"


@pytest.mark.parametrize(
    ("text", "display_name", "address"),
    [
        ("ringback@example.com", "", "ringback@example.com"),
        ("Ringback <ringback@example.com>", "Ringback", "ringback@example.com"),
        ('"Ringback, Inc." <r.b+x@example.com>', "Ringback, Inc.", "r.b+x@example.com"),
        ("Zoë's mails <ringback@localhost>", "Zoë's mails", "ringback@localhost"),
        ("<ringback@example.com>", "", "ringback@example.com"),
    ],
)
def test_a_sender_is_an_address_with_an_optional_name(text: str, display_name: str, address: str) -> None:
    sender = Settings.from_environment({**REQUIRED, "EMAIL_FROM": text}).email_from
    assert (sender.display_name, sender.addr_spec) == (display_name, address)


@pytest.mark.parametrize(
    "text",
    [
        "canary",
        "canary@",
        "@canary",
        "canary@a@b",
        "ca nary@example.com",
        "canary..x@example.com",
        '"canary"@example.com',
        "canary@[192.0.2.1]",
        "canary-é@example.com",
        "ringback@canäry.example",
        "canary@example.com, other@example.com",
        "canary: a@example.com;",
        "canary <a@example.com",
        "canary <a@example.com> b",
        "canary <<a@example.com>>",
        "a@example.com\r\nBcc: canary@example.com",
        "canary\nBcc: b <a@example.com>",
        "canary\u2028 <a@example.com>",
        "canary\udcff <a@example.com>",
        "=?utf-8?q?canary=0D=0ABcc:_b?= <a@example.com>",
        "=?utf-8?q?canary=0D=0A?=@example.com",
    ],
)
def test_a_malformed_sender_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^EMAIL_FROM must be an address") as refused:
        Settings.from_environment({**REQUIRED, "EMAIL_FROM": text})
    assert "canary" not in str(refused.value)
