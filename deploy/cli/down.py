"""End everything cleanly. The data stays."""

from __future__ import annotations

import click

from deploy.launcher import detached
from deploy.launcher.places import Places, home_folder


@click.command()
def down() -> None:
    """End what `tenlines up` runs here: services first, then the engines. The data stays."""
    places = Places(home_folder())
    click.echo("stopped" if detached.stop(places) else "Nothing runs here.")
