"""Entries as clients see them: the wire form, what is evaluated at read time, names beside codes.

What is personal is shown only to the roles whose work needs it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from shared.application.ports import AnyEntry
from shared.contract.messages import Change
from shared.declaration.county.county import County
from shared.domain.actor import Actor, Role
from shared.domain.deadlines import CLOCK_NAMES, OWNER_NAMES
from shared.domain.decide import entry_from
from shared.domain.entry import Kind
from shared.domain.escalation import LEVEL_NAMES
from shared.domain.moments import shanghai_day
from shared.domain.problem import SEVERITY_NAMES, STATUS_NAMES, Problem
from shared.domain.responsibility import PART_NAMES, PERSONAL, Responsibility
from shared.domain.task import TASK_STATUS_NAMES, Task

_IN_THE_WORK = frozenset(Role) - {Role.VIEWER, Role.DEVICE}


def sees_people(actor: Actor | None) -> bool:
    """Whether names and telephone numbers of responsible people are shown to `actor`."""
    return actor is not None and actor.role in _IN_THE_WORK


class Show:
    """Shows entries to one reader at one moment. `now` is UTC."""

    def __init__(self, county: County, actor: Actor | None, now: datetime) -> None:
        self._county = county
        self._people = sees_people(actor)
        self._now = now
        self._today = shanghai_day(now)

    def entry(self, entry: AnyEntry, as_of: date | None = None) -> dict[str, Any]:
        """`as_of`: a responsibility reads as it held on that day (Asia/Shanghai)."""
        match entry:
            case Problem():
                return self._problem(entry)
            case Task():
                return self._task(entry)
            case Responsibility():
                return self._responsibility(entry, as_of)

    def raw(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """The same from an entry's transmitted form."""
        return self.entry(entry_from(entry))

    def change(self, change: Change) -> dict[str, Any]:
        shown = change.model_dump(mode="json")
        if change.kind is Kind.RESPONSIBILITY and not self._people:
            for part in ("said", "changed"):
                shown[part] = _without_people(shown[part])
        return shown

    def _name(self, code: str | None) -> str | None:
        return self._county.unit_name(code) if code else None

    def _problem(self, problem: Problem) -> dict[str, Any]:
        return {
            **problem.model_dump(mode="json"),
            "clocks": self._clocks(problem),
            "escalation": self._escalation(problem),
            "overdue": problem.is_overdue(self._now),
            "status_name": STATUS_NAMES[problem.status],
            "severity_name": SEVERITY_NAMES[problem.severity],
            "line_name": self._county.line_name(problem.line),
            "town_name": self._name(problem.town),
            "unit_name": self._name(problem.unit),
        }

    def _clocks(self, entry: Problem | Task) -> list[dict[str, Any]]:
        """`provisional`: it counts on days of a year whose holidays are not published yet."""
        provisional = self._county.timing.time.is_provisional
        return [
            {
                **clock.model_dump(mode="json"),
                "name": CLOCK_NAMES[clock.kind],
                "owner_name": OWNER_NAMES[clock.owner],
                "overdue": clock.is_overdue(self._now),
                "provisional": clock.working and provisional(shanghai_day(clock.due_at)),
            }
            for clock in entry.clocks
        ]

    def _escalation(self, entry: Problem | Task) -> dict[str, Any] | None:
        held = entry.escalation
        if held is None:
            return None
        return {**held.model_dump(mode="json"), "level_name": LEVEL_NAMES[held.level]}

    def _task(self, task: Task) -> dict[str, Any]:
        status = task.status(self._today)
        shown = {
            **task.model_dump(mode="json"),
            "clocks": self._clocks(task),
            "escalation": self._escalation(task),
            "status": status.value,
            "status_name": TASK_STATUS_NAMES[status],
            "department_name": self._name(task.department),
        }
        if task.indicator is not None:
            shown["indicator"]["ratio"] = task.indicator.ratio()
        return shown

    def _responsibility(self, row: Responsibility, as_of: date | None) -> dict[str, Any]:
        shown = row.model_dump(mode="json")
        term = row.term_on(as_of) if as_of else None
        if term is not None:
            held = term.model_dump(mode="json")
            shown.update({name: held[name] for name in held if name not in ("since", "until")})
        shown["role_name"] = PART_NAMES[row.role]
        return shown if self._people else dict(_without_people(shown))


def _without_people(value: Any) -> Any:
    """Without the personal fields, at every depth: terms and histories repeat them."""
    match value:
        case dict():
            return {k: _without_people(v) for k, v in value.items() if k not in PERSONAL}
        case list():
            return [_without_people(each) for each in value]
    return value
