"""What a decision leaves behind: the change for the history, the answer for the caller."""

from typing import Any

from shared.application.ports import AnyEntry, Outgoing
from shared.contract.messages import Answer, Change, Command
from shared.domain.decide import Decision
from shared.domain.moments import Moment
from shared.domain.problem import Problem
from shared.domain.refusal import Refusal

_ON_EVERY_CHANGE = frozenset({"version", "updated_at", "updated_by"})


def difference(before: AnyEntry | None, after: AnyEntry) -> dict[str, list[Any]]:
    """Field → [before, after] in JSON form, without what every change touches."""
    names = fields_that_differ(before, after) - _ON_EVERY_CHANGE
    new = _told(after, names)
    old = _told(before, names) if before is not None else {}
    return {field: [old.get(field), value] for field, value in new.items()}


def fields_that_differ(before: AnyEntry | None, after: AnyEntry) -> set[str]:
    """Most fields of the next version are the same objects: only what differs need be written out."""
    names = type(after).model_fields.keys()
    if before is None:
        return set(names)
    old, new = before.__dict__, after.__dict__
    return {name for name in names if old[name] is not new[name] and old[name] != new[name]}


def _told(entry: AnyEntry, names: set[str]) -> dict[str, Any]:
    fields = entry.model_dump(mode="json", include=names)
    if fields.get("sightings"):
        # The points stand in the problem itself. History is kept for ever, and a monitor that is
        # above its limit all day would write all of them again every minute, twice.
        del fields["sightings"]["readings"]
    return fields


def applied(
    command: Command,
    before: AnyEntry | None,
    decision: Decision,
    follow_ups: tuple[tuple[str, Command], ...],
    at: Moment,
) -> Outgoing:
    """The outbox item of a change."""
    after = decision.entry
    assert isinstance(after, AnyEntry)
    change = Change(
        entry=after.id,
        kind=after.kind,
        line=after.line,
        version=after.version,
        before=before.version if before is not None else after.version - 1,
        rule=decision.rule,
        command=command.id,
        actor=command.actor,
        reason=decision.reason,
        said=decision.body.model_dump(mode="json", exclude_defaults=True),
        # The first version is the entry itself; repeating it would double the history's size.
        changed=difference(before, after) if before is not None else {},
        number=after.number if isinstance(after, Problem) else None,
        at=at,
    )
    answer = Answer(
        command=command.id,
        digest=command.digest(),
        outcome="applied",
        line=after.line,
        kind=after.kind,
        entry_id=after.id,
        name=command.name,
        version=after.version,
        rule=decision.rule,
        entry=after.model_dump(mode="json"),
        hops=command.hops,
        at=at,
    )
    return Outgoing(answer=answer, change=change, at=at, follow_ups=follow_ups)


def refused(command: Command, refusal: Refusal, line: str, at: Moment) -> Answer:
    """The answer that says no."""
    return Answer(
        command=command.id,
        digest=command.digest(),
        outcome="refused",
        line=line,
        kind=command.kind,
        entry_id=command.entry,
        name=command.name,
        refusal=refusal,
        hops=command.hops,
        at=at,
    )
