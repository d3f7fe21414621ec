"""Play a simulated county into a world of its own, and write down what was planted."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path

import click
import orjson

from deploy.cli._own_world import own_world
from deploy.launcher.trouble import Trouble
from deploy.simulation.county import SimulatedCounty
from deploy.simulation.playing import WorldClock, play
from deploy.simulation.truth import Incident
from shared.adapters.kafka.producer import Producer
from shared.application.ports import Unavailable
from shared.domain.moments import day_end, day_start, shanghai_day
from shared.runtime.clock import clock_for
from shared.runtime.settings import Settings


@click.command()
@click.option("--days", type=click.IntRange(1, 366), default=1, show_default=True)
@click.option("--speed", type=click.FloatRange(0, 100_000), default=60.0, show_default=True,
              help="Times as fast as life; 0: without waiting.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]),
              help="First day; the day after the one that the world has, when left out.")  # fmt: skip
@click.option("--truth", "file", type=click.Path(path_type=Path, dir_okay=False),
              default=Path("truth.jsonl"), show_default=True,
              help="Where the planted incidents are written, one JSON object a line.")  # fmt: skip
def simulate(days: int, speed: float, seed: int, start: datetime | None, file: Path) -> None:
    """Play a simulated county (模拟) into the world of the settings, and turn its clock along.

    The world must have a namespace of its own (TENLINES_NAMESPACE, not “tenlines”) and a clock that
    can be turned (TENLINES_TEST_CLOCK), and it must run with both. Lines look for silent devices
    every five seconds: at more than some hundred times as fast as life short silences pass unseen.
    """
    ours, clock = own_world()
    first = _first_day(ours, start)
    county = SimulatedCounty(seed, day_start(first), days)
    _write(file, county.truth)
    click.echo(f"{len(county.truth)} incidents from {first} on are written to {file}")
    try:
        sent = asyncio.run(_play(ours, clock, county, speed))
    except Unavailable as error:
        raise Trouble(f"Kafka does not take the signals: {error}") from None
    click.echo(f"\n{sent} signals")


def _first_day(ours: Settings, start: datetime | None) -> date:
    """Time only goes on: a world whose clock went back would see nothing but late readings."""
    now = clock_for(ours.test_clock).now()
    if start is None:
        return shanghai_day(day_end(shanghai_day(now)))
    return start.date()


def _write(file: Path, truth: tuple[Incident, ...]) -> None:
    text = b"".join(orjson.dumps(incident.as_json()) + b"\n" for incident in truth)
    file.write_bytes(text)


async def _play(ours: Settings, file: Path, county: SimulatedCounty, speed: float) -> int:
    producer = Producer(ours.kafka, f"{ours.namespace}.simulation", seconds=30)
    sent, told = 0, county.span.start
    try:
        steps = play(county.events(), producer, ours.namespace, WorldClock(file), speed)
        async for now, sent in steps:
            if now - told >= timedelta(minutes=10):
                told = now
                click.echo(f"\r{now + timedelta(hours=8):%m-%d %H:%M} {sent}", nl=False, err=True)
    finally:
        await producer.stop()
    return sent
