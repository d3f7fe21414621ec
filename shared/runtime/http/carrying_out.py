"""The rows of an import carried out: each a command, each with its own outcome."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shared.application.ledgers.new_rows import NewRow
from shared.application.ledgers.returned_rows import REPORT, ReturnedRow
from shared.application.ports import OutboxFull, Unavailable
from shared.contract.messages import Command
from shared.domain.actor import Actor
from shared.domain.decide import CREATES
from shared.domain.entry import Kind
from shared.domain.problem import Problem
from shared.domain.refusal import Refusal, Refused
from shared.runtime.http.api import Api
from shared.runtime.http.errors import unavailable
from shared.runtime.http.headers import WAIT_MOST
from shared.runtime.http.problem_json import problem_document

AT_ONCE = 16
Does = Literal["new", "repeated", "progress", "unchanged"]
_DONE: dict[Does, str] = {"new": "registered", "progress": "progress"}


@dataclass(frozen=True)
class Step:
    """What a right row does. `repeated`: it was registered by an earlier import."""

    row: int
    does: Does
    line: str
    entry: str
    number: str | None
    command: str
    name: str
    body: dict[str, Any]

    @classmethod
    def of_new(cls, row: NewRow, there: Problem | None) -> "Step":
        does: Does = "repeated" if there else "new"
        number = there.number if there else None
        name = CREATES[Kind.PROBLEM]
        return cls(row.row, does, row.line, row.entry, number, row.command, name, row.body)

    @classmethod
    def of_returned(cls, row: ReturnedRow) -> "Step":
        does: Does = "unchanged" if row.text is None else "progress"
        of = row.problem
        return cls(row.row, does, of.line, of.id, of.number, row.command, REPORT, row.body)


def told(step: Step, outcome: str | None = None, **more: Any) -> dict[str, Any]:
    """A row's line of the answer; as planned where nothing came of it yet."""
    said = {
        "row": step.row,
        "outcome": outcome or step.does,
        "line": step.line,
        "number": step.number,
        "id": step.entry if step.does != "new" or outcome else None,
    }
    return {**said, **more}


async def carry_out(api: Api, actor: Actor, steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The outcome of every row, in order. Where the database or the broker goes away the rest is
    not tried: the same file goes on from there."""
    turns = asyncio.Semaphore(AT_ONCE)
    gone: list[Refusal] = []

    async def one(step: Step) -> dict[str, Any]:
        if step.does not in _DONE:
            return told(step)
        async with turns:
            if gone:
                return _refused(step, gone[0], "not-tried")
            try:
                return await _carried_out(api, actor, step)
            except Refused as refused:
                return _refused(step, refused.refusal)
            except (Unavailable, OutboxFull) as error:
                gone.append(unavailable(error))
                return _refused(step, gone[0])

    return await asyncio.gather(*map(one, steps))


async def _carried_out(api: Api, actor: Actor, step: Step) -> dict[str, Any]:
    command = Command(
        id=step.command,
        kind=Kind.PROBLEM,
        entry=step.entry,
        name=step.name,
        body=step.body,
        actor=actor,
        issued_at=api.clock.now(),
    )
    # Only what is new goes to a line by name; a problem may have moved on meanwhile.
    line = step.line if step.does == "new" else api.line
    answer = await api.commander.submit(command, line, WAIT_MOST)
    if answer is None:
        where = f"/v1/commands/{command.id}"
        return told(step, "accepted", command=command.id, location=where)
    if answer.refusal is not None:
        return _refused(step, answer.refusal)
    entry = answer.entry or {}
    return told(step, _DONE[step.does]) | {
        "number": entry.get("number"),
        "id": answer.entry_id,
        "version": answer.version,
    }


def _refused(step: Step, refusal: Refusal, outcome: str = "refused") -> dict[str, Any]:
    return told(step, outcome, problem=problem_document(refusal, None))
