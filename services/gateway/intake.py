"""From raw records to a batch: what each topic carries, and what cannot be read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson
from pydantic import ValidationError

from services.gateway.signposts import is_signpost
from shared.adapters.mongo.read_model import Batch
from shared.application.ports import AnyEntry
from shared.contract.envelope import (
    CHANGE,
    COMMAND,
    ENTRY,
    MAX_BYTES,
    REPLY,
    Unreadable,
    attribute,
    decode,
)
from shared.contract.messages import Answer, Change, Command
from shared.contract.topics import LineTopic, SharedTopic, line_topic, shared_topic
from shared.domain.decide import entry_from
from shared.runtime.worker.record import Record

READ = (LineTopic.LEDGER, LineTopic.HISTORY, LineTopic.COMMANDS)


def sources(namespace: str, lines: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Topic → (line or empty, kind), for everything that the read model is made from."""
    found = {
        line_topic(namespace, line, kind): (line, kind.value) for line in lines for kind in READ
    }
    replies = shared_topic(namespace, SharedTopic.REPLIES)
    return {**found, replies: ("", SharedTopic.REPLIES.value)}


@dataclass
class Intake:
    """Records, sorted by what is to be done with them."""

    batch: Batch = field(default_factory=Batch)
    changes: list[tuple[Record, Change]] = field(default_factory=list)
    signposts: list[tuple[Record, Answer]] = field(default_factory=list)
    unreadable: list[tuple[Record, str]] = field(default_factory=list)


def take_in(records: Iterable[Record], known: Mapping[str, tuple[str, str]]) -> Intake:
    intake = Intake()
    for record in records:
        line, kind = known[record.topic]
        try:
            _sort(record, line, kind, intake)
        except Unreadable as error:
            intake.unreadable.append((record, str(error)))
    return intake


def _sort(record: Record, line: str, kind: str, intake: Intake) -> None:
    match kind:
        case LineTopic.LEDGER:
            intake.batch.entries.append(_entry(record, line))
        case LineTopic.HISTORY:
            change = decode(Change, CHANGE, record.headers, record.value)
            _same("entry", record.key, change.entry)
            intake.batch.changes.append(change)
            intake.changes.append((record, change))
        case LineTopic.COMMANDS:
            command = decode(Command, COMMAND, record.headers, record.value)
            if command.reply:
                intake.batch.commands.append((line, command))
        case _:
            answer = decode(Answer, REPLY, record.headers, record.value)
            if is_signpost(answer):
                intake.signposts.append((record, answer))
            else:
                intake.batch.answers.append(answer)


def _entry(record: Record, line: str) -> AnyEntry:
    found = attribute(record.headers, "type")
    if found != ENTRY:
        raise Unreadable(f"ce_type is {found!r}, expected {ENTRY!r}")
    if record.value is None:
        raise Unreadable("the record has no value")
    if len(record.value) > MAX_BYTES:
        raise Unreadable(f"the value has {len(record.value)} bytes, the most is {MAX_BYTES}")
    try:
        entry = entry_from(orjson.loads(record.value))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "/".join(str(part) for part in first["loc"])
        raise Unreadable(f"{where}: {first['msg']}") from None
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable(f"the value is no entry: {error}") from None
    _same("id", record.key, entry.id)
    if entry.line != line:
        raise Unreadable(f"an entry of line {entry.line!r} in the ledger of {line!r}")
    return entry


def _same(what: str, key: bytes | None, said: str) -> None:
    if key != said.encode():
        # The ledger is compacted by key: under a foreign one it would be lost or lose another.
        raise Unreadable(f"the key is {key!r}, not the {what} {said!r}")
