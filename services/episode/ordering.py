"""What a change of level orders of all ten lines: tasks that begin, and tasks that end. Pure.

Ids derive from line, episode, change and enterprise, so that the same change gives the same tasks
however often it is computed.
"""

from collections.abc import Iterator
from typing import Any

from services.episode.course import LEVEL_NAMES, WHAT_NAMES, Course, Turn
from services.episode.spells import Level
from shared.declaration.county.keys import LINE_KEYS
from shared.declaration.rule import Facts, Order
from shared.domain.entry import Kind
from shared.domain.identity import derived
from shared.domain.moments import SHANGHAI, shanghai_day

CLAUSE = "21.1"
_WHOLE_LINE, _COURSE = "line", "course"
_OWN_LINE = "episode"


def orders(before: Course, after: Course, county: Facts) -> tuple[Order, ...]:
    """The orders for every change of level between two states of the course, in their order.

    Each line gets a task of its own, and one for each enterprise of the emergency reduction list
    that it looks after; the tasks of the level before end. The episode itself is a task of the
    episode line: its history is the course, turn by turn.
    """
    found: list[Order] = []
    level = before.level
    for turn in after.timeline:
        if turn.what == "announce" or turn in before.timeline:
            continue
        if level != "none":
            serial = turn.serial if turn.what == "lift" else turn.serial - 1
            found.extend(_ends(turn, serial, level, county))
        if turn.level != "none":
            found.extend(_begins(turn, county))
        found.extend(_course(turn, after.timeline, county))
        level = turn.level
    return tuple(found)


def _course(turn: Turn, timeline: tuple[Turn, ...], county: Facts) -> Iterator[Order]:
    lead = county.lead_of(_OWN_LINE)
    if lead is None:
        return
    past = timeline[: timeline.index(turn) + 1]
    begun = max(n for n, each in enumerate(past) if each.what in ("start", "resume"))
    entry = _entry(_OWN_LINE, turn.episode, past[begun].serial, _COURSE)
    reason = f"{WHAT_NAMES[turn.what]}:{turn.reason}"[:1000]
    if turn.what == "lift":
        day = shanghai_day(turn.at).isoformat()
        yield Order(_OWN_LINE, Kind.TASK, entry, "end", {"ended_on": day, "reason": reason})
        return
    # What was announced before it began belongs to it.
    lifted = max((n for n in range(begun) if past[n].what == "lift"), default=-1)
    said = "；".join(_told(each) for each in past[lifted + 1 :])
    body: dict[str, Any] = {"text": f"重污染天气过程 {turn.episode}:{said}"[-2000:]}
    if turn.what in ("start", "resume"):
        starts = shanghai_day(turn.at).isoformat()
        body |= {"clause": CLAUSE, "department": lead, "starts": starts, "frequency": "daily"}
        yield Order(_OWN_LINE, Kind.TASK, entry, "create", body)
    else:
        body["reason"] = reason
        yield Order(_OWN_LINE, Kind.TASK, entry, "change", body, turn.serial)


def _told(turn: Turn) -> str:
    when = turn.at.astimezone(SHANGHAI)
    return f"{when:%m-%d %H:%M} {WHAT_NAMES[turn.what]}{LEVEL_NAMES[turn.level]}({turn.reason})"


def _begins(turn: Turn, county: Facts) -> Iterator[Order]:
    name = LEVEL_NAMES[turn.level]
    head = f"重污染天气{name}({turn.episode} 过程,{WHAT_NAMES[turn.what]}):{turn.reason}。"
    starts = shanghai_day(turn.at).isoformat()
    for line, target, enterprise in _targets(turn.level, county):
        lead = county.lead_of(line)
        if lead is None:
            continue
        body: dict[str, Any] = {
            "clause": CLAUSE,
            "department": lead,
            "starts": starts,
            "frequency": "daily",
            "alert": {"episode": turn.episode, "level": turn.level},
        }
        if enterprise is None:
            body["text"] = head + "落实本线应急减排措施,加密检查,每日报告落实情况,直至解除"
        else:
            measures = "；".join(enterprise.measures.at(turn.level))
            body["text"] = f"{head}检查 {enterprise.name} 落实:{measures}"[:2000]
            body["town"] = enterprise.town
        entry = _entry(line, turn.episode, turn.serial, target)
        yield Order(line, Kind.TASK, entry, "create", body)


def _ends(turn: Turn, serial: int, level: Level, county: Facts) -> Iterator[Order]:
    day = shanghai_day(turn.at).isoformat()
    reason = f"{WHAT_NAMES[turn.what]}:{turn.reason}"[:1000]
    for line, target, _ in _targets(level, county):
        if county.lead_of(line) is not None:
            entry = _entry(line, turn.episode, serial, target)
            yield Order(line, Kind.TASK, entry, "end", {"ended_on": day, "reason": reason})


def _targets(level: Level, county: Facts) -> Iterator[tuple[str, str, Any]]:
    """(line, what of it, the enterprise): every line as a whole, then its enterprises."""
    listed = [one for one in county.places("enterprises") if one.emergency_list]
    for line in LINE_KEYS:
        yield line, _WHOLE_LINE, None
        for enterprise in listed:
            if line in enterprise.lines and level != "none" and enterprise.measures.at(level):
                yield line, enterprise.id, enterprise


def _entry(line: str, episode: str, serial: int, target: str) -> str:
    return derived("episode-task", line, episode, str(serial), target)
