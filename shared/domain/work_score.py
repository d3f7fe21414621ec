"""The work score (工作评分) of a month, per town and per line: what counts, and how much.

A month is one of Asia/Shanghai, [begin, end); the running month is reckoned up to now. A problem
is followed through the month as it stood from moment to moment, so that a month that is over gives
the same numbers for ever, whatever happens to its problems later:

- **in hand** 在册: at some moment of the month it was reported and not ended (销号、不属实、并案).
- **overdue** 超期: at some moment of the month somebody should have been working on it
  (`problem.TIMED`) and its due time had passed. One problem counts once a month.
- **returned** 退回: how often it was given back in the month.
- **reopened** 反弹: how often it was taken up again in the month after it had been closed.
- **escalated** 督办: at some moment of the month in hand and pressed at 督办 or above.
- **new** 新增: reported in the month, and at its end neither 不属实 nor 并案; **self-found** 自查:
  those of them whose source is not one of others' (`Weights.found_by_others`).

overdue, returned, reopened and escalated count for the line where the problem stood then; in hand
and new for the line where it stood at the end. The town is always the one known at the end: that it
became known later is no change of responsibility. A town that is only guessed is no town's.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from math import floor
from typing import Any

from shared.domain.problem import ENDED, TIMED, Problem, Status

PRESSED = frozenset({"supervised", "listed", "talked", "published"})
"""督办 and above."""
NOT_REAL = frozenset({Status.REJECTED, Status.MERGED})


@dataclass(frozen=True)
class Weights:
    """Points; the first four are taken off, the bonus is added in full where all was self-found."""

    base: float
    overdue: float
    returned: float
    reopened: float
    escalated: float
    self_found: float
    found_by_others: frozenset[str]
    """Sources (问题来源) by which somebody else found it."""
    minimum: int
    """Problems in hand below which a rank would say nothing."""


@dataclass(frozen=True)
class Step:
    """One change: field → [before, after] in JSON form."""

    at: datetime
    changed: Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Standing:
    """What a score needs to know of a problem at one moment."""

    line: str
    status: Status
    town: str | None
    town_by: str | None
    due_at: datetime | None
    level: str | None
    returns: int
    reopened: int


FIELDS = ("line", "status", "town", "town_by", "due_at", "escalation", "returns", "reopened")
"""The fields of a problem that a standing is made from."""


@dataclass(frozen=True)
class Spell:
    """It stood so in [begin, end)."""

    begin: datetime
    end: datetime
    standing: Standing


def escalation_level(escalation: Any) -> str | None:
    """The level of a problem's `escalation`, as the model or in JSON form; None without one."""
    level = escalation.get("level") if isinstance(escalation, Mapping) else None
    found = level or getattr(escalation, "level", None)
    return str(found) if found else None


def standing(problem: Problem) -> Standing:
    return Standing(
        line=problem.line,
        status=problem.status,
        town=problem.town,
        town_by=problem.town_by,
        due_at=problem.due_at,
        level=escalation_level(getattr(problem, "escalation", None)),
        returns=problem.returns,
        reopened=problem.reopened,
    )


def spells(
    problem: Problem, steps: Sequence[Step], begin: datetime, end: datetime
) -> tuple[Spell, ...]:
    """How the problem stood in [begin, end), in order, from the present backwards: each change
    is undone. `steps` are all its changes since `begin`, the latest last. Empty where it was
    reported later."""
    held, found, until = standing(problem), [], end
    for step in reversed(steps):
        before = _undone(held, step.changed)
        if step.at >= end:
            held = before
        elif before != held:
            found.append(Spell(step.at, until, held))
            held, until = before, step.at
    if problem.reported_at < until:
        found.append(Spell(max(begin, problem.reported_at), until, held))
    return tuple(reversed(found))


def _undone(held: Standing, changed: Mapping[str, Sequence[Any]]) -> Standing:
    values = {name: changed[name][0] for name in FIELDS if name in changed}
    if not values:
        return held
    if "status" in values:
        values["status"] = Status(values["status"])
    if "escalation" in values:
        values["level"] = escalation_level(values.pop("escalation"))
    if values.get("due_at") is not None:
        values["due_at"] = datetime.fromisoformat(values["due_at"])
    # A field that was not there before the product knew it.
    values.update({n: values[n] or 0 for n in ("returns", "reopened") if n in values})
    return replace(held, **values)


class By(StrEnum):
    TOWN = "town"
    LINE = "line"


@dataclass
class Tally:
    """What a month held of one town or line."""

    in_hand: int = 0
    overdue: int = 0
    returned: int = 0
    reopened: int = 0
    escalated: int = 0
    new: int = 0
    self_found: int = 0

    def add(self, other: "Tally") -> None:
        for name, count in vars(other).items():
            setattr(self, name, getattr(self, name) + count)


_ONCE = ("in_hand", "overdue", "escalated", "new", "self_found")
"""A problem counts at most once, also where it was so on two lines of one town."""


@dataclass
class Tallies:
    """Counts one problem after the other."""

    by: By
    weights: Weights
    groups: dict[str, Tally] = field(default_factory=dict)
    guessed: int = 0
    """Problems left out because their town is only a guess."""
    nowhere: int = 0
    """Problems left out because they have no town."""

    def add(self, problem: Problem, month: Sequence[Spell], begin: datetime) -> None:
        """`month`: its spells in the month that begins at `begin`."""
        facts = _facts(problem, month, begin, self.weights) if month else Counter()
        if not facts:
            return
        if self.by is By.LINE:
            for (name, line), count in facts.items():
                self._count(line, name, count)
            return
        last = month[-1].standing
        if last.town is None or last.town_by == "nearest-seat":
            self.nowhere += last.town is None
            self.guessed += last.town is not None
            return
        for name in {name for name, _ in facts}:
            count = sum(n for (other, _), n in facts.items() if other == name)
            self._count(last.town, name, min(count, 1) if name in _ONCE else count)

    def _count(self, group: str, name: str, count: int) -> None:
        tally = self.groups.setdefault(group, Tally())
        setattr(tally, name, getattr(tally, name) + count)


def _facts(
    problem: Problem, month: Sequence[Spell], begin: datetime, weights: Weights
) -> Counter[tuple[str, str]]:
    """(part, line) → how often; nothing that is zero."""
    found: Counter[tuple[str, str]] = Counter()
    last = month[-1].standing
    for before, spell in zip((None, *month), month, strict=False):
        now = spell.standing
        if before is not None:
            then = before.standing
            found["returned", then.line] += max(0, now.returns - then.returns)
            found["reopened", now.line] += max(0, now.reopened - then.reopened)
        if spell.begin == spell.end:
            continue
        if now.status not in ENDED:
            found["in_hand", last.line] = 1
        if now.status in TIMED and now.due_at is not None and now.due_at < spell.end:
            found["overdue", now.line] = 1
        if now.status not in ENDED and now.level in PRESSED:
            found["escalated", now.line] = 1
    if problem.reported_at >= begin and last.status not in NOT_REAL:
        found["new", last.line] = 1
        found["self_found", last.line] = int(problem.source not in weights.found_by_others)
    return +found


class Part(StrEnum):
    OVERDUE = "overdue"
    RETURNED = "returned"
    REOPENED = "reopened"
    ESCALATED = "escalated"
    SELF_FOUND = "self_found"


PART_NAMES: dict[Part, str] = {
    Part.OVERDUE: "超期",
    Part.RETURNED: "退回",
    Part.REOPENED: "反弹",
    Part.ESCALATED: "督办",
    Part.SELF_FOUND: "自查加分",
}


@dataclass(frozen=True)
class Points:
    part: Part
    count: int
    weight: float
    points: float
    """What it adds; negative where it takes off."""


@dataclass(frozen=True)
class Score:
    group: str
    rank: int | None
    """None: too few problems in hand for a fair rank."""
    tally: Tally
    parts: tuple[Points, ...]
    value: float
    """With two decimals, as published; equal ones share a rank."""


def scored(groups: Mapping[str, Tally], weights: Weights) -> tuple[Score, ...]:
    """The best first, those without a rank last; groups that share a rank by their names."""
    found = {group: (tally, _points(tally, weights)) for group, tally in groups.items()}
    values = {
        group: floor((weights.base + sum(p.points for p in parts)) * 100 + 0.5 + 1e-9) / 100
        for group, (_, parts) in found.items()
    }
    fair = [values[g] for g, (tally, _) in found.items() if tally.in_hand >= weights.minimum]
    scores = [
        Score(
            group,
            1 + sum(other > values[group] for other in fair)
            if tally.in_hand >= weights.minimum
            else None,
            tally,
            parts,
            values[group],
        )
        for group, (tally, parts) in found.items()
    ]
    return tuple(sorted(scores, key=lambda s: (s.rank is None, s.rank or 0, s.group)))


def _points(tally: Tally, weights: Weights) -> tuple[Points, ...]:
    share = tally.self_found / tally.new if tally.new else 0.0
    off = ((Part.OVERDUE, weights.overdue), (Part.RETURNED, weights.returned),
           (Part.REOPENED, weights.reopened), (Part.ESCALATED, weights.escalated))  # fmt: skip
    return (
        *(Points(p, getattr(tally, p), -w, -w * getattr(tally, p)) for p, w in off),
        Points(Part.SELF_FOUND, tally.self_found, weights.self_found, weights.self_found * share),
    )
