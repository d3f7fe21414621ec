"""Ten thousand broken rows in each kind of file: each is told with its line and reason, the good ones
between them all count, and nothing crashes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from random import Random

import pytest

from services.intake.firms.reading import NEEDED, read_firms
from services.intake.rows import MAX_LINE, Row, RowError, lines_of, read_rows
from services.intake.stations.formats import FORMATS
from services.intake.stations.reading import read_stations

BROKEN, GOOD = 10_000, 2_000
Read = Callable[[Iterable[Row | RowError]], Iterator[object]]

FIRMS = (
    "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,"
    "version,bright_ti5,frp,daynight",
    "35.07,116.31,335.1,0.4,0.36,2026-06-10,0512,N,VIIRS,n,2.0NRT,290,3.2,D",
)
WIDE = (
    "device_id,observed_at,town,lon,lat,qc_flag,pm25,pm10,so2,no2,o3,co",
    "s-1,2026-06-10T08:00:00+08:00,370828001,116.31,35.07,N,35,70,9,40,120,0.8",
)
CNEMC = (
    "City,Date,Hour,WatchPoint,AQI,PM2.5,PM10,CO,NO2,O3_1h,O3_8h,SO2",
    "济宁,20200326,18,火炬城,30,7,30,0.6,18,62,43,7",
)


def stations(name: str) -> Read:
    return lambda rows: read_stations(rows, FORMATS[name], lambda _: None)


CASES = {
    "firms": (*FIRMS, NEEDED, read_firms, ("latitude", "acq_date", "scan", "bright_ti4")),
    "stations, wide": (
        *WIDE, FORMATS["wide"].needed, stations("wide"), ("observed_at", "pm25", "co", "lon"),
    ),
    "stations, cnemc": (
        *CNEMC, FORMATS["cnemc-hourly"].needed, stations("cnemc-hourly"), ("Date", "Hour", "PM10"),
    ),
}  # fmt: skip
RUBBISH = ("high", "1e999", "-17000", "35,07", "2099-99-99", "0x10", "٣٥..", "~", "x" * 200)


def broken(header: str, good: str, columns: tuple[str, ...], chance: Random) -> str:
    """A row that cannot be right."""
    cells = good.split(",")
    kind = chance.randrange(6)
    if kind == 0:
        return ",".join(cells[: chance.randrange(1, len(cells))])
    if kind == 1:
        return good + ",more"
    if kind == 2:
        return '"' + good
    if kind == 3 and chance.random() < 0.02:
        return "x" * (MAX_LINE + chance.randrange(1_000_000))
    names = header.split(",")
    cells[names.index(chance.choice(columns))] = f'"{chance.choice(RUBBISH)}"'
    return ",".join(cells)


@pytest.mark.parametrize("name", CASES)
def test_broken_rows_are_told_and_the_good_between_them_count(name: str) -> None:
    header, good, needed, read, columns = CASES[name]
    chance = Random(20261124)
    is_good = [True] * GOOD + [False] * BROKEN
    chance.shuffle(is_good)
    lines = [good if fine else broken(header, good, columns, chance) for fine in is_good]
    file = StringIO("\n".join([header, *lines]) + "\n")
    found = list(read(read_rows(lines_of(file), needed)))
    wrong = [each for each in found if isinstance(each, RowError)]
    assert len(found) - len(wrong) == GOOD
    assert len(wrong) == BROKEN
    broken_lines = {number for number, fine in enumerate(is_good, 2) if not fine}
    assert {each.line for each in wrong} == broken_lines
    assert all(each.reason for each in wrong)
