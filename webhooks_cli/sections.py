"""A group of commands whose help says whom each is for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from webhooks_cli.streams import drop_what_cannot_be_written, ending_with_the_pipe, prepare_streams


class SectionedGroup(click.Group):
    """A group whose commands stand in sections."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._sections: dict[str, list[click.Command]] = {}

    def add_section(self, title: str, *commands: click.Command) -> None:
        """Add commands below a title."""
        self._sections[title] = list(commands)
        for command in commands:
            self.add_command(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's
        """Write the sections, with their commands in the order they were added."""
        width = max(len(name) for name in self.commands)
        for title, commands in self._sections.items():
            with formatter.section(title):
                room = formatter.width - width - 6
                rows = [(f"{command.name:<{width}}", command.get_short_help_str(room)) for command in commands]
                formatter.write_dl(rows)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command line; whatever it prints, and wherever, there is no traceback."""
        prepare_streams()
        try:
            with ending_with_the_pipe():
                return super().main(*args, **extra)
        finally:
            drop_what_cannot_be_written()

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the command line, and print the help if it asks for that."""
        with _told_in_a_line():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a subcommand; what stands in its way is told in one line. Ctrl-C ends it as it ends any program."""
        try:
            with _told_in_a_line():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.exit(130)


@contextmanager
def _told_in_a_line() -> Iterator[None]:
    """Let what the system refuses be told as what it says, and of which file."""
    try:
        with ending_with_the_pipe():
            yield
    except OSError as error:
        reason = error.strerror or str(error)
        told = reason if error.filename is None else f"{error.filename}: {reason}"
        raise click.ClickException(told) from error
