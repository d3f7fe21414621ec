"""Follow the logs of all processes, each line with its process's name."""

from __future__ import annotations

import time
from itertools import cycle

import click

from deploy.launcher.logs import Tail
from deploy.launcher.places import Places, home_folder

_COLOURS = ["cyan", "green", "yellow", "blue", "magenta", "bright_cyan", "bright_green"]


@click.command()
@click.argument("names", nargs=-1)
@click.option("--lines", default=10, show_default=True, help="So many old lines of each first.")
@click.option("--follow/--no-follow", default=True, show_default=True, help="Wait for more.")
def logs(names: tuple[str, ...], lines: int, follow: bool) -> None:
    """Show the logs of all processes, or of the processes NAMES. Ctrl-C ends it."""
    folder = Places(home_folder()).logs
    colours = cycle(_COLOURS)
    tails: dict[str, tuple[Tail, str]] = {}
    while True:
        for file in sorted(folder.glob("*.log")):
            if file.stem not in tails and (not names or file.stem in names):
                tails[file.stem] = (Tail(file, lines), next(colours))
        if not tails and not follow:
            raise click.ClickException(f"there is no such log in {folder}")
        width = max(map(len, tails), default=0)
        for name, (tail, colour) in tails.items():
            for line in tail.read():
                click.echo(click.style(f"{name:<{width}} │ ", fg=colour) + line)
        if not follow:
            return
        try:
            time.sleep(0.2)
        except KeyboardInterrupt:
            return
