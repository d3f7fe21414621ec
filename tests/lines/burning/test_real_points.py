"""All real MODIS points through the fire rule; what must come out is counted from the file alone."""

import csv
from collections import Counter
from datetime import UTC, datetime
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

import pytest

from services.burning.rules import RULES
from services.burning.signals import SatelliteFire
from services.intake.firms.reading import FirePoint, read_firms
from services.intake.rows import read_rows
from tests.lines.facts import county_facts
from tests.lines.playing import Beside, play

POINTS = Path(__file__).parents[4] / "shared/data/fire-points/modis_east_china.csv"
pytestmark = pytest.mark.skipif(not POINTS.exists(), reason="the real data is not here")


def signals() -> list[SatelliteFire]:
    """As the intake reads them and sends them on, in the order of time."""
    with POINTS.open(encoding="utf-8") as file:
        read = list(read_firms(read_rows(file)))
    points = [one for one in read if isinstance(one, FirePoint)]
    assert len(points) == len(read) == 481
    points.sort(key=lambda one: one.observed_at)
    return [SatelliteFire.model_validate(one.data()) for one in points]


class Row:
    """One line of the file, read by nothing of ours."""

    def __init__(self, cells: dict[str, str]) -> None:
        time = cells["acq_time"].rjust(4, "0")
        self.hours = (
            datetime.fromisoformat(f"{cells['acq_date']}T{time[:2]}:{time[2:]}").timestamp() / 3600
        )
        self.lat, self.lon = float(cells["latitude"]), float(cells["longitude"])
        self.satellite = cells["satellite"]
        self.confidence = float(cells["confidence"])

    def km(self, other: "Row") -> float:
        a = sin(radians(other.lat - self.lat) / 2) ** 2
        b = sin(radians(other.lon - self.lon) / 2) ** 2
        return 12742 * asin(sqrt(a + cos(radians(self.lat)) * cos(radians(other.lat)) * b))


def rows() -> list[Row]:
    with POINTS.open(encoding="utf-8") as file:
        return [Row(cells) for cells in csv.DictReader(file)]


def test_of_all_points_one_is_a_fire_of_the_county() -> None:
    inside = [r for r in rows() if 116.10 <= r.lon <= 116.52 and 34.84 <= r.lat <= 35.25]
    assert [r.confidence for r in inside] == [64]
    played = play(RULES[0], signals(), county_facts(), signal="burning.satellite")
    (found,) = played.findings
    assert found.seen_at == datetime(2023, 3, 10, 2, 57, tzinfo=UTC)
    assert (found.lon, found.lat) == (116.14455, 35.05153)
    assert found.accuracy == pytest.approx(1110)
    assert played.states["county"].outside == len(rows()) - len(inside) == 480


def test_were_east_china_one_county_every_sure_point_and_every_confirmed_one_is_told() -> None:
    told, distinct = expected(rows())
    played: Any = play(
        RULES[0], signals(), Beside(county_facts(), everywhere=True), signal="burning.satellite"
    )
    found = Counter((round(one.lon, 5), round(one.lat, 5)) for one in played.findings)
    assert found == Counter((round(one.lon, 5), round(one.lat, 5)) for one in told)
    sure = sum(one.confidence >= 50 for one in distinct)
    assert (len(distinct), sure, len(told)) == COUNTED


COUNTED = (481, 314, 319)
"""Points that are not copies of another; of them MODIS 50 % or more; those and the confirmed."""


def expected(all_: list[Row]) -> tuple[list[Row], list[Row]]:
    """The points that must be told, and those that are no copies: every pair looked at."""
    distinct: list[Row] = []
    for one in sorted(all_, key=lambda row: row.hours):
        same = [
            i
            for i, other in enumerate(distinct)
            if (one.satellite, one.hours) == (other.satellite, other.hours) and one.km(other) <= 0.1
        ]
        if not same:
            distinct.append(one)
        elif distinct[same[0]].confidence < 50 <= one.confidence:
            distinct[same[0]] = one
    told = [
        one
        for one in distinct
        if one.confidence >= 50
        or any(
            other.satellite != one.satellite
            and abs(other.hours - one.hours) <= 12
            and one.km(other) <= 1.5
            for other in distinct
        )
    ]
    return told, distinct
