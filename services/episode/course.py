"""The course of the county's episodes: which level holds when, and why. A pure state machine.

What was ordered from above goes before what the forecast calls for. Levels change at the moments
that orders and days name, whenever it becomes known; a change that becomes known late holds from
then on. Two episodes with less than the lifting hours between them are one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.episode.spells import LEVELS, Level, Spell, Warnings, spells
from shared.declaration.rule import State
from shared.domain.moments import SHANGHAI, Moment, day_end, shanghai_day

TURNS_KEPT = 100
DAYS_KEPT = 14
ALERTS_KEPT = 20

What = Literal["announce", "start", "resume", "upgrade", "downgrade", "lift"]
WHAT_NAMES: dict[What, str] = {
    "announce": "预告",
    "start": "启动",
    "resume": "重新启动(与上次间隔短,仍为同一过程)",
    "upgrade": "升级",
    "downgrade": "降级",
    "lift": "解除",
}
LEVEL_NAMES: dict[Level, str] = {
    "none": "无预警",
    "yellow": "黄色预警",
    "orange": "橙色预警",
    "red": "红色预警",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Turn(_Part):
    """One point of the timeline."""

    at: Moment
    what: What
    level: Level
    reason: str
    episode: str
    serial: int
    """Counts the changes of level within the episode."""


class Said(_Part):
    """What is known of a day; `aqi` None: ozone or sand, which counts for no warning."""

    aqi: int | None
    observed: bool = False


class Ordered(_Part):
    """An alert that somebody above gave."""

    level: Level
    issued_at: Moment
    starts_at: Moment
    ends_at: Moment | None
    issuer: str
    notice: str


class Course(State):
    days: dict[date, Said] = Field(default_factory=dict)
    issued_at: Moment | None = None
    """When the forecast was issued that counts."""
    orders: tuple[Ordered, ...] = ()
    now: Moment | None = None
    """How far the course has gone."""
    level: Level = "none"
    ordered: bool = False
    """Whether it holds because somebody above ordered it."""
    episode: str | None = None
    """The day on which the episode began; kept after it for as long as it may go on."""
    serial: int = 0
    lifted_at: Moment | None = None
    timeline: tuple[Turn, ...] = ()
    breaches: dict[str, Moment] = Field(default_factory=dict)
    """Breaches that were found and not yet shown to be over."""


@dataclass(frozen=True)
class Terms:
    """What the county says of levels and times, on one day."""

    warnings: Warnings
    notice: timedelta
    lift: timedelta


def with_forecast(
    course: Course, issued_at: datetime, days: Iterable[tuple[date, int | None]]
) -> Course:
    """An older forecast than the one that counts says nothing new; observed days stay."""
    if course.issued_at is not None and issued_at <= course.issued_at:
        return course
    said = {day: Said(aqi=aqi) for day, aqi in days}
    first = min(said)
    held = {day: one for day, one in course.days.items() if one.observed or day < first}
    return course.model_copy(
        update={"days": _recent({**said, **held}), "issued_at": issued_at},
    )


def with_day(course: Course, day: date, aqi: int | None) -> Course:
    return course.model_copy(
        update={"days": _recent({**course.days, day: Said(aqi=aqi, observed=True)})}
    )


def with_order(course: Course, order: Ordered) -> Course:
    """The newest of an issuer counts; a lifting ends also what was forecast before it."""
    same = [one for one in course.orders if one.issuer == order.issuer]
    if any(one.issued_at >= order.issued_at for one in same):
        return course
    kept = tuple(
        # Until the new one starts, the old one holds: orange until 07:00, red from then on.
        one.model_copy(update={"ends_at": min(one.ends_at or order.starts_at, order.starts_at)})
        if one.issuer == order.issuer
        else one
        for one in course.orders
    )
    return course.model_copy(update={"orders": (*kept, order)[-ALERTS_KEPT:]})


def advance(course: Course, now: datetime, terms: Terms) -> Course:
    """The course up to `now`: every change that falls due on the way, each at its moment."""
    if course.now is not None and now < course.now:
        now = course.now
    found = spells({day: said.aqi for day, said in course.days.items()}, terms.warnings)
    begun = course.now or now
    for moment in sorted({m for m in _moments(course, found, terms) if begun < m < now} | {now}):
        course = _turn(course, moment, found, terms)
        course = _announce(course, moment, found, terms)
    kept = tuple(o for o in course.orders if o.ends_at is None or o.ends_at > now - terms.lift)
    return course.model_copy(update={"now": now, "orders": kept})


def next_moment(course: Course, terms: Terms) -> datetime | None:
    """When the next change falls due by what is known; None when nothing is."""
    found = spells({day: said.aqi for day, said in course.days.items()}, terms.warnings)
    now = course.now
    return min((m for m in _moments(course, found, terms) if now is None or m > now), default=None)


def level_at(course: Course, moment: datetime) -> tuple[Level, str | None]:
    """The level that held at a moment, and its episode, as far back as the timeline goes."""
    for turn in reversed(course.timeline):
        if turn.what != "announce" and turn.at <= moment:
            return turn.level, turn.episode if turn.level != "none" else None
    return "none", None


def _recent(days: dict[date, Said]) -> dict[date, Said]:
    newest = max(days)
    return {day: days[day] for day in sorted(days) if newest - day < timedelta(days=DAYS_KEPT)}


def _moments(course: Course, found: tuple[Spell, ...], terms: Terms) -> Iterable[datetime]:
    for order in course.orders:
        yield order.starts_at
        if order.ends_at is not None:
            yield order.ends_at
    for spell in found:
        yield spell.start - terms.notice
        yield spell.start
        yield spell.end


def _target(
    course: Course, moment: datetime, found: tuple[Spell, ...], terms: Terms
) -> tuple[Level, str, bool]:
    """The level that should hold at a moment, why, and whether it is ordered from above."""
    started = [o for o in course.orders if o.starts_at <= moment]
    holding = [
        o for o in started if o.level != "none" and (o.ends_at is None or moment < o.ends_at)
    ]
    if holding:
        worst = max(holding, key=lambda o: (LEVELS.index(o.level), o.issued_at))
        return (
            worst.level,
            f"{worst.issuer}发布{LEVEL_NAMES[worst.level]} {worst.notice}".strip(),
            True,
        )
    lifted = max((o.issued_at for o in started if o.level == "none"), default=None)
    if lifted is not None and (course.issued_at is None or course.issued_at <= lifted):
        return "none", "上级解除预警", False
    for spell in found:
        if spell.start <= moment < spell.end:
            days = (spell.last - spell.first).days + 1
            return (
                spell.level,
                (
                    f"预报 {spell.first:%m-%d} 至 {spell.last:%m-%d} 共 {days} 天达到"
                    f"{LEVEL_NAMES[spell.level]}条件"
                ),
                False,
            )
    if course.level == "none":
        return "none", "", False
    if course.ordered:
        return "none", "上级预警到期", False
    following = next((spell for spell in found if spell.start > moment), None)
    ended = max((s.end for s in found if s.end <= moment), default=moment)
    hours = terms.lift.total_seconds() / 3600
    if following is not None and following.start - ended < terms.lift:
        return course.level, "间隔短,预警持续", False
    if _known_until(course, moment) - ended < terms.lift:
        return course.level, "后续预报不足,预警持续", False
    return "none", f"降到黄色以下,并预测持续 {hours:g} 小时以上", False


def _known_until(course: Course, moment: datetime) -> datetime:
    """The end of the days in a row, from the moment's on, of which something is said."""
    day = shanghai_day(moment)
    until = moment
    while day in course.days:
        until = day_end(day)
        day += timedelta(days=1)
    return until


def _announce(course: Course, moment: datetime, found: tuple[Spell, ...], terms: Terms) -> Course:
    """What begins within the notice period is said in advance, once a level."""
    coming: list[tuple[datetime, Level, str]] = [
        (o.starts_at, o.level, f"{o.issuer}发布 {o.notice}".strip())
        for o in course.orders
        if o.starts_at > moment and o.level != "none"
    ]
    coming += [
        (s.start, s.level, f"预报 {s.first:%m-%d} 至 {s.last:%m-%d} 达到条件")
        for s in found
        if moment < s.start <= moment + terms.notice
    ]
    for start, level, why in sorted(coming):
        if LEVELS.index(level) <= LEVELS.index(course.level):
            continue
        reason = f"{start.astimezone(SHANGHAI):%Y-%m-%d %H:%M} 起{LEVEL_NAMES[level]},{why}"
        said = [t for t in course.timeline if t.what == "announce" and t.reason == reason]
        if not said:
            course = _written(course, moment, "announce", level, reason)
    return course


def _turn(course: Course, moment: datetime, found: tuple[Spell, ...], terms: Terms) -> Course:
    level, reason, ordered = _target(course, moment, found, terms)
    course = course.model_copy(update={"ordered": ordered})
    if level == course.level:
        return course
    before = LEVELS.index(course.level)
    if level == "none":
        course = _written(course, moment, "lift", level, reason)
        return course.model_copy(update={"level": level, "lifted_at": moment})
    if before:
        what: What = "upgrade" if LEVELS.index(level) > before else "downgrade"
        serial = course.serial + 1
    elif course.lifted_at is not None and moment - course.lifted_at < terms.lift:
        what, serial = "resume", course.serial + 1
    else:
        what, serial = "start", 1
        day = shanghai_day(moment).isoformat()
        course = course.model_copy(update={"episode": day})
    course = course.model_copy(update={"level": level, "serial": serial})
    return _written(course, moment, what, level, reason)


def _written(course: Course, at: datetime, what: What, level: Level, reason: str) -> Course:
    turn = Turn(
        at=at,
        what=what,
        level=level,
        reason=reason,
        # What is only coming has no episode yet.
        episode=course.episode or "" if course.level != "none" or what != "announce" else "",
        serial=course.serial,
    )
    return course.model_copy(update={"timeline": (*course.timeline, turn)[-TURNS_KEPT:]})
