"""Tables that a command writes into a document, between two marks that a reader does not see."""

from __future__ import annotations

from pathlib import Path


def write_between_marks(file: Path, name: str, text: str) -> None:
    """Put a text between the marks `name: begin` and `name: end` in a file; they are added if it has none."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    old = file.read_text(encoding="utf-8") if file.exists() else ""
    if begin not in old:
        old = f"{old}\n{begin}\n{end}\n".lstrip()
    head, _, rest = old.partition(begin)
    file.write_text(f"{head}{begin}\n{text}\n{end}{rest.partition(end)[2]}", encoding="utf-8")
