"""Which events there are, what they are called, and whom each concerns: one table.

Whom an event concerns: who must act next, or whose work was just decided on. A unit or a town is
concerned only where the problem names one.
"""

from collections.abc import Mapping
from typing import Any

from shared.contract.messages import Change
from shared.domain.actor import Role
from shared.domain.escalation import LEVEL_NAMES, EscalationLevel
from shared.domain.problem_rules import RECEIVE_RULE, REGISTER_RULE, RULES

ESCALATE_RULE = "problem.escalate"
_LEAD, _JUDGE, _DESK = Role.LINE_LEAD, Role.INSPECTOR, Role.COORDINATOR
_WORK = (Role.DEPARTMENT, Role.TOWN)
ADDRESSEES = (_LEAD, *_WORK, _JUDGE, _DESK)
"""The roles that something can be meant for."""

CONCERNS: Mapping[str, tuple[Role, ...]] = {
    REGISTER_RULE: (_LEAD,),
    RECEIVE_RULE: (_LEAD,),
    "problem.assign": _WORK,
    "problem.accept": (_LEAD,),
    "problem.return": (_LEAD,),
    "problem.start": (_LEAD,),
    "problem.report-progress": (_LEAD,),
    "problem.submit": (_JUDGE, _LEAD),
    "problem.approve": (*_WORK, _LEAD),
    "problem.send-back": _WORK,
    "problem.inspect": (*_WORK, _LEAD),
    "problem.object": (*_WORK, _LEAD, _JUDGE),
    "problem.extend": _WORK,
    "problem.ask-extension": (_LEAD,),
    "problem.decline-extension": _WORK,
    "problem.shorten": _WORK,
    "problem.suspend": (*_WORK, _LEAD),
    "problem.resume": (*_WORK, _LEAD),
    "problem.reject": (*_WORK, _LEAD),
    "problem.merge": (*_WORK, _LEAD),
    "problem.reopen": (*_WORK, _LEAD),
    "problem.transfer": (_DESK, _LEAD),
    "problem.comment": (*_WORK, _LEAD),
    "problem.attach-evidence": (_LEAD,),
    "problem.change-severity": (*_WORK, _LEAD),
    "problem.absorb": (_LEAD,),
    "problem.observe": _WORK,
    "problem.prove": (_JUDGE, _LEAD),
    "problem.relapse": (*_WORK, _LEAD, _JUDGE),
    "problem.add-child": (_LEAD,),
    "problem.child-changed": (_LEAD,),
    ESCALATE_RULE: (_LEAD, _DESK),
}
"""Rule → roles. An escalation says itself who is told; the row stands for one that does not."""

EVENTS: Mapping[str, str] = {
    REGISTER_RULE: "立案",
    RECEIVE_RULE: "转入",
    **{rule.id: rule.zh for rule in RULES.values()},
}
"""Every event that can be subscribed to, with its name."""


def roles_of(change: Change) -> tuple[Role, ...]:
    """Whom the change concerns by its rule; an unknown rule concerns the line's lead."""
    step = _step(change)
    if step is not None:
        return tuple(role for role in ADDRESSEES if role.value in step["told"])
    return CONCERNS.get(change.rule, (_LEAD,))


def level_of(change: Change) -> str | None:
    """The level of the step that was taken; the entry's own may have been higher before."""
    step = _step(change)
    return step["level"] if step is not None else None


def _step(change: Change) -> Mapping[str, Any] | None:
    """The one step of an escalation that is sent: the last of those that it adds."""
    if change.rule != ESCALATE_RULE:
        return None
    after: Any = (change.changed.get("escalation") or [None, None])[-1]
    raised = after.get("raised", []) if isinstance(after, Mapping) else []
    return next((each for each in reversed(raised) if each["sent"]), None)


def name_of(change: Change) -> str:
    """What a person calls it: 交办, 催办, 通报."""
    level = level_of(change)
    if level is not None:
        return LEVEL_NAMES[EscalationLevel(level)]
    return EVENTS.get(change.rule) or change.rule
