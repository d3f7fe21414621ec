"""`tenlines`: every sub-command is a module of this package, imported only when it is called.

A module `dead_letters.py` is the command `tenlines dead-letters`: its click command of the name
`dead_letters` is what runs, and the first line of its docstring is what `tenlines --help` says.
A command that is a word of Python's own, such as `import`, is the module and the name `import_`.
"""

from __future__ import annotations

import ast
import importlib
import keyword
import sys
from pathlib import Path

import click

from deploy.launcher.trouble import Trouble

_FOLDER = Path(__file__).parent


class _Commands(click.Group):
    """Finds commands by file name: help for all of them costs no import."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        files = [file.stem for file in _FOLDER.glob("*.py") if not file.stem.startswith("_")]
        return sorted(stem.removesuffix("_").replace("_", "-") for stem in files)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        name = _module(cmd_name)
        command = getattr(importlib.import_module(f"deploy.cli.{name}"), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(name)) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Trouble as trouble:
            click.echo(f"tenlines: {trouble}", err=True)
            sys.exit(1)


def _module(command: str) -> str:
    name = command.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) else name


def _summary(name: str) -> str:
    source = (_FOLDER / f"{_module(name)}.py").read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(source)) or ""
    return docstring.partition("\n")[0]


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run and look after the ten lines, the coordinator's desk and the gateway."""
