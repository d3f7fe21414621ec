"""`tenlines ranking`: a month of station hours in, towns by rank out."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.cli import main

HEADER = "town,station,time,pm25,pm10,so2,no2,co,o3"


def month(town: str, station: str, pm25: float, days: int = 31) -> Iterator[str]:
    """Every hour of January 2026, named by its end."""
    end = datetime(2026, 1, 1, 1)
    for _ in range(24 * days):
        yield f"{town},{station},{end:%Y-%m-%d %H:%M},{pm25},70,6,20,0.4,80"
        end += timedelta(hours=1)


def run(folder: Path, *lines: str, asked: str = "2026-01") -> Result:
    file = folder / "hours.csv"
    file.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    return CliRunner().invoke(main, ["ranking", str(file), "--month", asked])


def table(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_towns_by_rank_with_the_mean_of_their_stations(tmp_path: Path) -> None:
    lines = [
        *month("马庙镇", "S1", 30),
        *month("马庙镇", "S2", 40),
        *month("羊山镇", "S3", 10.5),
        *month("鸡黍镇", "S4", 35),
        *month("霄云镇", "S5", 5, days=20),
    ]
    result = run(tmp_path, *lines)
    assert result.exit_code == 0, result.output
    found = [(row["rank"], row["name"], row["index"]) for row in table(result)]
    assert found == [
        ("1", "羊山镇", "2.50"),
        ("2", "马庙镇", "3.20"),
        ("2", "鸡黍镇", "3.20"),
        ("", "霄云镇", ""),
    ]
    assert "pm25 20 天" in table(result)[-1]["note"]
    assert table(result)[1]["pm25"] == "35"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A,S,2026-01-05 08:00,x,1,1,1,1,1", "不是数"),
        ("A,S,2026-01-05 08:00,10,10,10,10,400,10", "别的单位"),
        ("A,S,2026-01-05 08:30,10,10,10,10,1,10", "不是整点"),
        ("A,S,gestern,10,10,10,10,1,10", "不是时间"),
        (",,2026-01-05 08:00,10,10,10,10,1,10", "没有写明"),
        ("A,S,2026-01-05 08:00", "格"),
        ("羊山镇,S3,2026-01-05 08:00,10,10,10,10,1,10", "重复"),
    ],
)
def test_a_bad_row_is_told_and_the_good_ones_count(tmp_path: Path, line: str, said: str) -> None:
    result = run(tmp_path, *month("羊山镇", "S3", 10.5), line)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "746" in result.stderr, "the row's number"
    assert [(row["rank"], row["index"]) for row in table(result)] == [("1", "2.50")]


def test_midnight_belongs_to_the_day_before_and_other_months_are_not_counted(
    tmp_path: Path,
) -> None:
    result = run(
        tmp_path, *month("羊山镇", "S3", 10.5), "羊山镇,S3,2026-02-01 01:00,10,10,10,10,1,10"
    )
    assert result.exit_code == 0
    assert "1 行属于其他月份" in result.stderr
    assert run(tmp_path, *month("羊山镇", "S3", 10.5), asked="2025-06").exit_code == 1
