"""Replies that are no answers: the problem has moved on, or is on its way here.

A command that met one is sent again by the projector: to the line that the signpost names, or
to the same line when the handover has not arrived there. So also a command whose caller has
long got 202 finds its problem.
"""

from datetime import datetime, timedelta

from shared.contract.messages import Answer, Command

HOPS = 3
"""A command is routed on at most so often; then the signpost is its answer."""
SOONEST, LATEST = timedelta(seconds=0.3), timedelta(seconds=30)


def is_signpost(answer: Answer) -> bool:
    """Whether the command is still to be decided somewhere."""
    if answer.refusal is None:
        return False
    if answer.refusal.type == "moved":
        return answer.hops < HOPS and bool(answer.refusal.facts.get("moved_to"))
    return answer.refusal.type == "unavailable"


def next_step(answer: Answer, command: Command) -> tuple[str, Command]:
    """(line, command) to be sent because of this signpost."""
    assert answer.refusal is not None
    if answer.refusal.type == "moved":
        onward = command.model_copy(update={"hops": answer.hops + 1})
        return str(answer.refusal.facts["moved_to"]), onward
    return answer.line, command.model_copy(update={"hops": answer.hops})


def not_before(answer: Answer, command: Command) -> datetime:
    """When it is sent: at once, or, where something must arrive first, ever more patiently."""
    assert answer.refusal is not None
    if answer.refusal.type == "moved":
        return answer.at
    age = answer.at - command.issued_at
    return answer.at + min(max(age / 4, SOONEST), LATEST)
