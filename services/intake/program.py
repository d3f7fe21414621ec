"""What the CSV programs have in common: files in, events out, rejects and progress on stderr."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import click

from services.intake.events import Event, send
from services.intake.rows import BadTable, RowError, lines_of
from shared.adapters.kafka.errors import Rejected
from shared.adapters.kafka.producer import Producer
from shared.adapters.pack import PackError, load_pack
from shared.application.ports import Unavailable
from shared.declaration.county import County
from shared.runtime.settings import Settings

ALL_TAKEN, SOME_REJECTED, FAILED = 0, 1, 2
"""Exit codes."""


@dataclass
class Tally:
    """How the rows of a run fared."""

    taken: int = 0
    rejected: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    """Rows that are right but not wanted, by reason."""

    def drop(self, reason: str) -> None:
        self.dropped[reason] = self.dropped.get(reason, 0) + 1

    def __str__(self) -> str:
        dropped = "".join(f"，{reason} {count}" for reason, count in self.dropped.items())
        return (
            f"发出 {self.taken}，退回 {self.rejected}{dropped}"
            f" / {self.taken} taken, {self.rejected} rejected,"
            f" {sum(self.dropped.values())} dropped"
        )


Reader = Callable[[Iterable[str], Tally], Iterator[Event | RowError]]
"""From the lines of one file to events. May raise BadTable."""


def run(files: tuple[str, ...], reader: Reader, encoding: str, dry_run: bool) -> int:
    """Read `files` (`-`: standard input) and print or send what is in them. The exit code."""
    tally = Tally()
    events = _events(files, reader, encoding, tally)
    try:
        if dry_run:
            for event in events:
                sys.stdout.buffer.write(event.as_json() + b"\n")
            sys.stdout.flush()
        else:
            asyncio.run(_send(events, tally))
    except (BadTable, OSError, UnicodeDecodeError, LookupError) as error:
        click.echo(f"读不了 / cannot read: {_said(error)}", err=True)
        return FAILED
    except (Unavailable, Rejected) as error:
        click.echo(
            f"没有送到 Kafka，可整个重来，重复的会被认出 / not sent; run it again, copies are known:"
            f" {error}",
            err=True,
        )
        return FAILED
    click.echo(str(tally), err=True)
    return SOME_REJECTED if tally.rejected else ALL_TAKEN


def county_of(settings: Settings) -> County:
    """The pack named by TENLINES_COUNTY. Exits with FAILED and its problems when it is wrong."""
    try:
        return load_pack(settings.county)
    except PackError as error:
        click.echo(str(error), err=True)
        raise SystemExit(FAILED) from None


def _events(files: tuple[str, ...], reader: Reader, encoding: str, tally: Tally) -> Iterator[Event]:
    for name in files:
        with _opened(name, encoding) as file:
            try:
                for found in reader(lines_of(file), tally):
                    if isinstance(found, RowError):
                        tally.rejected += 1
                        click.echo(f"{name}: {found}", err=True)
                    else:
                        tally.taken += 1
                        yield found
            except BadTable as error:
                raise BadTable(f"{name}: {error}") from None


def _opened(name: str, encoding: str) -> TextIO:
    if name == "-":
        return open(sys.stdin.fileno(), encoding=encoding, closefd=False)
    return Path(name).open(encoding=encoding)


async def _send(events: Iterator[Event], tally: Tally) -> None:
    settings = Settings()
    producer = Producer(settings.kafka, client_id="intake-csv")
    try:
        async with aclosing(send(events, producer, settings.namespace)) as confirmed:
            async for count in confirmed:
                click.echo(f"已送 {count} / {count} confirmed", err=True)
    finally:
        await producer.stop()


def _said(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"不是 {error.encoding}，试试 --encoding gb18030 / another encoding? {error.reason}"
    return str(error)
