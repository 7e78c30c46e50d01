"""A group of commands whose help lists them in sections, by the people they are for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from webhooks_cli.streams import discard_unwritable_output, ending_with_the_pipe, prepare_streams


class SectionedGroup(click.Group):
    """A group whose commands are listed in sections."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._sections: dict[str, list[click.Command]] = {}

    def add_section(self, title: str, *commands: click.Command) -> None:
        """Add commands under a title."""
        self._sections[title] = list(commands)
        for command in commands:
            self.add_command(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's
        """Write the sections, with their commands in the order in which they were added."""
        width = max(len(name) for name in self.commands)
        for title, commands in self._sections.items():
            with formatter.section(title):
                help_width = formatter.width - width - 6
                rows = [
                    (f"{command.name:<{width}}", command.get_short_help_str(help_width)) for command in commands
                ]
                formatter.write_dl(rows)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command line; no state of the standard streams causes a traceback."""
        prepare_streams()
        try:
            with ending_with_the_pipe():
                return super().main(*args, **extra)
        finally:
            discard_unwritable_output()

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Parse the command line; with --help, print the help."""
        with _os_errors_in_one_line():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a subcommand. An OSError is printed in one line; Ctrl-C ends the program with 130."""
        try:
            with _os_errors_in_one_line():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.exit(130)


@contextmanager
def _os_errors_in_one_line() -> Iterator[None]:
    """Turn an OSError into a message of one line, with the name of the file."""
    try:
        with ending_with_the_pipe():
            yield
    except OSError as error:
        reason = error.strerror or str(error)
        message = reason if error.filename is None else f"{error.filename}: {reason}"
        raise click.ClickException(message) from error
