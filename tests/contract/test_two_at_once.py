"""Two people approve one problem at the same moment: one closes it, the other is told."""

import asyncio

from shared.contract.messages import Answer, Command
from shared.domain.actor import Actor, Role
from shared.domain.entry import Kind
from shared.domain.problem import Status
from tests.contract.test_due_entries import Line, line
from tests.unit.domain.world import AFTER, WORKER

__all__ = ["line"]


async def test_only_one_of_two_approvals_counts(line: Line) -> None:
    await line.assigned("p1")
    for command in ("accept", "start", "submit"):
        await line.tell(command, "p1", WORKER)
    before = await line.problem("p1")

    async def approve(who: str) -> Answer:
        command = Command(
            id=f"approve-{who}",
            kind=Kind.PROBLEM,
            entry="p1",
            name="approve",
            body={"result": "qualified", "evidence": [AFTER]},
            actor=Actor(id=who, role=Role.INSPECTOR, unit="ecology"),
            expected_version=before.version,
            issued_at=line.clock.now(),
        )
        return await line.handler.handle(command)

    answers = await asyncio.gather(*(approve(who) for who in ("sun", "li", "qian")))
    assert sorted(answer.outcome for answer in answers) == ["applied", "refused", "refused"]
    for answer in answers:
        if answer.refusal is not None:
            # Whoever looked a moment later finds it closed, whoever looked before finds it newer.
            assert answer.refusal.type in ("stale-version", "illegal-transition")
    after = await line.problem("p1")
    assert (after.status, after.version) == (Status.CLOSED, before.version + 1)
    assert after.verdict is not None
    assert next(a for a in answers if a.outcome == "applied").command == (
        f"approve-{after.verdict.by.id}"
    )
