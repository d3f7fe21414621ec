"""`tenlines rules …`: what a line's rules remember, and what they would have found."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from pathlib import Path

import click
import orjson

from deploy.backtest.run import Backtest
from deploy.backtest.run import backtest as run_backtest
from deploy.backtest.stored import stored_signals
from deploy.backtest.telling import as_json, told
from deploy.launcher.trouble import Trouble
from deploy.launcher.usual import connected, settings
from deploy.lines import line_of
from shared.adapters.mongo.memories import MongoMemories
from shared.adapters.mongo.meta import MongoMeta
from shared.adapters.pack import PackError, load_pack
from shared.application.ports import Unavailable
from shared.declaration.county.keys import LINE_KEYS
from shared.domain.moments import day_start
from shared.runtime.clock import clock_for
from shared.runtime.worker.same_topics import forget_positions as forget


@click.group()
def rules() -> None:
    """规则的记忆与回测 / what a line's rules remember, and second thoughts."""


@rules.command("forget-positions")
@click.argument("line", type=click.Choice(LINE_KEYS))
def forget_positions(line: str) -> None:
    """Let LINE's rules go on after its Kafka topics were made anew. Stop the line first."""
    try:
        count = asyncio.run(_forget(line))
    except Unavailable as error:
        raise Trouble(f"MongoDB does not answer, nothing was changed: {error}") from None
    click.echo(f"{line}: {count} states let go of their positions")


async def _forget(line: str) -> int:
    ours = settings()
    client = connected(ours)
    try:
        db = client[ours.database(line)]
        return await forget(MongoMemories(db), MongoMeta(db))
    finally:
        client.close()


def _moment(_context: click.Context, option: click.Parameter, given: str | None) -> datetime | None:
    """A day of Asia/Shanghai, or a time with its offset; in UTC."""
    if given is None:
        return None
    try:
        if len(given) == len("2026-01-15"):
            return day_start(date.fromisoformat(given))
        moment = datetime.fromisoformat(given)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise click.BadParameter(
            f"{given!r} 不是日期或带时区的时刻,应写 2026-01-15 或 2026-01-15T08:00:00+08:00"
        )
    return moment


@rules.command()
@click.argument("line", type=click.Choice(LINE_KEYS))
@click.option("--since", required=True, callback=_moment, help="A day, or a time with its offset.")
@click.option("--until", callback=_moment, help="Before this; now, when it is left out.")
@click.option(
    "--pack",
    type=click.Path(path_type=Path),
    help="Folder of the other county pack; without it the same pack is played twice.",
)
@click.option("--json", "machine", is_flag=True, help="One JSON object.")
def backtest(
    line: str, since: datetime, until: datetime | None, pack: Path | None, machine: bool
) -> None:
    """Play LINE's stored signals under the county's pack and another: what would have been
    different, problem by problem. Reads the database, writes nothing."""
    try:
        found = asyncio.run(_backtest(line, since, until, pack))
    except Unavailable as error:
        raise Trouble(f"MongoDB does not answer: {error}") from None
    except PackError as error:
        raise Trouble(str(error)) from None
    if not found.signals:
        raise Trouble(
            f"{line}: no signals are stored from {since.isoformat()} on; they are kept for the "
            "days that rules.yaml says (signals.keep_days)"
        )
    if machine:
        click.echo(orjson.dumps(as_json(found)))
    else:
        for text in told(found):
            click.echo(text)


async def _backtest(
    key: str, since: datetime, until: datetime | None, pack: Path | None
) -> Backtest:
    ours = settings()
    clock = clock_for(ours.test_clock)
    until = until or clock.now()
    if since >= until:
        raise Trouble(f"--since {since.isoformat()} is not before {until.isoformat()}")
    line = line_of(key)
    county = load_pack(ours.county)
    other = load_pack(pack) if pack is not None else county
    client = connected(ours)

    def progress(at: datetime, count: int) -> None:
        click.echo(f"\r{at:%Y-%m-%d %H:%M}Z {count}", nl=False, err=True)

    try:
        database = {each: ours.database(each) for each in (line.key, *line.follows)}
        signals = stored_signals(client, database, line, since, until, clock)
        found = await run_backtest(line, county, other, signals, until, progress)
        click.echo("", err=True)
        return found
    finally:
        client.close()
