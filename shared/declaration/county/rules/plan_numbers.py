"""The numbering of a plan: items, clauses and targets without gaps, doubles or wrong fathers."""

from collections.abc import Iterator

from shared.declaration.county.plan import Plan, Target, Work
from shared.declaration.county.rules import walk
from shared.declaration.county.rules.fault import PLAN, Fault, Where, nearest, repeated


def plan_numbers(plan: Plan) -> Iterator[Fault]:
    yield from _dense_items(plan)
    yield from _dense_clauses(plan)
    yield from _own_numbers(plan)
    known = [clause.id for clause in plan.clauses()]
    for clause, where in (
        (plan.goals.carried_by, ("goals", "carried_by")),
        (plan.towns_and_parks.said_in, ("towns_and_parks", "said_in")),
    ):
        if clause not in known:
            yield Fault(PLAN, where, f"没有条款 {clause} / unknown clause", nearest(clause, known))


def _dense_items(plan: Plan) -> Iterator[Fault]:
    for name, prefix, items in (("items", "", plan.items), ("safeguards", "S", plan.safeguards)):
        for number, item in enumerate(items, 1):
            if item.id != f"{prefix}{number}":
                yield Fault(
                    PLAN,
                    (name, number - 1, "id"),
                    f"条目编号 {item.id} 不连续 / item numbers have a gap",
                    f'这里应为 "{prefix}{number}"',
                )


def _dense_clauses(plan: Plan) -> Iterator[Fault]:
    for item, where in walk.items(plan):
        for number, clause in enumerate(item.clauses, 1):
            if clause.id != f"{item.id}.{number}":
                yield Fault(
                    PLAN,
                    (*where, "clauses", number - 1, "id"),
                    f"条款编号 {clause.id} 不连续 / clause numbers have a gap",
                    f'这里应为 "{item.id}.{number}"',
                )


def _own_numbers(plan: Plan) -> Iterator[Fault]:
    """Targets and works carry the number of their clause, each once: they name tasks."""
    numbered: list[tuple[str, Where]] = []
    for target, where in walk.each(plan.goals.targets, ("goals", "targets")):
        numbered.append((target.id, (*where, "id")))
        if not target.id.startswith("G-"):
            yield Fault(PLAN, (*where, "id"), f"总体目标编号 {target.id} 不对", '写成 "G-1" 的样子')
    for clause, clause_where in walk.clauses(plan):
        kinds: tuple[tuple[str, tuple[Target | Work, ...]], ...] = (
            ("targets", clause.targets),
            ("work", clause.work),
        )
        for name, entries in kinds:
            for entry, where in walk.each(entries, (*clause_where, name)):
                numbered.append((entry.id, (*where, "id")))
                if entry.id.split("-")[0] != clause.id:
                    yield Fault(
                        PLAN,
                        (*where, "id"),
                        f"{entry.id} 不属于条款 {clause.id} / belongs to another clause",
                        f'写成 "{clause.id}-1" 的样子',
                    )
    for number, where in repeated(numbered):
        yield Fault(PLAN, where, f"编号 {number} 重复 / used twice", "换一个未用过的编号")
