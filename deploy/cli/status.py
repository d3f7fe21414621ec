"""Show every process: pid, port, state."""

from __future__ import annotations

import dataclasses
import json

import click

from deploy.launcher.look import look
from deploy.launcher.places import Places, home_folder


@click.command()
@click.option("--json", "as_json", is_flag=True, help="An array of process, pid, port, state.")
def status(as_json: bool) -> None:
    """Show every process of this folder as it is now, each asked by itself."""
    report = look(Places(home_folder()))
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(row) for row in report], indent=2))
    elif not report:
        click.echo("Nothing runs here. `make up` starts it.")
    else:
        # Imported late: neither is wanted for JSON.
        from deploy.launcher.screen import Screen
        from deploy.launcher.usual import counts_of

        Screen().table(report, counts_of(report))
