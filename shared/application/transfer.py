"""A problem on its way from one line to another: what is sent, and what the target makes of it."""

from shared.contract.messages import Change, Command, Handover
from shared.domain.actor import system
from shared.domain.context import Context
from shared.domain.decide import Decision
from shared.domain.entry import Kind
from shared.domain.identity import follow_up_id
from shared.domain.moments import Moment
from shared.domain.problem import Problem, Status
from shared.domain.problem_bodies import Absorb, Nothing
from shared.domain.problem_clocks import clocks_after
from shared.domain.problem_rules import RECEIVE_RULE

RECEIVE, RECEIVE_PART = "receive", "receive-part"


def handover(command: Command, before: Problem, stub: Problem, at: Moment) -> tuple[str, Command]:
    """(target line, the command that makes it go on with the problem)."""
    assert stub.moved_to is not None
    return stub.moved_to, _receive(command.id, stub, before.status.value, at)


def handed_over(stub: Problem, moved: Change) -> Command:
    """The same command, from the stub and the change that made it one."""
    return _receive(moved.command, stub, moved.changed["status"][0], moved.at)


def _receive(caused_by: str, stub: Problem, status_before: str, at: Moment) -> Command:
    body = Handover(problem=stub.model_dump(mode="json"), status_before=status_before)
    return Command(
        id=follow_up_id(caused_by, RECEIVE),
        kind=Kind.PROBLEM,
        entry=stub.id,
        name=RECEIVE,
        body=body.model_dump(mode="json"),
        actor=system("handover"),
        issued_at=at,
        reply=False,
    )


def absorption(command: Command, merged: Problem, at: Moment) -> tuple[str, Command]:
    """(line, the command that tells the other problem of a merge what it took in)."""
    assert merged.merged_into is not None
    return merged.line, Command(
        id=follow_up_id(command.id, "absorb"),
        kind=Kind.PROBLEM,
        entry=merged.merged_into,
        name="absorb",
        body=Absorb(problem=merged.id, number=merged.number, children=merged.children).model_dump(
            mode="json"
        ),
        actor=system("merge"),
        issued_at=at,
        reply=False,
    )


def received(stub: Problem, context: Context) -> Decision:
    """The problem as the target goes on with it, one version after the stub's.

    The number, the due time and all that happened travel; who works on it is decided anew. A
    category or source that the target does not have becomes its `other` or `report`.
    """
    line, now = context.line, context.now
    after = stub.model_copy(
        update={
            "line": line.key,
            "version": stub.version + 1,
            "status": Status.REGISTERED,
            "moved_to": None,
            "moved_from": stub.line,
            "unit": None,
            "co_units": (),
            "assigned_at": None,
            "accepted_at": None,
            "started_at": None,
            "returns": 0,
            "extension_request": None,
            "alert": None,
            "category": stub.category if stub.category in line.categories else "other",
            "source": stub.source if stub.source in line.sources else "report",
            "updated_at": now,
            "updated_by": system("handover"),
        }
    )
    after = after.model_copy(update=dict(clocks_after(RECEIVE, stub, after, context)))
    return Decision(entry=after, rule=RECEIVE_RULE, reason=None, body=Nothing())
