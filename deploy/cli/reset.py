"""Delete all data of this folder, after asking."""

from __future__ import annotations

import shutil

import click

from deploy.launcher.lock import Lock
from deploy.launcher.places import Places, home_folder


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Delete the engines' data and the logs. Downloads stay. Refused while it runs."""
    places = Places(home_folder())
    lock = Lock(places.lock)
    lock.take()
    try:
        if not yes:
            click.confirm(f"Delete all data in {places.data}, for good?", abort=True)
        for folder in (places.data, places.logs):
            shutil.rmtree(folder, ignore_errors=True)
        places.state.unlink(missing_ok=True)
        click.echo("All data is deleted. `make up` starts afresh.")
    finally:
        lock.release()
