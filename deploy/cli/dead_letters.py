"""List, show and replay what a line could not handle."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import click

from deploy.launcher.trouble import Trouble
from deploy.launcher.usual import settings
from shared.adapters.kafka.errors import Rejected
from shared.adapters.kafka.producer import Producer
from shared.application.ports import Unavailable
from shared.contract.topics import LineTopic, line_topic
from shared.runtime.dead_letters import DeadLetter, read_dead_letters, replay

_READ_BY_LINES = (LineTopic.SIGNALS, LineTopic.FINDINGS, LineTopic.COMMANDS)
T = TypeVar("T")


class _Offset(click.ParamType):
    name = "PARTITION:OFFSET"

    def convert(self, value: str, param: Any, ctx: Any) -> str:
        if not re.fullmatch(r"\d+:\d+", value):
            self.fail(f"{value!r} is not PARTITION:OFFSET, such as 0:17 (see `list`)", param, ctx)
        return value


@click.group()
def dead_letters() -> None:
    """What LINE could not handle: why, where from, and again."""


@dead_letters.command("list")
@click.argument("line")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a letter.")
def list_(line: str, as_json: bool) -> None:
    """List the dead letters of LINE, the oldest first."""
    letters = _run(lambda: _letters(line))
    for letter in letters:
        click.echo(json.dumps(_facts(letter), ensure_ascii=False) if as_json else _row(letter))
    if not as_json:
        click.echo(f"{len(letters)} dead letters of {line}")


@dead_letters.command()
@click.argument("line")
@click.option("--offset", "name", type=_Offset(), required=True, help="Which one; see `list`.")
def show(line: str, name: str) -> None:
    """Show one dead letter of LINE whole: reason, origin, headers, value."""
    letter = _only(_run(lambda: _letters(line)), line, name)
    told = _facts(letter) | {
        "headers": {key: raw.decode(errors="replace") for key, raw in letter.headers},
        "value": None if letter.value is None else letter.value.decode(errors="replace"),
    }
    click.echo(json.dumps(told, ensure_ascii=False, indent=2))


@dead_letters.command("replay")
@click.argument("line")
@click.option("--offset", "names", type=_Offset(), multiple=True, help="Which; may be repeated.")
@click.option("--all", "every", is_flag=True, help="All of them, the oldest first.")
def replay_(line: str, names: tuple[str, ...], every: bool) -> None:
    """Send dead letters of LINE again to the topic they came from.

    At least once: what was sent is printed line by line; after an error, go on with the rest. The
    letters themselves stay in the topic.
    """
    if every == bool(names):
        raise click.UsageError("give either --all or one --offset or more")
    sent, refused = _run(lambda: _replay(line, names, every))
    click.echo(f"{sent} sent again, {refused} not")
    if refused:
        raise SystemExit(1)


async def _letters(line: str) -> list[DeadLetter]:
    ours = settings()
    topic = ours.topic(line, LineTopic.DEAD_LETTERS)
    return [letter async for letter in read_dead_letters(ours.kafka, topic)]


async def _replay(line: str, names: tuple[str, ...], every: bool) -> tuple[int, int]:
    ours = settings()
    letters = await _letters(line)
    chosen = letters if every else [_only(letters, line, name) for name in names]
    known = {line_topic(ours.namespace, line, kind) for kind in _READ_BY_LINES}
    source = ours.topic(line, LineTopic.DEAD_LETTERS)
    producer = Producer(ours.kafka, "tenlines-replay")
    sent = refused = 0
    try:
        for letter in chosen:
            try:
                where = await replay(producer, source, letter, known)
            except (ValueError, Rejected) as error:
                refused += 1
                click.echo(f"{letter.name}: not sent: {error}")
            else:
                sent += 1
                click.echo(f"{letter.name}: sent to {where}")
    finally:
        await producer.stop()
    return sent, refused


def _run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    try:
        return asyncio.run(work())
    except Unavailable as error:
        raise Trouble(f"{error}. Is Kafka running there (TENLINES_KAFKA)?") from None
    except LookupError as error:
        raise Trouble(f"{error.args[0]}: is LINE the key of a line, such as dust?") from None


def _only(letters: list[DeadLetter], line: str, name: str) -> DeadLetter:
    for letter in letters:
        if letter.name == name:
            return letter
    raise Trouble(
        f"{line} has no dead letter {name}. "
        f"`tenlines dead-letters list {line}` shows the {len(letters)} that there are."
    )


def _row(letter: DeadLetter) -> str:
    origin = f"{letter.topic}[{letter.origin[0]}]@{letter.origin[1]}"
    reason = letter.reason.replace("\n", " ")
    return f"{letter.name}\t{letter.at:%Y-%m-%dT%H:%M:%SZ}\t{origin}\t{reason[:200]}"


def _facts(letter: DeadLetter) -> dict[str, Any]:
    return {
        "letter": letter.name,
        "at": letter.at.isoformat(),
        "reason": letter.reason,
        "tries": letter.tries,
        "topic": letter.topic,
        "partition": letter.origin[0],
        "offset": letter.origin[1],
        "key": None if letter.key is None else letter.key.decode(errors="replace"),
        "cut": letter.cut,
    }
