"""Jining's real winters, fed as forecasts that come true; levels recounted another way."""

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from services.episode.signals import Forecast, ForecastDay
from shared.domain.moments import SHANGHAI
from tests.lines.episode.playing import Played, play

FILE = Path(__file__).parents[4] / "shared/data/air-quality/shandong_region_daily_2013-2017.csv"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the real data is not here")
ONE = timedelta(days=1)


@cache
def jining() -> dict[date, int]:
    with FILE.open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["City"] == "济宁"]
    return {date.fromisoformat(row["Date"]): int(row["AQI"]) for row in rows}


def forecasts(first: date, last: date) -> Iterator[Forecast]:
    """Every day at 16:00 the seven days to come, up to the first that the file does not have."""
    day = first
    while day <= last:
        coming: list[ForecastDay] = []
        for n in range(1, 8):
            aqi = jining().get(day + n * ONE)
            if aqi is None:
                break
            coming.append(ForecastDay(date=day + n * ONE, aqi=aqi))
        if coming:
            moment = datetime(day.year, day.month, day.day, 16, tzinfo=SHANGHAI)
            yield Forecast(device_id="perfect", observed_at=moment, days=tuple(coming))
        day += ONE


def course(first: date, last: date) -> Played:
    return play(forecasts(first, last), f"{last + 8 * ONE} 00:00")


def recount(first: date, last: date) -> list[tuple[date, date, str]]:
    """(first day, first day after, highest level) of each episode, by patterns over letters.

    a: ≤ 150, b: 151–200, c: 201–300, d: > 300, one a day; x where the file has no day.
    """
    days = [first + n * ONE for n in range((last - first).days + 1)]
    text = "".join(
        "x" if (v := jining().get(d)) is None else "abcd"[(v > 150) + (v > 200) + (v > 300)]
        for d in days
    )
    found: list[tuple[int, int, str]] = []
    for run in re.finditer("[bcd]+", text):
        said = run.group()
        if any("d" in part for part in re.findall("[cd]{3,}", said)):
            level = "red"
        elif re.search("[cd]{2}|[bcd]{3}", said):
            level = "orange"
        elif re.search("[cd]|[bcd]{2}", said):
            level = "yellow"
        else:
            continue
        if found and run.start() - found[-1][1] <= 1:  # one day between is less than 36 hours
            worst = min(level, found[-1][2], key=["red", "orange", "yellow"].index)
            found[-1] = (found[-1][0], run.end(), worst)
        else:
            found.append((run.start(), run.end(), level))
    return [(days[a], first + b * ONE, level) for a, b, level in found]


def told(played: Played) -> list[tuple[date, date, str]]:
    found: list[tuple[date, date, str]] = []
    levels: list[str] = []
    start = date.min
    for turn in played.course.timeline:
        day = turn.at.astimezone(SHANGHAI)
        if turn.what == "start":
            start, levels = day.date(), []
        if turn.what == "lift":
            assert (day.hour, day.minute) == (0, 0)
            worst = min(levels, key=["red", "orange", "yellow"].index)
            found.append((start, day.date(), worst))
        elif turn.what != "announce":
            levels.append(turn.level)
    return found


EPISODES = [
    ("2015-12-24 当天 463", date(2015, 12, 17), date(2015, 12, 27), date(2015, 12, 24)),
    ("2016-12-20 当天 409", date(2016, 12, 13), date(2016, 12, 25), date(2016, 12, 20)),
    ("2016-01 连续重污染,最高 426", date(2015, 12, 29), date(2016, 1, 21), date(2016, 1, 10)),
]


@pytest.mark.parametrize(
    ("first", "last", "peak"), [e[1:] for e in EPISODES], ids=[e[0] for e in EPISODES]
)
def test_levels_and_dates_of_real_episodes(first: date, last: date, peak: date) -> None:
    found, expected = told(course(first, last)), recount(first, last)
    assert found == expected
    assert any(begin <= peak < end for begin, end, _ in expected)


def test_the_two_peaks_by_hand() -> None:
    """Read off the file with a finger."""
    # 236 235 275 161 261 463 280, and 150 the day after.
    assert told(course(date(2015, 12, 17), date(2015, 12, 27))) == [
        (date(2015, 12, 19), date(2015, 12, 26), "red")
    ]
    # 188 208 | 133 | 165 293 409 242 219 160: one day between, so one episode.
    assert told(course(date(2016, 12, 13), date(2016, 12, 25))) == [
        (date(2016, 12, 15), date(2016, 12, 24), "red")
    ]
