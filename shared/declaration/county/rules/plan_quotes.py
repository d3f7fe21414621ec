"""Quotations of a plan: what a target or a flag claims must be the plan's own words."""

from collections.abc import Iterator, Sequence

from shared.declaration.county.base import bare
from shared.declaration.county.plan import Plan, Target, Work
from shared.declaration.county.rules import walk
from shared.declaration.county.rules.fault import PLAN, Fault, Where


def plan_quotes(plan: Plan) -> Iterator[Fault]:
    yield from _quotes(plan.goals.targets, plan.goals.text, ("goals", "targets"))
    for clause, where in walk.clauses(plan):
        yield from _quotes(clause.targets, clause.text, (*where, "targets"))
        yield from _quotes(clause.work, clause.text, (*where, "work"))
        yield from _wording(clause.wording, clause.text, where)
        if clause.open_list and "等" not in clause.bracket:
            yield Fault(
                PLAN,
                (*where, "open_list"),
                "括号里没有“等” / no 等 in the bracket",
                "去掉 open_list",
            )
    for target, where in walk.targets(plan):
        yield from _wording(target.wording, target.quote, where)
    rule = plan.towns_and_parks
    for clause in plan.clauses():
        if clause.id == rule.said_in and bare(rule.wording) not in bare(clause.bracket):
            yield Fault(
                PLAN,
                ("towns_and_parks", "wording"),
                f"条款 {clause.id} 的括号里没有这句话 / not in that bracket",
                "逐字引用括号原文",
            )


def _quotes(entries: Sequence[Target | Work], text: str, where: Where) -> Iterator[Fault]:
    for entry, place in walk.each(entries, where):
        if bare(entry.quote) not in bare(text):
            yield Fault(
                PLAN,
                (*place, "quote"),
                f"{entry.id} 引用的话不在条款原文里 / not in the clause's text",
                "逐字引用原文",
            )


def _wording(words: Sequence[str], text: str, where: Where) -> Iterator[Fault]:
    for word, place in walk.each(words, (*where, "wording")):
        if word not in text:
            yield Fault(PLAN, place, f"原文没有“{word}” / the text does not say it", "去掉这个标记")
