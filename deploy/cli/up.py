"""Start everything and keep it running until Ctrl-C."""

from __future__ import annotations

import click

from deploy.launcher import detached, processes
from deploy.launcher.detached import ENGINES
from deploy.launcher.lock import Lock
from deploy.launcher.places import Places, home_folder
from deploy.launcher.screen import Screen
from deploy.launcher.state import rows
from deploy.launcher.supervisor import Supervisor
from deploy.launcher.usual import counts_of, usual_world
from deploy.launcher.world import World


def _services(_ctx: click.Context, _param: click.Parameter, value: str | None) -> list[str] | None:
    if value is None:
        return None
    return [part for part in value.replace(" ", "").split(",") if part not in ("", ENGINES)]


def _numbers(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> dict[str, int]:
    numbers = {}
    for value in values:
        for pair in value.split(","):
            name, _, number = pair.partition("=")
            if not number.isdecimal():
                raise click.BadParameter(f"{pair!r} is not NAME=NUMBER, as in dust=2")
            numbers[name.strip()] = int(number)
    return numbers


@click.command()
@click.option("--detach", is_flag=True, help="Return when all is ready; it runs on.")
@click.option(
    "--only", callback=_services, help="Only these services: dust,gateway. `engines`: none of them."
)
@click.option("--replicas", multiple=True, callback=_numbers, help="More processes of one: dust=2.")
def up(detach: bool, only: list[str] | None, replicas: dict[str, int]) -> None:
    """Start Kafka, MongoDB, the ten lines, the desk and the gateway, and keep them running.

    Progress is shown while it downloads and starts; Ctrl-C ends everything cleanly. The data
    stays in `.tenlines/`.
    """
    try:
        processes.names(only, replicas)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    screen = Screen()
    world = usual_world(Places(home_folder()), only, replicas, screen.say)
    try:
        if detach:
            Lock(world.places.lock).check()
            world.check_ports()
            world.prepare()
            report = detached.start(world.places, only, replicas, screen.progress)
            screen.table(report, counts_of(report))
            screen.say("It runs on: `make status`, `make logs`, `make down`.")
            return

        def on_ready(world: World) -> None:
            report = rows(world.keepers.values())
            screen.table(report, counts_of(report))
            screen.say("All is ready. Ctrl-C ends it.")

        def watch(world: World) -> None:
            screen.progress(rows(world.keepers.values()))

        Supervisor(world, screen.say, watch).run(on_ready)
        screen.say("stopped")
    finally:
        screen.rest()
