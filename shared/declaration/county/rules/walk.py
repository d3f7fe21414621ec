"""Walks over a plan that know where in the file they are."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from shared.declaration.county.plan import Clause, Item, Plan, Target
from shared.declaration.county.rules.fault import Where

T = TypeVar("T")


def each(values: Sequence[T], where: Where) -> Iterator[tuple[T, Where]]:
    for position, value in enumerate(values):
        yield value, (*where, position)


def items(plan: Plan) -> Iterator[tuple[Item, Where]]:
    yield from each(plan.items, ("items",))
    yield from each(plan.safeguards, ("safeguards",))


def clauses(plan: Plan) -> Iterator[tuple[Clause, Where]]:
    for item, where in items(plan):
        yield from each(item.clauses, (*where, "clauses"))


def targets(plan: Plan) -> Iterator[tuple[Target, Where]]:
    yield from each(plan.goals.targets, ("goals", "targets"))
    for clause, where in clauses(plan):
        yield from each(clause.targets, (*where, "targets"))
