"""A running clock: who owes what by when. Pure; it never looks at the clock on the wall.

Natural time always passes; a clock in working time only moves in the office's hours. A paused clock
does not move: when it goes on, what was left is still left.
"""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.allowance import Allowance, Time
from shared.domain.moments import Moment, to_utc_millis


class ClockKind(StrEnum):
    RESPOND = "respond"
    FEED_BACK = "feed_back"
    RECTIFY = "rectify"
    INSPECT = "inspect"
    TASK = "task"


CLOCK_NAMES: dict[ClockKind, str] = {
    ClockKind.RESPOND: "响应",
    ClockKind.FEED_BACK: "反馈",
    ClockKind.RECTIFY: "整改",
    ClockKind.INSPECT: "核查",
    ClockKind.TASK: "任务",
}

Owner = Literal["line", "unit", "inspector"]
"""Who owes it: the line hands out, the unit accepts and rectifies, the inspector looks."""
OWNER_NAMES: dict[Owner, str] = {"line": "工作线", "unit": "承办单位", "inspector": "核查员"}


class Deadline(BaseModel):
    """One clock of one entry."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClockKind
    owner: Owner
    allowance: Allowance | None
    """None where a person or a superior named the moment: then natural time counts, and no warning
    shortens it."""
    began_at: Moment
    due_at: Moment
    remind_at: Moment
    """When only the reminder's share of the time is left."""
    paused_at: Moment | None = None
    step: int = Field(default=0, ge=0)
    """How many steps of its escalation were taken."""
    shortened_for: str | None = None
    """The episode for which it was shortened: only once an episode."""

    @property
    def working(self) -> bool:
        return self.allowance is not None and self.allowance.working

    def is_overdue(self, now: Moment) -> bool:
        return self.paused_at is None and self.due_at < now


def begin(
    kind: ClockKind, owner: Owner, allowance: Allowance, at: Moment, share: float, time: Time
) -> Deadline:
    """A clock that begins `at`. `share`: of its time that is left when it reminds."""
    return _moved(
        Deadline(kind=kind, owner=owner, allowance=allowance, began_at=at, due_at=at, remind_at=at),
        allowance.after(at, time),
        at,
        share,
        time,
    )


def until(
    kind: ClockKind, owner: Owner, due_at: Moment, at: Moment, share: float, time: Time
) -> Deadline:
    """A clock that begins `at` and whose end somebody named."""
    named = Deadline(kind=kind, owner=owner, allowance=None, began_at=at, due_at=at, remind_at=at)
    return _moved(named, due_at, at, share, time)


def moved(clock: Deadline, due_at: Moment, now: Moment, share: float, time: Time) -> Deadline:
    """Another end, named by somebody: from now on natural time counts, and it reminds anew."""
    return _moved(clock.model_copy(update={"allowance": None}), due_at, now, share, time)


def paused(clock: Deadline, now: Moment) -> Deadline:
    return clock if clock.paused_at else clock.model_copy(update={"paused_at": now})


def gone_on(clock: Deadline, now: Moment, time: Time) -> Deadline:
    """What was left when it was paused is left now; what was overdue is as much overdue."""
    since = clock.paused_at
    if since is None:
        return clock
    late = max(since - clock.due_at, timedelta())
    due = time.add(now, time.left(since, clock.due_at, clock.working), clock.working) - late
    if since < clock.remind_at:
        before = time.left(since, clock.remind_at, clock.working)
        remind = time.add(now, before, clock.working)
    else:
        remind = clock.remind_at
    return clock.model_copy(
        update={
            "paused_at": None,
            "due_at": to_utc_millis(due),
            "remind_at": to_utc_millis(remind),
        }
    )


def recounted(
    clock: Deadline, allowance: Allowance, now: Moment, share: float, time: Time
) -> Deadline:
    """For another grade. A graver one gives at most what it would give if it began now, a milder one
    what it would have given from the beginning; nobody is overdue by the change itself."""
    anew = allowance.after(now, time)
    due = min(clock.due_at, anew)
    if due == clock.due_at:
        due = max(clock.due_at, min(allowance.after(clock.began_at, time), anew))
    return _moved(clock.model_copy(update={"allowance": allowance}), due, now, share, time)


def shortened(
    clock: Deadline, factor: float, episode: str, now: Moment, share: float, time: Time
) -> Deadline:
    """What is left becomes less; what was overdue stays so."""
    said = clock.model_copy(update={"shortened_for": episode})
    if clock.due_at <= now:
        return said
    left = time.left(now, clock.due_at, clock.working) * factor
    return _moved(said, time.add(now, left, clock.working), now, share, time)


def _moved(clock: Deadline, due: Moment, now: Moment, share: float, time: Time) -> Deadline:
    """With another end: the reminder comes when `share` of the whole is left. Steps that were taken
    for an end that no longer holds can be taken again."""
    working, due = clock.working, to_utc_millis(due)
    whole = time.left(clock.began_at, due, working)
    left = time.left(now, due, working)
    remind = time.add(now, max(left - whole * share, timedelta()), working)
    return clock.model_copy(
        update={
            "due_at": due,
            "remind_at": min(to_utc_millis(remind), due),
            "step": 0 if due > now and due != clock.due_at else clock.step,
        }
    )


def of_kind(clocks: Iterable[Deadline], kind: ClockKind) -> Deadline | None:
    return next((clock for clock in clocks if clock.kind is kind), None)
