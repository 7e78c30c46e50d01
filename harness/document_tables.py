"""Tables that a command writes into a document, between two invisible marks."""

from __future__ import annotations

from pathlib import Path


def write_between_marks(file: Path, name: str, text: str) -> None:
    """Replace the text between the marks `name: begin` and `name: end` of a file; missing marks are added."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    old = file.read_text(encoding="utf-8") if file.exists() else ""
    if begin not in old:
        old = f"{old}\n{begin}\n{end}\n".lstrip()
    before, _, after = old.partition(begin)
    file.write_text(f"{before}{begin}\n{text}\n{end}{after.partition(end)[2]}", encoding="utf-8")
