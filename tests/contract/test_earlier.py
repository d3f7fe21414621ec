"""Was it here before: over the memory and the real engine alike."""

from datetime import timedelta

from shared.contract.messages import Command
from shared.domain.entry import Kind
from shared.domain.problem import Problem
from tests.contract.test_due_entries import DAY, Line, line
from tests.unit.domain.world import LEAD, NOW, REPORT

__all__ = ["line"]
_STEP = 0.001
"""Degrees of latitude: about 111 m."""


async def _register(line: Line, entry: str, **fields: object) -> Problem:
    await line.tell("register", entry, **{**REPORT, "source": "patrol", **fields})
    return await line.problem(entry)


async def test_the_same_category_nearby_is_a_recurrence(line: Line) -> None:
    first = await _register(line, "p1")
    assert first.recurrence is None
    line.clock.turn(40 * DAY)
    near = {"lon": 116.31, "lat": 35.07 + _STEP}
    again = await _register(line, "p2", location=near)
    assert again.recurrence is not None
    assert (again.recurrence.within_30, again.recurrence.within_90) == (0, 1)
    assert (again.recurrence.last.id, again.recurrence.last.number) == ("p1", first.number)
    line.clock.turn(10 * DAY)
    third = await _register(line, "p3", location=near)
    assert third.recurrence is not None
    assert (third.recurrence.within_30, third.recurrence.within_90) == (1, 2)
    assert third.recurrence.last.id == "p2"
    line.clock.turn(100 * DAY)
    assert (await _register(line, "p4")).recurrence is None


async def test_farther_away_another_category_or_untrue_is_none(line: Line) -> None:
    await _register(line, "p1")
    far = {"lon": 116.31, "lat": 35.07 + 2 * _STEP}
    assert (await _register(line, "p2", location=far)).recurrence is None
    assert (await _register(line, "p3", category="road_dust")).recurrence is None
    await line.tell("reject", "p1", reason="不属实")
    here = {"lon": 116.31, "lat": 35.07 - _STEP}
    assert (await _register(line, "p5", location=here)).recurrence is None


async def test_the_same_site_of_a_town_without_a_position(line: Line) -> None:
    yard = {"site": "北苑二期工地", "location": {"town": "370828003"}}
    await _register(line, "p1", **yard)
    assert (await _register(line, "p2", **yard)).recurrence is not None
    other = {**yard, "location": {"town": "370828101"}}
    assert (await _register(line, "p3", **other)).recurrence is None
    assert (await _register(line, "p4", location={"town": "370828003"})).recurrence is None


async def test_what_is_called_other_recurs_not(line: Line) -> None:
    await _register(line, "p1", category="other")
    assert (await _register(line, "p2", category="other")).recurrence is None


async def test_what_was_found_later_is_no_earlier_one(line: Line) -> None:
    await _register(line, "p1")
    old = (NOW - timedelta(days=3)).isoformat()
    command = Command(
        id="c", kind=Kind.PROBLEM, entry="p2", name="register", actor=LEAD, issued_at=NOW,
        body={**REPORT, "source": "patrol", "found_at": old},
    )  # fmt: skip
    assert (await line.handler.handle(command)).outcome == "applied"
    assert (await line.problem("p2")).recurrence is None
