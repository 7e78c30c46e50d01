"""A group of commands whose help says whom each is for."""

from __future__ import annotations

import errno
import sys
from typing import Any

import click


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

    def invoke(self, ctx: click.Context) -> Any:
        """Run a subcommand; what stands in its way is told in one line. Ctrl-C ends it as it ends any program."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.exit(130)
        except OSError as error:
            if error.errno == errno.EPIPE:  # nobody reads what is printed: click ends quietly
                raise
            raise click.ClickException(str(error)) from error
