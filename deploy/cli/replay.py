"""Play recorded signals: in memory, to see what the rules make of them, or into a world."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import click
import orjson

from deploy.cli._own_world import own_world
from deploy.launcher.trouble import Trouble
from deploy.launcher.usual import settings
from deploy.lines import all_lines
from deploy.replay.events import BadEvent, EventReader, on_its_way
from deploy.replay.telling import one, told
from deploy.simulation.playing import WorldClock, play
from shared.adapters.kafka.producer import Producer
from shared.adapters.pack import PackError, load_pack
from shared.application.ports import Unavailable
from shared.runtime.clock import clock_for
from shared.runtime.rehearsal.rehearsal import Arrival, Rehearsal
from shared.runtime.settings import Settings

MOST = 2_000_000
"""Events that are sorted in memory."""


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--dry", is_flag=True, help="In memory: all lines, no Kafka, nothing is kept.")
@click.option("--speed", type=click.FloatRange(0, 100_000), default=600.0, show_default=True,
              help="Times as fast as life; 0: without waiting.")  # fmt: skip
@click.option("--json", "machine", is_flag=True, help="With --dry: one JSON object a problem.")
def replay(file: click.utils.LazyFile, dry: bool, speed: float, machine: bool) -> None:
    """Play the CloudEvents of FILE (`-`: standard input), one JSON object a line, as the intakes
    print them with --dry-run; they are sorted by the time of their observation.

    With --dry the county's rules are tried on them in memory. Without it they go into the world of
    the settings, whose clock is turned along: never into the office's own namespace.
    """
    try:
        arrivals = sorted(_bounded(EventReader(all_lines()).read(file)), key=lambda a: a.at)
    except BadEvent as error:
        raise Trouble(f"{file.name}: {error}") from None
    if not arrivals:
        raise Trouble(f"{file.name}: no events in it")
    click.echo(
        f"{len(arrivals)} signals, {arrivals[0].at:%Y-%m-%d %H:%M}Z to "
        f"{arrivals[-1].at:%Y-%m-%d %H:%M}Z",
        err=True,
    )
    if dry:
        _rehearse(arrivals, machine)
    else:
        ours, clock = own_world()
        _check_time(clock, arrivals[0].at)
        try:
            sent = asyncio.run(_send(ours, clock, arrivals, speed))
        except Unavailable as error:
            raise Trouble(f"Kafka does not take the signals: {error}") from None
        click.echo(f"\n{sent} signals sent", err=True)


def _bounded(arrivals: Iterable[Arrival]) -> list[Arrival]:
    found: list[Arrival] = []
    for arrival in arrivals:
        if len(found) == MOST:
            raise Trouble(f"more than {MOST} events: play them in parts")
        found.append(arrival)
    return found


def _rehearse(arrivals: list[Arrival], machine: bool) -> None:
    try:
        county = load_pack(settings().county)
    except PackError as error:
        raise Trouble(str(error)) from None
    played = Rehearsal(all_lines(), county)
    asyncio.run(played.play(arrivals))
    if machine:
        for line, problem in played.problems:
            sys.stdout.buffer.write(orjson.dumps(one(line, problem)) + b"\n")
    else:
        for text in told(played):
            click.echo(text)


def _check_time(file: Path, first: datetime) -> None:
    """Time only goes on: to a world that is later all of them would be late."""
    clock = clock_for(file)
    now = clock.now()
    if now > first + timedelta(minutes=10):
        offset = _read(file) - (now - first).total_seconds()
        raise Trouble(
            f"In this world it is {now:%Y-%m-%d %H:%M}Z already, after the first of these signals. "
            f"Begin with a fresh one: `make down`, `make reset`, write {offset:.0f} (seconds) into "
            f"{file}, `make up`, all with the same settings."
        )


def _read(file: Path) -> float:
    return float(file.read_text()) if file.exists() else 0.0


async def _send(ours: Settings, file: Path, arrivals: list[Arrival], speed: float) -> int:
    producer = Producer(ours.kafka, f"{ours.namespace}.replay", seconds=30)
    sent, told_at = 0, arrivals[0].at
    events = (on_its_way(arrival) for arrival in arrivals)
    try:
        steps = play(events, producer, ours.namespace, WorldClock(file), speed)
        async for now, sent in steps:
            if now - told_at >= timedelta(minutes=10):
                told_at = now
                click.echo(f"\r{now:%Y-%m-%d %H:%M}Z {sent}", nl=False, err=True)
    finally:
        await producer.stop()
    return sent
