"""Look at what HJ 212 devices send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import click
import orjson

from services.intake.hj212.describing import described
from services.intake.hj212.protocol.crc import Habit
from services.intake.hj212.protocol.framing import Broken, Frame, Framer

_CHUNK = 65_536


@click.group()
def hj212() -> None:
    """Look at what HJ 212 devices send (2005, 2017, 2025)."""


@hj212.command()
@click.argument("file", type=click.File("rb"))
@click.option(
    "--crc",
    "habit",
    type=click.Choice([*(habit.value for habit in Habit), "auto"]),
    default="auto",
    show_default=True,
    help="Which check sum is right; auto: any that devices are known to send.",
)
def parse(file: BinaryIO, habit: str) -> None:
    """Print one JSON object for each packet in FILE (“-”: standard input), right or wrong.

    FILE holds raw bytes as a device sends them, or a log: text before and after a packet does not
    matter. What a device has to be set to stands in `crc_matches` and `error`.

    Exits 1 only when FILE cannot be read or holds no packet at all.
    """
    framer = Framer()
    out = click.get_binary_stream("stdout")
    right = wrong = 0
    for found in _packets(framer, file):
        said = described(found, None if habit == "auto" else Habit(habit))
        right, wrong = right + said["ok"], wrong + (not said["ok"])
        out.write(orjson.dumps(said) + b"\n")
    out.flush()
    click.echo(
        f"{right + wrong} 包:{right} 对,{wrong} 错;其余 {framer.noise} 字节不属于任何包"
        f" / {right} right, {wrong} wrong, {framer.noise} bytes between packets",
        err=True,
    )
    if not right + wrong:
        raise SystemExit(1)


def _packets(framer: Framer, file: BinaryIO) -> Iterator[Frame | Broken]:
    while chunk := file.read(_CHUNK):
        yield from framer.feed(chunk)
    yield from framer.finish()
