"""The rules of a line, folded over a batch of signals. Pure: memories in, steps out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.application.signals.ports import Memory, Outbound, Step, Taken
from shared.contract.trace import Trace
from shared.declaration.rule import Facts, Order, Outcome, Rule, State
from shared.domain.finding import Finding
from shared.domain.identity import derived

READ_STATES = 20_000


@dataclass
class _Folding:
    """One document while a batch is folded over it."""

    rule: Rule[Any]
    before: Memory
    state: State
    positions: dict[str, int]
    wake_at: datetime | None
    out: list[Outbound] = field(default_factory=list)
    touched: bool = False


class RuleEngine:
    """Knows which documents a signal concerns, and what becomes of them."""

    def __init__(self, rules: Iterable[Rule[Any]], facts: Facts) -> None:
        self._rules = {rule.code: rule for rule in rules}
        self._facts = facts
        self._reading: dict[str, list[Rule[Any]]] = {}
        self._states: dict[str, tuple[Memory, State]] = {}
        """Read states by the very memory they were read from: most memories come back unchanged."""
        for rule in self._rules.values():
            for name in rule.reads:
                self._reading.setdefault(name, []).append(rule)

    @property
    def names(self) -> frozenset[str]:
        """The signals that some rule reads."""
        return frozenset(self._reading)

    def concerned(self, batch: Iterable[Taken]) -> list[tuple[Taken, tuple[str, ...]]]:
        """Each signal with the ids of the documents that it concerns."""
        return [
            (
                taken,
                tuple(
                    memory_id(rule.code, key)
                    for rule in self._reading.get(taken.observed.name, ())
                    if (key := rule.key(taken.observed)) is not None
                ),
            )
            for taken in batch
        ]

    def fold(
        self, batch: Sequence[tuple[Taken, tuple[str, ...]]], memories: Mapping[str, Memory]
    ) -> list[Step]:
        """The steps of the documents that the batch changes. A signal at or below a document's
        position has had its effect there and is passed over."""
        open_: dict[str, _Folding] = {}
        for taken, ids in batch:
            for id_ in ids:
                folding = open_.get(id_)
                if folding is None:
                    folding = open_[id_] = self._open(id_, memories.get(id_))
                if folding.positions.get(taken.at, -1) >= taken.offset:
                    continue
                outcome = folding.rule.step(folding.state, taken.observed, self._facts)
                origin = (taken.topic, taken.partition, taken.offset)
                self._take(folding, outcome, origin, taken.trace)
                folding.positions[taken.at] = taken.offset
        return [self._step(folding) for folding in open_.values() if folding.touched]

    def wake(self, memory: Memory, now: datetime) -> Step:
        """What a document becomes whose time has come."""
        folding = self._open(memory.id, memory)
        rule, asked = folding.rule, memory.wake_at
        assert rule.wake is not None and asked is not None, f"{memory.id} asked to be woken"
        outcome = rule.wake(folding.state, now, self._facts)
        self._take(folding, outcome, ("wake", asked.isoformat()))
        return self._step(folding)

    def knows(self, id_: str) -> bool:
        """Whether the rule of a document still exists; a pack or release may have dropped it."""
        return id_.partition(":")[0] in self._rules

    def _open(self, id_: str, memory: Memory | None) -> _Folding:
        rule = self._rules[id_.partition(":")[0]]
        before = memory or Memory(id=id_, revision=0, state="{}")
        known = self._states.get(id_)
        if known is not None and known[0] is before:
            state = known[1]
        else:
            state = rule.state.model_validate_json(before.state)
        return _Folding(
            rule=rule,
            before=before,
            state=state,
            positions=dict(before.positions),
            wake_at=before.wake_at,
        )

    def _take(
        self,
        folding: _Folding,
        outcome: Outcome[Any],
        origin: tuple[object, ...],
        trace: Trace | None = None,
    ) -> None:
        """`origin` tells, with the document, what the outcome came from."""
        folding.state = outcome.state
        folding.wake_at = outcome.wake_at
        folding.touched = True
        for number, finding in enumerate(outcome.findings):
            told_by = (folding.before.id, *map(str, origin), str(number))
            key = _record_key(finding, outcome.findings)
            folding.out.append(self._finding(folding.rule, finding, key, told_by, trace))
        for order in outcome.orders:
            folding.out.append(_order(order, trace))

    def _finding(
        self,
        rule: Rule[Any],
        finding: Finding,
        key: str,
        origin: tuple[str, ...],
        trace: Trace | None,
    ) -> Outbound:
        return Outbound(
            id=derived("finding", *origin),
            kind="finding",
            line=rule.line,
            key=key,
            body={
                **finding.model_dump(mode="json"),
                # What is referred to another line is looked into there; no reading of ours ends it.
                "proves": rule.proves and finding.line is None,
            },
            trace=trace,
        )

    def _step(self, folding: _Folding) -> Step:
        before = folding.before
        after = Memory(
            id=before.id,
            revision=before.revision + 1,
            state=folding.state.model_dump_json(),
            positions=folding.positions,
            wake_at=folding.wake_at,
        )
        if len(self._states) >= READ_STATES:
            self._states.clear()
        self._states[after.id] = (after, folding.state)
        return Step(before, after, tuple(folding.out))


def memory_id(rule: str, key: str) -> str:
    return f"{rule}:{key}"


def _record_key(finding: Finding, told: Sequence[Finding]) -> str:
    """A referral goes through its own line first, under the key of its parent: so it comes after it,
    whatever else is on its way."""
    if finding.parent is None:
        return finding.key
    parents = (each for each in told if each.line is None and each.subject == finding.parent)
    parent = next(parents, None)
    return parent.key if parent is not None else finding.parent


def _order(order: Order, trace: Trace | None) -> Outbound:
    return Outbound(
        id=derived("order", order.line, order.entry, order.name, str(order.serial)),
        kind="order",
        line=order.line,
        key=order.entry,
        body={
            "kind": order.kind,
            "entry": order.entry,
            "name": order.name,
            "body": order.body,
        },
        trace=trace,
    )
