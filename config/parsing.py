"""Parsers of settings. The message of each error completes a sentence that begins with the setting's name."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from email.headerregistry import Address
from pathlib import Path
from typing import TypeVar

from cryptography.fernet import Fernet

from config.amqp_url import parse_broker_url
from config.redis_url import parse_redis_url
from config.smtp_url import parse_smtp_url
from config.tls_files import check_tls_files, has_authorities
from config.urls import is_wrong_ipv4

T = TypeVar("T")
#: A hundred years; dates that are much later overflow.
MAX_DAYS = 36_500
#: Bounds of seconds from one poll of a feed to the next.
MIN_INTERVAL, MAX_INTERVAL = 1, 86_400
#: Bounds of the seconds of an exchange with a receiver: in less than a tenth, none could be completed.
MIN_TIMEOUT, MAX_TIMEOUT = 0.1, 3_600
#: The maximum number of retries, and of the seconds until one.
MAX_RETRIES, MAX_DELAY = 8, 86_400

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAME_OF_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_SENDER = re.compile(
    rf'(?:"?(?P<name>[^<>"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*?)"? *<)?'
    rf"(?P<username>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)(?(name)>)"
)


class Malformed(ValueError):
    """A setting has a wrong value; the message completes a sentence that begins with the setting's name."""


def each(parse: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    """Return a parser for a comma-separated list whose parts `parse` reads; blank parts are ignored."""

    def parse_list(text: str) -> tuple[T, ...]:
        return tuple(parse(part.strip()) for part in text.split(",") if part.strip())

    return parse_list


def some(parse: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    """Return a parser for such a list that must not be empty."""

    def parse_list(text: str) -> tuple[T, ...]:
        if not (values := each(parse)(text)):
            raise Malformed("must hold at least one key")
        return values

    return parse_list


def redis_url(text: str) -> str:
    """Parse the URL of a Redis server or of its Sentinels."""

    def check(text: str) -> None:
        check_tls_files(parse_redis_url(text).tls or {})

    return _that_passes(check, text)


def broker_url(text: str) -> str:
    """Parse the URL of a RabbitMQ, or nothing."""

    def check(text: str) -> None:
        if (server := parse_broker_url(text)) is not None:
            check_tls_files(server.tls or {})

    return _that_passes(check, text)


def smtp_url(text: str) -> str:
    """Parse the URL of an SMTP server, or nothing."""
    return _that_passes(parse_smtp_url, text)


def _that_passes(check: Callable[[str], object], text: str) -> str:
    try:
        check(text)
    except ValueError as error:  # with its own message
        raise Malformed(str(error)) from None
    return text


def sender(text: str) -> Address:
    """Parse `ringback@example.com` or `Ringback <ringback@example.com>`."""
    match = _SENDER.fullmatch(text)
    if match is None or "=?" in text:  # it would be read as an encoded word
        raise Malformed("must be an address such as ringback@example.com, or Ringback <ringback@example.com>")
    return Address(match["name"] or "", match["username"], match["domain"])


def port(text: str) -> int:
    """Parse a port number."""
    if not re.fullmatch("[0-9]{1,5}", text) or not 0 < int(text) < 65_536:
        raise Malformed("must be a port number from 1 to 65535")
    return int(text)


def host(text: str) -> str:
    """Parse an address to listen on, or the name of one."""
    try:
        is_address = "%" not in str(ipaddress.ip_address(text))
    except ValueError:
        is_address = False
    if not is_address and (is_wrong_ipv4(text) or not _NAME_OF_HOST.fullmatch(text)):
        raise Malformed("must be an IP address without brackets or port, or a name that has one")
    return text


def network(text: str) -> Network:
    """Parse a network such as `10.0.0.0/8`, or a single address."""
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise Malformed("must hold networks that begin with their first address, such as 10.0.0.0/8") from None


def count(largest: int) -> Callable[[str], int]:
    """Return a parser for a whole number from 0 to `largest`."""

    def parse_count(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or int(text) > largest:
            raise Malformed(f"must be a whole number from 0 to {largest}")
        return int(text)

    return parse_count


def positive(text: str) -> float:
    """Parse a number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise Malformed("must hold positive numbers only")
    return number


def days(text: str) -> float:
    """Parse a number of days."""
    if (days := positive(text)) > MAX_DAYS:
        raise Malformed(f"must be at most {MAX_DAYS}")
    return days


def interval(text: str) -> float:
    """Parse the number of seconds between two polls."""
    return _within(MIN_INTERVAL, positive(text), MAX_INTERVAL)


def timeout(text: str) -> float:
    """Parse the number of seconds that an exchange may take."""
    return _within(MIN_TIMEOUT, positive(text), MAX_TIMEOUT)


def retry_delays(text: str) -> tuple[float, ...]:
    """Parse the numbers of seconds until each retry."""
    delays = each(positive)(text)
    if len(delays) > MAX_RETRIES or max(delays, default=0) > MAX_DELAY:
        raise Malformed(f"must hold at most {MAX_RETRIES} numbers, each at most {MAX_DELAY}")
    return delays


def _within(least: float, number: float, most: float) -> float:
    if not least <= number <= most:
        raise Malformed(f"must be from {least} to {most}")
    return number


def bearer_key(text: str) -> str:
    """Parse a key that fits into an Authorization header."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise Malformed("must hold printable ASCII keys without spaces")
    return text


def fernet_key(text: str) -> str:
    """Parse a key for `cryptography.fernet`."""
    try:
        Fernet(text)
    except ValueError:
        raise Malformed("must hold Fernet keys (32 random bytes in URL-safe base64)") from None
    return text


def name_server(text: str) -> str:
    """Parse `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or `[2001:db8::53]:5353`."""
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::([0-9]+))?", text)
    plain = re.fullmatch(r"([^:]+):([0-9]+)", text)
    address, number = bracketed.groups() if bracketed else plain.groups() if plain else (text, None)
    try:
        version = ipaddress.ip_address(address).version
        if number is not None:
            port(number)
        # c-ares ignores what it cannot read, such as a zone after an address.
        is_readable = "%" not in address and not (bracketed and version == 4)
    except ValueError:
        is_readable = False
    if not is_readable:
        raise Malformed("must hold IP addresses, each with a port if it is not 53")
    return text


def ca_bundle(text: str) -> Path | None:
    """Parse the path of a PEM file with authorities, or nothing."""
    if text and not has_authorities(text):
        raise Malformed("must name a readable PEM file of CAs")
    return Path(text) if text else None
