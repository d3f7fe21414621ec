"""The two programs as an office runs them, without Kafka: output, rejects, exit codes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.intake.firms.__main__ import main as firms
from services.intake.stations.__main__ import main as stations
from tests.unit.intake.test_firms import MODIS
from tests.unit.intake.test_stations import WIDE

NEAR = "35.07,116.31,320,1,1,2026-06-10,0512,T,62,6.1NRT,300,3,D\n"
BESIDE = "35.07,116.30,320,1,1,2026-06-10,0512,T,62,6.1NRT,300,3,D\n"
FAR = "36.65,117.12,320,1,1,2026-06-10,0512,T,62,6.1NRT,300,3,D\n"
BAD = "35.07,116.31,320,1,1,2026-06-10,0572,T,62,6.1NRT,300,3,D\n"


@pytest.fixture(autouse=True)
def _pack(monkeypatch: pytest.MonkeyPatch) -> None:
    pack = Path(__file__).parents[3] / "deploy/counties/jinxiang-370828"
    monkeypatch.setenv("TENLINES_COUNTY", str(pack))


@pytest.fixture
def fires(tmp_path: Path) -> Path:
    path = tmp_path / "fires.csv"
    path.write_text(MODIS + NEAR + FAR + BESIDE, encoding="utf-8")
    return path


def run_firms(*args: str) -> Result:
    return CliRunner().invoke(firms, [*args, "--dry-run"])


def events(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_far_points_are_counted_and_left_out(fires: Path) -> None:
    result = run_firms(str(fires))
    assert result.exit_code == 0
    first, second = events(result)
    assert first["type"] == "cn.tenlines.signal.burning.satellite.v1"
    assert first["source"] == first["subject"] == "MODIS/Terra"
    assert first["time"] == "2026-06-10T05:12:00+00:00"
    assert first["id"] != second["id"], "two fires of one pass are two signals"
    assert "发出 2，退回 0" in result.stderr
    assert "far from the county 1" in result.stderr
    assert len(events(run_firms(str(fires), "--everywhere"))) == 3
    assert len(events(run_firms(str(fires), "--margin-km", "400"))) == 3


def test_a_file_read_again_gives_the_same_ids(fires: Path) -> None:
    assert [event["id"] for event in events(run_firms(str(fires)))] == [
        event["id"] for event in events(run_firms(str(fires)))
    ]


def test_rejects_are_said_and_the_rest_is_taken(fires: Path) -> None:
    with fires.open("a", encoding="utf-8") as file:
        file.write(BAD + NEAR)
    result = run_firms(str(fires))
    assert result.exit_code == 1
    assert len(events(result)) == 3
    assert f"{fires}: line 5, column acq_time: 没有 0572 这个时刻" in result.stderr


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", "火,点\n".encode("gbk") + b"\xff\xff\n"])
def test_what_is_no_such_file_ends_the_run(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    assert run_firms(str(path)).exit_code == 2
    assert run_firms(str(tmp_path / "none.csv")).exit_code == 2
    assert run_firms(str(path), "--encoding", "no-such").exit_code == 2


def test_a_broken_pack_ends_the_run(
    fires: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENLINES_COUNTY", str(tmp_path / "none"))
    result = run_firms(str(fires))
    assert result.exit_code == 2
    assert "没有这个文件夹" in result.stderr
    assert run_firms(str(fires), "--everywhere").exit_code == 0


def test_no_broker_ends_the_run(fires: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENLINES_KAFKA", "127.0.0.1:1")
    result = CliRunner().invoke(firms, [str(fires)])
    assert result.exit_code == 2
    assert "没有送到 Kafka" in result.stderr


def test_stations_of_an_office(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    row = "d1,2026-01-02T09:00:00+08:00,,,,,1,,3,4,5,0.6\n"
    path.write_bytes(b"\xef\xbb\xbf" + (WIDE + row + row.replace("0.6", "600")).encode())
    result = CliRunner().invoke(stations, [str(path), "--format", "wide", "--dry-run"])
    assert result.exit_code == 1
    (event,) = events(result)
    assert event["type"] == "cn.tenlines.signal.hotspot.station-hourly.v1"
    assert event["source"] == "d1"
    assert event["data"]["pm10"] is None  # type: ignore[index]
    assert "line 3, column co" in result.stderr
    wrong = CliRunner().invoke(stations, [str(path), "--format", "wide", "--city", "x"])
    assert wrong.exit_code == 2
