"""The nation's days off and make-up workdays, the county's own, and years not yet published."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from shared.adapters.calendar.national import published_workday
from shared.adapters.pack import PackError, load_pack
from shared.domain.calendar import Calendar
from tests.lines.facts import PACK
from tests.unit.county.pack_copy import copy_of

HOLIDAYS = Path(__file__).parents[4] / "shared/data/holidays"
NATIONAL = Calendar(published_workday, {})


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_library_says_what_the_state_council_published(year: int) -> None:
    said = json.loads((HOLIDAYS / f"holiday-cn_{year}.json").read_text())["days"]
    off = {date.fromisoformat(each["date"]): each["isOffDay"] for each in said}
    day = date(year, 1, 1)
    while day.year == year:
        expected = not off.get(day, day.weekday() >= 5)
        assert NATIONAL.is_workday(day) is expected, day
        assert not NATIONAL.is_provisional(day)
        day += timedelta(days=1)


def test_make_up_days_around_national_day_and_spring_festival() -> None:
    for worked in ("2025-09-28", "2025-10-11", "2026-02-14", "2026-02-28"):
        assert NATIONAL.is_workday(date.fromisoformat(worked)), worked
    for off in ("2025-10-01", "2025-10-08", "2026-02-16", "2026-02-23"):
        assert not NATIONAL.is_workday(date.fromisoformat(off)), off


def test_a_year_that_is_not_published_is_provisional_and_no_crash() -> None:
    assert NATIONAL.is_provisional(date(2040, 3, 1))
    assert NATIONAL.is_workday(date(2040, 3, 1)), "a Thursday"
    assert not NATIONAL.is_workday(date(2040, 3, 3)), "a Saturday"
    assert not NATIONAL.is_workday(date(2040, 10, 2)), "a Tuesday, but National Day"
    assert NATIONAL.is_provisional(date(1990, 3, 1))


def test_the_countys_own_days_go_first_and_are_certain() -> None:
    own = Calendar(published_workday, {date(2026, 11, 24): False, date(2040, 3, 3): True})
    assert not own.is_workday(date(2026, 11, 24))
    assert own.is_workday(date(2040, 3, 3))
    assert not own.is_provisional(date(2040, 3, 3))


def test_a_pack_may_do_without_the_file_and_is_told_what_is_wrong_in_it(tmp_path: Path) -> None:
    pack = copy_of(PACK, tmp_path)
    hours = load_pack(pack).calendar.hours
    (pack / "calendar.yaml").unlink()
    assert load_pack(pack).calendar.hours == hours
    (pack / "calendar.yaml").write_text(
        'hours: [{begin: "13:30", end: "17:30"}, {begin: "08:30", end: "12:00"}]'
    )
    with pytest.raises(PackError, match=r"calendar.yaml.*递增"):
        load_pack(pack)
    (pack / "calendar.yaml").write_text(
        "days: [{day: 2026-10-08, workday: false, reason: 调休},"
        " {day: 2026-10-08, workday: true, reason: 上班}]"
    )
    with pytest.raises(PackError, match=r"2026-10-08 写了两次"):
        load_pack(pack)
