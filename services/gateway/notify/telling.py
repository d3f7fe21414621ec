"""From a change and the problem as it stands to what is told of it."""

from typing import Any

from services.gateway.notify.concerns import level_of, name_of, roles_of
from services.gateway.notify.texts import one_line, without_numbers
from shared.application.notifying.delivery import Event
from shared.contract.messages import Change
from shared.domain.actor import Role
from shared.domain.context import Directory
from shared.domain.problem import STATUS_NAMES, Problem, Status

_SHOWN = ("title", "status", "severity", "town", "unit", "due_at")


def event_of(change: Change, problem: Problem | None, directory: Directory) -> Event:
    """The problem may have gone on since: what the change itself says of a field counts. Without
    the problem (its entry was unreadable) the change is all there is."""
    now = problem.model_dump(mode="json", include={*_SHOWN, "co_units"}) if problem else {}
    said = change.said if problem is None else {}
    shown = {name: _after(change, name, now.get(name, said.get(name))) for name in _SHOWN}
    units = _all(change, "unit", shown["unit"]) + _all(change, "town", shown["town"])
    helping = _after(change, "co_units", now.get("co_units")) or ()
    towns = tuple(u for u in dict.fromkeys(units) if directory.town_name(u) is not None)
    unit, town, status = shown["unit"], shown["town"], shown["status"]
    involved = tuple(dict.fromkeys((*units, *helping)))
    return Event(
        entry=change.entry,
        version=change.version,
        rule=change.rule,
        rule_name=name_of(change),
        at=change.at,
        line=change.line,
        line_name=directory.line_name(change.line) or change.line,
        number=change.number or (problem.number if problem else None),
        title=without_numbers(one_line(shown["title"] or "")),
        status=status,
        status_name=STATUS_NAMES[Status(status)] if status in list(Status) else None,
        severity=shown["severity"],
        town=town,
        town_name=directory.town_name(town) if town else None,
        unit=unit,
        unit_name=directory.unit_name(unit) if unit else None,
        due_at=shown["due_at"],
        level=level_of(change),
        towns=towns,
        units=involved,
        roles=tuple(role for role in roles_of(change) if _is_there(role, towns, involved)),
    )


def _is_there(role: Role, towns: tuple[str, ...], units: tuple[str, ...]) -> bool:
    """Whether the problem has somebody of that role to concern."""
    if role is Role.TOWN:
        return bool(towns)
    if role is Role.DEPARTMENT:
        return any(unit not in towns for unit in units)
    return True


def _after(change: Change, name: str, otherwise: Any) -> Any:
    return change.changed[name][-1] if change.changed.get(name) else otherwise


def _all(change: Change, name: str, after: Any) -> tuple[str, ...]:
    """Both the one that has it now and the one that just had it."""
    before = change.changed[name][0] if change.changed.get(name) else None
    return tuple(code for code in (after, before) if isinstance(code, str) and code)
