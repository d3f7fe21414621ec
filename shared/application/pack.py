"""A county pack's way into a line's ledgers: only what changed, as commands, never over a person.

Command ids are `pack:<number>:<entry>`, so a crash half-way or a second replica repeats nothing.
An entry that a person changed since the pack last wrote it is listed as pending instead.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from shared.application.handler import Handler
from shared.contract.messages import Command
from shared.declaration.county.changes import AppliedPack, Difference, Step, changes
from shared.declaration.county.county import County
from shared.declaration.county.rows import ResponsibilityRow, TaskRow
from shared.domain.actor import system
from shared.domain.decide import CREATES
from shared.domain.entry import Kind
from shared.domain.moments import Clock, Moment
from shared.domain.refusal import Refusal

Row = ResponsibilityRow | TaskRow


class PackPending(BaseModel):
    """A difference that waits for a person, since a person changed the entry."""

    model_config = ConfigDict(frozen=True)

    entry: str
    step: Step
    fields: tuple[str, ...]
    wanted: dict[str, Any] | None
    """The row as the pack has it; None where the pack ends it."""


class PackState(BaseModel):
    """What a line remembers of the pack it applied last."""

    model_config = ConfigDict(frozen=True)

    applied: AppliedPack
    entries: dict[str, str]
    """Row id of the pack → entry id in the ledger, for the rows of this line."""
    pending: tuple[PackPending, ...] = ()
    at: Moment


class PackStore(Protocol):
    """Where a line keeps its PackState."""

    async def load(self) -> PackState | None: ...

    async def save(self, state: PackState) -> None:
        """Durable when it returns; an older pack number never replaces a newer one."""
        ...


class PackNotApplied(Exception):
    """A difference was refused by the ledger: a bug in the pack or in us, said loudly."""


@dataclass(frozen=True)
class _Step:
    kind: Kind
    difference: Difference[Any]


class PackApplier:
    """Applies packs to the ledgers of one line."""

    def __init__(self, line: str, handler: Handler, store: PackStore, clock: Clock) -> None:
        self._line = line
        self._handler = handler
        self._store = store
        self._clock = clock

    async def apply(self, county: County) -> PackState:
        """Bring this line's ledgers to what `county` says; returns what is now in force.

        Raises PackRefused for a pack that is older or changed without a new number.
        """
        last = await self._store.load()
        found = changes(last.applied if last else None, county)
        if last is not None and last.applied.number == found.number:
            return last
        entries = dict(last.entries) if last else {}
        pending = list(last.pending) if last else []
        for step in self._steps(found.rows, found.tasks):
            waits = await self._take(step, found.number, entries)
            if waits is not None:
                pending = [*(p for p in pending if p.entry != waits.entry), waits]
        state = PackState(
            applied=AppliedPack.of(county, last.applied if last else None),
            entries=entries,
            pending=tuple(pending),
            at=self._clock.now(),
        )
        await self._store.save(state)
        return state

    def _steps(
        self,
        rows: tuple[Difference[ResponsibilityRow], ...],
        tasks: tuple[Difference[TaskRow], ...],
    ) -> Iterator[_Step]:
        yield from (_Step(Kind.RESPONSIBILITY, d) for d in rows if d.line == self._line)
        yield from (_Step(Kind.TASK, d) for d in tasks if d.line == self._line)

    async def _take(self, step: _Step, number: int, entries: dict[str, str]) -> PackPending | None:
        difference = step.difference
        if difference.step is Step.ADD:
            entry = self._free_id(difference.entry, number, entries)
            name, body = CREATES[step.kind], _create_body(difference.after)
        else:
            entry = entries[difference.entry]
            name, body = _body_of(step, number)
        no = await self._give(step.kind, entry, name, body, number)
        if no is None:
            entries[difference.entry] = entry
            return None
        if no.type == "edited-by-person":
            return PackPending(
                entry=entry,
                step=difference.step,
                fields=difference.fields,
                wanted=difference.after.model_dump(mode="json") if difference.after else None,
            )
        raise PackNotApplied(f"pack {number}: {entry}: {name}: {no.detail}")

    def _free_id(self, row: str, number: int, entries: dict[str, str]) -> str:
        """Ids name the line, since a row may move; a row that comes back is a new entry."""
        entry = f"{self._line}-{row}"
        return f"{entry}-p{number}" if entries.get(row) else entry

    async def _give(
        self, kind: Kind, entry: str, name: str, body: dict[str, Any], number: int
    ) -> Refusal | None:
        """Why not, or None. The ledger itself refuses to write over a person, so no version need
        be named, and a second run after a crash says the very same thing and gets its answer."""
        answer = await self._handler.handle(
            Command(
                id=f"pack:{number}:{entry}",
                kind=kind,
                entry=entry,
                name=name,
                body=body,
                actor=system("pack"),
                issued_at=self._clock.now(),
                reply=False,
            )
        )
        return answer.refusal


def _create_body(row: Row | None) -> dict[str, Any]:
    assert row is not None, "an added row is there"
    left_out = {"id", "line", "item", "department_name"}
    return row.model_dump(mode="json", exclude=left_out, exclude_none=True)


def _body_of(step: _Step, number: int) -> tuple[str, dict[str, Any]]:
    """(command, body) for an entry that stands already."""
    if step.difference.step is Step.CHANGE:
        return "change", _change_body(step.difference, number)
    last = "effective_to" if step.kind is Kind.RESPONSIBILITY else "ended_on"
    day = step.difference.on.isoformat()
    return "end", {last: day, "reason": f"配置包第 {number} 号不再列入"}


def _change_body(difference: Difference[Any], number: int) -> dict[str, Any]:
    assert difference.after is not None
    after = difference.after.model_dump(mode="json")
    body = {field: after[field] for field in difference.fields if field != "department_name"}
    body["reason"] = f"配置包第 {number} 号"
    if isinstance(difference.after, ResponsibilityRow):
        # The new name of a department comes from the directory; its text goes along so that a
        # renaming alone is a change too.
        body |= {"text": after["text"], "effective_from": difference.on.isoformat()}
    return body
