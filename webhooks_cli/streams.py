"""The standard streams: a terminal with any encoding, a pipe, a file on a full disk, or closed."""

from __future__ import annotations

import codecs
import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

_ESCAPED_ASCII = "escaped_ascii"


def prepare_streams() -> None:
    """Escape characters that the encoding of a stream lacks, and replace a closed standard input by an empty one.

    Click assumes that a stream in ASCII is misconfigured and writes UTF-8 to it. It accepts ASCII under another
    name.
    """
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115  stays open until the process ends
    for stream in _streams():
        if isinstance(stream, io.TextIOWrapper):
            is_ascii = codecs.lookup(stream.encoding).name == "ascii"
            encoding = _ESCAPED_ASCII if is_ascii else stream.encoding
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def output_encoding() -> str:
    """Return the encoding of standard output."""
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a standard stream is a terminal; a closed stream is None."""
    return stream is not None and stream.isatty()


@contextmanager
def ending_with_the_pipe() -> Iterator[None]:
    """End silently by SIGPIPE, as other programs do, when the reader of a pipe has closed it.

    The default action of SIGPIPE is not restored at the start, because a server that closes a connection sends it
    too.
    """
    try:
        yield
    except BrokenPipeError:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.raise_signal(signal.SIGPIPE)


def discard_unwritable_output() -> None:
    """Discard buffered output that cannot be written. The interpreter would try again at its end, and fail."""
    for stream in _streams():
        try:
            stream.flush()
        except OSError:
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _streams() -> list[TextIO]:
    return [stream for stream in (sys.stdout, sys.stderr) if stream is not None and not stream.closed]


def _find_codec(name: str) -> codecs.CodecInfo | None:
    if name != _ESCAPED_ASCII:
        return None
    ascii_codec = codecs.lookup("ascii")
    return codecs.CodecInfo(
        ascii_codec.encode,
        ascii_codec.decode,
        incrementalencoder=ascii_codec.incrementalencoder,
        incrementaldecoder=ascii_codec.incrementaldecoder,
        name=_ESCAPED_ASCII,
    )


codecs.register(_find_codec)
