"""Departments of a plan: known, named once in a clause, and exactly those of its bracket."""

from collections.abc import Iterator, Mapping

from shared.declaration.county.base import bare
from shared.declaration.county.departments import DepartmentsFile
from shared.declaration.county.plan import Clause, Plan
from shared.declaration.county.rules import walk
from shared.declaration.county.rules.fault import PLAN, Fault, Where, nearest, repeated


def brackets_match_departments(plan: Plan, departments: DepartmentsFile) -> Iterator[Fault]:
    names = {department.code: department.name for department in departments.departments}
    for clause, where in walk.clauses(plan):
        named = _named(clause, where)
        for code, place in named:
            if code not in names:
                yield Fault(
                    PLAN, place, f"没有部门 {code} / unknown department", nearest(code, names)
                )
        for code, place in repeated(named):
            yield Fault(PLAN, place, f"条款 {clause.id} 两次写到 {code} / named twice", "只留一处")
        yield from _bracket(clause, where, named, names)
        if not clause.lead and not clause.shared:
            yield Fault(
                PLAN,
                where,
                f"条款 {clause.id} 没有责任部门 / nobody is responsible",
                "写明 lead（牵头）或 shared（分工负责）",
            )


def _named(clause: Clause, where: Where) -> list[tuple[str, Where]]:
    return [
        pair
        for part in ("lead", "shared", "support")
        for pair in walk.each(getattr(clause, part), (*where, part))
    ]


def _bracket(
    clause: Clause, where: Where, named: list[tuple[str, Where]], names: Mapping[str, str]
) -> Iterator[Fault]:
    found = _names_in(clause.bracket, names)
    for code, place in named:
        if code in names and code not in found:
            yield Fault(
                PLAN,
                place,
                f"括号里没有“{names[code]}” / the bracket does not name it",
                "按括号原文写部门",
            )
    for code in found - {code for code, _ in named}:
        yield Fault(
            PLAN,
            (*where, "bracket"),
            f"括号写到“{names[code]}”，条款却没有列出 / named in the bracket only",
            f"在 lead、shared 或 support 里加上 {code}",
        )


def _names_in(bracket: str, names: Mapping[str, str]) -> set[str]:
    """Codes of the departments that a bracket names; a name inside a longer one is not counted."""
    rest, found = bare(bracket), set()
    for code, name in sorted(names.items(), key=lambda pair: -len(pair[1])):
        if bare(name) in rest:
            found.add(code)
            rest = rest.replace(bare(name), "|")
    return found
