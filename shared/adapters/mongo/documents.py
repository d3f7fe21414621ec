"""Entries, outbox items, changes and receipts as documents, and back."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from shared.adapters.mongo.client import Document
from shared.application.changes import fields_that_differ
from shared.application.findable import findable
from shared.application.ports import AnyEntry, Outgoing, Waiting
from shared.contract.messages import Answer, Change, Command
from shared.contract.trace import Trace
from shared.domain.context import Directory
from shared.domain.decide import entry_from

_AS_THEY_ARE = frozenset({str, int, float, bool, datetime, type(None)})


def plain(value: Any) -> Any:
    """`value` in BSON's types: moments stay dates (UTC, ms), days become ISO strings."""
    kind = type(value)
    if kind in _AS_THEY_ARE:  # nearly all of them, and every write of an entry comes through here
        return value
    if kind is list or kind is tuple:
        return [plain(member) for member in value]
    match value:
        case Mapping():
            return {key: plain(member) for key, member in value.items()}
        case Enum():
            return value.value
        case date() if not isinstance(value, datetime):
            return value.isoformat()
        case list() | tuple():
            return [plain(member) for member in value]
    return value


def entry_fields(entry: AnyEntry) -> Document:
    """What stands under `entry`: every field, so that an index finds a missing value as null."""
    fields: Document = plain(entry.model_dump(mode="python"))
    return fields


def entry_document(entry: AnyEntry, revision: int, directory: Directory) -> Document:
    """A whole entry document, the same in a line and in the read model; without an outbox."""
    return {
        "_id": entry.id,
        "revision": revision,
        "entry": entry_fields(entry),
        "find": findable(entry, directory),
    }


def entry_of(document: Mapping[str, Any]) -> AnyEntry:
    return entry_from(document["entry"])


def changed_fields(before: AnyEntry, after: AnyEntry) -> Document:
    """Dotted paths of the top-level fields that differ, for `$set`."""
    names = fields_that_differ(before, after)
    fields: Document = plain(after.model_dump(mode="python", include=names))
    return {f"entry.{name}": value for name, value in fields.items()}


def item_of(outgoing: Outgoing, revision: int) -> Document:
    return {
        "revision": revision,
        "at": outgoing.at,
        "answer": _told(outgoing.answer, "entry"),
        "change": _told(outgoing.change, "said", "changed") if outgoing.change else None,
        "follow_ups": [[line, c.model_dump(mode="json")] for line, c in outgoing.follow_ups],
        **({"trace": outgoing.trace.said()} if outgoing.trace is not None else {}),
    }


def _told(message: Answer | Change, *in_json: str) -> Document:
    """A message in its JSON form. These of its fields hold JSON already, and most of its bytes."""
    told = message.model_dump(mode="json", exclude=set(in_json))
    return told | {name: getattr(message, name) for name in in_json}


def waiting_from(entry_id: str, item: Mapping[str, Any]) -> Waiting:
    outgoing = Outgoing(
        answer=Answer.model_validate(item["answer"]),
        change=Change.model_validate(item["change"]) if item["change"] else None,
        at=item["at"],
        follow_ups=tuple((line, Command.model_validate(raw)) for line, raw in item["follow_ups"]),
        trace=Trace.heard(item.get("trace")),
    )
    return Waiting(entry_id=entry_id, revision=item["revision"], outgoing=outgoing)


def history_id(entry_id: str, version: int) -> str:
    """Ordered as versions are, within one entry."""
    return f"{entry_id}:{version:08d}"


def change_document(change: Change) -> Document:
    """A filed change: its JSON form beside its `_id`."""
    return {"_id": history_id(change.entry, change.version), **change.model_dump(mode="json")}


def receipt_document(answer: Answer, filed_at: datetime) -> Document:
    """A receipt; it is kept for RECEIPT_DAYS after `filed_at`, also where it was handed over."""
    return {
        "_id": answer.command,
        "entry_id": answer.entry_id,
        "at": answer.at,
        "filed_at": filed_at,
        "answer": answer.model_dump(mode="json"),
    }
