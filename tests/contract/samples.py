"""Entries, answers and changes as a handler would make them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.application.ports import AnyEntry, Held, Ledger, Outgoing
from shared.contract.messages import Answer, Change, Command
from shared.domain.actor import Actor, Role
from shared.domain.entry import Place
from shared.domain.problem import Problem, Severity, Status
from shared.domain.refusal import Refusal

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CLERK = Actor(id="clerk", role=Role.DEPARTMENT, unit="housing")


def problem(entry_id: str = "p1", version: int = 1, **fields: Any) -> Problem:
    base: Mapping[str, Any] = {
        "line": "dust",
        "created_at": START,
        "updated_at": START + timedelta(seconds=version),
        "updated_by": CLERK,
        "number": "扬尘-2026-00001",
        "status": Status.REGISTERED,
        "title": "工地裸土未覆盖",
        "description": "城区工地约两亩裸土未覆盖",
        "category": "bare-soil",
        "severity": Severity.GENERAL,
        "source": "report",
        "location": Place(lon=116.31, lat=35.07, town="370828105"),
        "found_at": START,
        "reported_at": START,
        "reported_by": CLERK,
    }
    return Problem(**{**base, "id": entry_id, "version": version, **fields})


def after(entry: Problem, **fields: Any) -> Problem:
    """The next version of `entry`."""
    now = entry.updated_at + timedelta(seconds=1)
    update = {"version": entry.version + 1, "updated_at": now, **fields}
    return entry.model_copy(update=update)


def applied(
    entry: AnyEntry, command: str | None = None, follow_ups: tuple[tuple[str, Command], ...] = ()
) -> Outgoing:
    command = command or f"{entry.id}-c{entry.version}"
    answer = Answer(
        command=command,
        digest="d",
        outcome="applied",
        line=entry.line,
        kind=entry.kind,
        entry_id=entry.id,
        name="comment",
        version=entry.version,
        rule="problem.comment",
        entry=entry.model_dump(mode="json"),
        at=entry.updated_at,
    )
    change = Change(
        entry=entry.id,
        kind=entry.kind,
        line=entry.line,
        version=entry.version,
        before=entry.version - 1,
        rule="problem.comment",
        command=command,
        actor=CLERK,
        said={"text": "已现场核实"},
        changed={"comment_count": [entry.version - 1, entry.version]},
        at=entry.updated_at,
    )
    return Outgoing(answer=answer, change=change, at=entry.updated_at, follow_ups=follow_ups)


def refused(entry: AnyEntry, command: str, at: datetime | None = None) -> Outgoing:
    moment = at or entry.updated_at
    answer = Answer(
        command=command,
        digest="d",
        outcome="refused",
        line=entry.line,
        kind=entry.kind,
        entry_id=entry.id,
        name="approve",
        refusal=Refusal(type="stale-version", status=412, detail="版本已过期"),
        at=moment,
    )
    return Outgoing(answer=answer, change=None, at=moment)


def follow_up(command: str) -> Command:
    return Command(
        id=command,
        kind=problem().kind,
        entry="p9",
        name="absorb",
        body={"problem": "p1", "number": "扬尘-2026-00001"},
        actor=CLERK,
        issued_at=START,
        reply=False,
    )


async def held(ledger: Ledger, entry_id: str = "p1") -> Held:
    found = (await ledger.find(entry_id, "no such command")).held
    assert found is not None
    return found


async def started(ledger: Ledger, entry: Problem | None = None) -> Held:
    """A new entry in the ledger, as its first reader sees it."""
    entry = entry or problem()
    assert await ledger.create(entry, applied(entry))
    return await held(ledger, entry.id)


async def grow(ledger: Ledger, entry_id: str, times: int) -> None:
    """So many further versions, each with its outbox item."""
    for _ in range(times):
        before = await held(ledger, entry_id)
        assert isinstance(before.entry, Problem)
        new = after(before.entry, comment_count=before.entry.comment_count + 1)
        assert await ledger.write(before, new, applied(new))
