"""What a problem tells its parent, wherever that lives: that it is there, and how it ended."""

from shared.contract.messages import Command
from shared.domain.actor import system
from shared.domain.entry import Kind
from shared.domain.identity import follow_up_id
from shared.domain.moments import Moment
from shared.domain.problem import ENDED, Child, Problem, Status
from shared.domain.problem_bodies import AboutChild


def news_for_parent(
    command: Command, before: Problem | None, after: Problem, at: Moment
) -> tuple[tuple[str, Command], ...]:
    """(parent's line, the command) for a new child, one that ended or lives again, or that moved.

    `before` is None for what was registered or handed over here. A parent that moved itself is
    told where it is now: its old line sends the command on.
    """
    parent = after.parent
    if parent is None or parent.id == after.id:
        return ()
    if before is None or before.parent is None:
        name = "add-child"
    elif after.status is Status.MOVED or (before.status in ENDED) != (after.status in ENDED):
        name = "child-changed"
    else:
        return ()
    child = Child(
        id=after.id,
        line=after.line,
        number=after.number,
        status=after.status,
        version=after.version,
    )
    told = Command(
        id=follow_up_id(command.id, name),
        kind=Kind.PROBLEM,
        entry=parent.id,
        name=name,
        body=AboutChild(child=child).model_dump(mode="json"),
        actor=system("family"),
        issued_at=at,
        reply=False,
    )
    return ((parent.line, told),)
