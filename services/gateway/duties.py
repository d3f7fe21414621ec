"""What somebody must do now: from role and unit to the problems that wait for them."""

from collections.abc import Sequence

from shared.adapters.mongo.inbox import Duty
from shared.application.reads import ProblemFilter
from shared.contract.messages import LineCard
from shared.domain.actor import Actor, Role
from shared.domain.problem import Problem, Status
from shared.domain.problem_rules import DESK

NEXT: dict[Status, str] = {
    Status.REGISTERED: "assign",
    Status.ASSIGNED: "accept",
    Status.ACCEPTED: "start",
    Status.RECTIFYING: "submit",
    Status.SUBMITTED: "approve",
    Status.SUSPENDED: "resume",
}
"""The command that brings a problem on from each state; other commands may be possible too."""


def next_step(problem: Problem, role: Role) -> str:
    """The command that is waited for; people of the line first answer who asks for more time."""
    office = role in (Role.LINE_LEAD, Role.COORDINATOR)
    return "extend" if office and problem.extension_request else NEXT[problem.status]


_WORK = (Status.ASSIGNED, Status.ACCEPTED, Status.RECTIFYING)


def duties(actor: Actor, cards: Sequence[LineCard]) -> list[Duty]:
    """Empty where the role has no work of its own, or needs a unit that was not said."""
    unit = actor.unit
    led = tuple(card.key for card in cards if unit and unit in (*card.leads, *card.co_leads))
    match actor.role:
        case Role.TOWN:
            return [_work_of(unit)] if unit else []
        case Role.DEPARTMENT:
            return [_work_of(unit), *_assigning(led)] if unit else []
        case Role.LINE_LEAD:
            return [*_assigning(led), *([_judging(unit, led), _granting(led)] if led else [])]
        case Role.INSPECTOR:
            return [_judging(unit, ())]
        case Role.COORDINATOR:
            return [
                *_assigning((DESK,)),
                _judging(unit, (DESK,)),
                _granting((DESK,)),
                Duty(ProblemFilter(statuses=(Status.REGISTERED,)), sent_elsewhere=True),
                Duty(ProblemFilter(statuses=(Status.SUSPENDED,))),
            ]
    return []


def _work_of(unit: str) -> Duty:
    return Duty(ProblemFilter(units=(unit,), statuses=_WORK))


def _assigning(lines: tuple[str, ...]) -> list[Duty]:
    return [Duty(ProblemFilter(lines=lines, statuses=(Status.REGISTERED,)))] if lines else []


def _granting(lines: tuple[str, ...]) -> Duty:
    """Whoever asked for more time waits for a yes or a no."""
    return Duty(ProblemFilter(lines=lines, statuses=_WORK), asks=True)


def _judging(unit: str | None, lines: tuple[str, ...]) -> Duty:
    """Whoever rectified, or had a part in it, never approves."""
    return Duty(ProblemFilter(lines=lines, statuses=(Status.SUBMITTED,)), not_of=unit)
