"""The standard streams, whatever stands behind them: a terminal of any encoding, a pipe, a full disk, nothing."""

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
    """Let letters that an encoding has not be written as escapes, and a closed standard input be an empty one.

    Click takes a stream in ASCII for a mistake and writes UTF-8 to it. Under another name it leaves it alone.
    """
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115  for as long as the process lives
    for stream in _streams():
        if isinstance(stream, io.TextIOWrapper):
            is_ascii = codecs.lookup(stream.encoding).name == "ascii"
            encoding = _ESCAPED_ASCII if is_ascii else stream.encoding
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def output_encoding() -> str:
    """Return the encoding of standard output."""
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a standard stream is a terminal; one that is closed is None."""
    return stream is not None and stream.isatty()


@contextmanager
def ending_with_the_pipe() -> Iterator[None]:
    """End as other programs do when nobody reads what is printed: by SIGPIPE, without a word.

    The signal is not left to the system from the start, as it would also come when a server ends a connection.
    """
    try:
        yield
    except BrokenPipeError:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.raise_signal(signal.SIGPIPE)


def drop_what_cannot_be_written() -> None:
    """Forget what a stream still holds and cannot write: the interpreter would try again at its end."""
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
