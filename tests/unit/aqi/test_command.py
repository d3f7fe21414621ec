"""`tenlines aqi FILE.csv` as an office uses it."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.cli import main
from tests.unit.aqi.conftest import PACK, published

HEADER = "pm25,pm10,so2,no2,co,o3_1h"
DAY = "pm25,pm10,so2,no2,co,o3_8h"


@pytest.fixture(autouse=True)
def pack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENLINES_COUNTY", str(PACK))


def run(file: Path, *more: str, standard: str = "HJ633-2026", period: str = "hour") -> Result:
    words = ["aqi", str(file), "--standard", standard, "--period", period, *more]
    return CliRunner().invoke(main, words)


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "readings.csv"


def test_it_adds_four_columns_and_leaves_the_others_alone(file: Path) -> None:
    file.write_text(
        f'station,{HEADER},note\n"羊山, 1 号",75,50,10,20,0.6,100,"a ""b"""\n2,60,120,10,20,0.6,100,\n'
        "3,35,50,150,100,5,160, x \n",
        encoding="utf-8",
    )
    done = run(file)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == (
        f"station,{HEADER},note,aqi,primary,level,level_name\n"
        '"羊山, 1 号",75,50,10,20,0.6,100,"a ""b""",114,pm25,3,轻度污染\n'
        "2,60,120,10,20,0.6,100,,100,pm25;pm10,2,良\n"
        "3,35,50,150,100,5,160, x ,50,,1,优\n"
    )
    assert rows(run(file, standard="hj 633-2012").stdout)[1][-4:] == ["100", "pm25", "2", "良"]


def test_a_missing_pollutant(file: Path) -> None:
    file.write_text(f"{DAY}\n60,,10,20,0.6,100\n61,,10,20,0.6, \n,,,,,\n", encoding="utf-8")
    assert [row[-4:] for row in rows(run(file, period="day").stdout)[1:]] == [
        ["NA", "", "", ""],
        ["101", "pm25", "3", "轻度污染"],
        ["NA", "", "", ""],
    ]
    assert [row[-4] for row in rows(run(file, period="day", standard="HJ633-2012").stdout)[1:]] == [
        "82",
        "83",
        "NA",
    ]


@pytest.mark.parametrize(
    ("column", "cell", "right"),
    [
        ("co", "2600", "应为 2.6"),
        ("pm25", "0.075", "应为 75"),
        ("o3_1h", "0.12", "应为 120"),
        ("pm10", "60000", "核对小数点"),
        ("so2", "-3", "不小于 0"),
        ("no2", "abc", "留空"),
        ("no2", "NaN", "留空"),
        ("no2", "1e999999999", "留空"),
        ("no2", "３５", "留空"),
        ("no2", "1_0", "留空"),
    ],
)
def test_a_bad_cell_is_told_and_the_other_rows_count(
    file: Path, column: str, cell: str, right: str
) -> None:
    good = dict(zip(HEADER.split(","), ["35", "50", "10", "20", "0.6", "100"], strict=True))
    bad = ",".join({**good, column: cell}.values())
    fine = ",".join(good.values())
    file.write_text(f"{HEADER}\n{fine}\n\n{bad}\n{fine}\n", encoding="utf-8")
    done = run(file)
    assert done.exit_code == 1
    assert [row[-4:] for row in rows(done.stdout) if row][1:] == [
        ["50", "", "1", "优"],
        ["", "", "", ""],
        ["50", "", "1", "优"],
    ]
    told, summary = done.stderr.splitlines()
    assert f"第 4 行 {column} / row 4:" in told
    assert right in told
    assert summary.endswith("1 rows refused")


def test_one_co_that_cannot_be_in_mg_puts_all_high_ones_in_doubt(file: Path) -> None:
    """A file in µg/m³ has values of 100, which alone could be mg/m³: none of it may slip through."""
    lines = ["35,50,10,20,100,100", "35,50,10,20,3100,100", "35,50,10,20,0.6,100"]
    file.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    done = run(file)
    assert done.exit_code == 1
    assert [row[-4] for row in rows(done.stdout)[1:]] == ["", "", "50"]
    assert "应为 0.1" in done.stderr
    file.write_text(f"{HEADER}\n{lines[0]}\n", encoding="utf-8")
    assert rows(run(file).stdout)[1][-4:] == ["334", "co", "6", "严重污染"]


def test_every_bad_cell_of_a_row_is_told_and_a_short_row_keeps_its_columns(file: Path) -> None:
    file.write_text(f"{HEADER}\n-1,x,10,20,2600,100\n1,2\n1,2,3,4,5,6,7\n", encoding="utf-8")
    done = run(file)
    assert done.exit_code == 1
    told = done.stderr.splitlines()
    assert [line.split(":")[0] for line in told[:-1]] == [
        "第 2 行 pm25 / row 2",
        "第 2 行 pm10 / row 2",
        "第 2 行 co / row 2",
        "第 3 行 - / row 3",
        "第 4 行 - / row 4",
    ]
    assert rows(done.stdout)[2] == ["1", "2", *[""] * 8]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("PM2.5,pm10,so2,no2,co,o3_1h", "“PM2.5”是否改名为 pm25"),
        ("pm25,pm10,so2,no2,co(ug/m3),o3_1h", "缺少列 co "),
        ("pm25,pm10,so2,no2,co,o3", "“o3”是否改名为 o3_1h"),
        (f"{HEADER},pm25", "列 pm25 出现 2 次"),
        (f"{HEADER},aqi", "已有列 aqi"),
        ("", "缺少列 pm25"),
    ],
)
def test_a_header_that_does_not_serve_is_told_in_a_sentence(
    file: Path, header: str, says: str
) -> None:
    file.write_text(f"{header}\n1,2,3,4,5,6,7\n", encoding="utf-8")
    done = run(file)
    assert (done.exit_code, done.stdout) == (1, "")
    assert says in done.stderr


def test_files_that_are_no_csv(file: Path) -> None:
    for content, says in (
        (b"", "是空的"),
        ("pm25,pm10\n".encode("utf-16"), "UTF-8"),
        (b"\xff\xff\xff", "GB18030"),
    ):
        file.write_bytes(content)
        done = run(file)
        assert (done.exit_code, done.stdout) == (1, "")
        assert says in done.stderr
    file.write_text(f'{HEADER}\n1,2,3,4,5,"' + "x" * 200_000, encoding="utf-8")
    assert "引号" in run(file).stderr
    assert "HJ633-2026" in run(file, standard="HJ633-2019").stderr


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_any_encoding_of_an_office(file: Path, tmp_path: Path, codec: str, end: str) -> None:
    content = end.join([f"{HEADER},镇街", "75,50,10,20,0.6,100,霄云镇", ""])
    file.write_bytes(content.encode(codec))
    expected = end.join(
        [
            f"{HEADER},镇街,aqi,primary,level,level_name",
            "75,50,10,20,0.6,100,霄云镇,114,pm25,3,轻度污染",
            "",
        ]
    )
    assert run(file).stdout_bytes.decode("utf-8") == expected
    to = tmp_path / "with-aqi.csv"
    done = run(file, "--output", str(to))
    assert (done.exit_code, done.stdout) == (0, "")
    # Excel reads UTF-8 only behind a BOM: who needed one, or GB18030, gets one.
    assert to.read_bytes() == expected.encode("utf-8" if codec == "utf-8" else "utf-8-sig")


def test_the_input_is_never_written_over(file: Path) -> None:
    file.write_text(f"{HEADER}\n", encoding="utf-8")
    done = run(file, "--output", str(file))
    assert done.exit_code == 1
    assert file.read_text(encoding="utf-8") == f"{HEADER}\n"
    assert "另起一个文件名" in done.stderr


def test_an_output_is_there_whole_or_not_at_all(file: Path, tmp_path: Path) -> None:
    file.write_text(f'{HEADER}\n1,2,3,4,5,6\n1,2,3,4,5,"' + "x" * 200_000, encoding="utf-8")
    assert run(file, "--output", str(tmp_path / "out.csv")).exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_4490_published_hours_through_the_command(file: Path) -> None:
    with published("hj633_2012_hourly.csv").open(encoding="utf-8-sig", newline="") as source:
        told = list(csv.DictReader(source))
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow([*HEADER.split(","), "expected_aqi", "expected_level"])
        for row in told:
            writer.writerow(
                row[name]
                for name in (
                    *("pm25_1h", "pm10_1h", "so2_1h", "no2_1h", "co_1h_mg", "o3_1h"),
                    *("expected_aqi", "expected_level"),
                )
            )
    done = run(file, standard="HJ633-2012")
    assert done.exit_code == 0, done.stderr
    found = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(found) == 4490
    assert [(row["aqi"], row["level_name"]) for row in found] == [
        (row["expected_aqi"], row["expected_level"]) for row in told
    ]


def test_the_cases_of_2026_through_the_command(file: Path) -> None:
    """One pollutant alone: published above 100, NA up to it; a CO that can only be in µg/m³ not."""
    cases = json.loads(published("hj633_2026_cases.json").read_text(encoding="utf-8"))["iaqi"]
    columns = {"PM25": "pm25", "PM10": "pm10", "SO2": "so2", "NO2": "no2", "CO": "co"}
    for period, averagings in (("hour", ("1H",)), ("day", ("24H", "8H"))):
        header = (HEADER if period == "hour" else DAY).split(",")
        own = [case for case in cases if case["item"].split("_")[1] in averagings]
        assert own
        with file.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, header)
            writer.writeheader()
            for case in own:
                name = columns.get(case["item"].split("_")[0], header[-1])
                writer.writerow({name: Decimal(str(case["value"]))})
        found = list(csv.DictReader(io.StringIO(run(file, period=period).stdout)))
        assert len(found) == len(own)
        for case, row in zip(own, found, strict=True):
            index = case["iaqi"] if case["agrees_with_table3"] else case["table3_iaqi"]
            expected = str(index) if index > 100 else "NA"
            if case["item"].startswith("CO") and case["value"] > 150:
                expected = ""
            assert row["aqi"] == expected, case
