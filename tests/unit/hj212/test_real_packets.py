"""What real devices sent, against what was found out about it by other means."""

import json
import re
from collections import Counter
from typing import Any

import pytest
from click.testing import CliRunner, Result

from deploy.cli.hj212 import hj212
from services.intake.hj212.describing import described
from services.intake.hj212.protocol.crc import Habit
from services.intake.hj212.protocol.framing import Frame, Framer
from tests.unit.hj212.packets import DATA

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the shared data is not here")

VARIANTS: dict[str, list[list[str]]] = {
    "hj212": [["standard"]],
    # One of them has the two bytes exchanged.
    "crc16-modbus": [["modbus"], ["modbus-swapped"]],
    "wrong": [[]],
}


def parsed(path: str, *options: str) -> tuple[list[dict[str, Any]], Result]:
    result = CliRunner().invoke(hj212, ["parse", str(DATA / path), *options])
    return [json.loads(line) for line in result.stdout.splitlines()], result


def recorded() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DATA / "packets.json").read_text())
    return found


@pytest.mark.parametrize("number", range(25))
def test_length_and_check_sum_agree_with_the_record(number: int) -> None:
    record = recorded()[number]
    (frame,) = Framer().feed(record["packet"].encode())
    assert isinstance(frame, Frame)
    said = described(frame, None)
    assert said["declared_length"] == record["declared_len"] == record["actual_len"]
    assert said["declared_crc"] == record["declared_crc"]
    assert said["computed_crc"]["standard"] == record["computed_crc"]
    assert said["crc_matches"] in VARIANTS[record["crc_variant"]]
    for name in ("qn", "st", "cn", "mn", "cp"):
        assert said[name] == record[name.upper()]
    assert said["flag"]["value"] == int(record["Flag"] or 0)
    assert said["ok"] == (record["crc_variant"] != "wrong")
    if not said["ok"]:
        assert said["error"]["field"] == "CRC" and said["error"]["right"]


def test_all_25_packets_are_found_in_the_file_and_by_habit() -> None:
    found, result = parsed("packets.json")
    assert result.exit_code == 0
    assert Counter(packet["ok"] for packet in found) == {True: 22, False: 3}
    by_habit = {
        habit: sum(packet["ok"] for packet in parsed("packets.json", "--crc", str(habit))[0])
        for habit in Habit
    }
    assert by_habit == {"standard": 7, "modbus": 14, "modbus-swapped": 1, "unchecked": 25}


def test_a_session_of_2000_packets_is_right_throughout() -> None:
    found, result = parsed("session_log.txt")
    assert result.exit_code == 0 and len(found) == 2000
    assert all(packet["ok"] and packet["crc_matches"] == ["standard"] for packet in found)
    assert "0 bytes between packets" in result.stderr
    raw = (DATA / "session_log.txt").read_text()
    assert Counter(packet["cn"] for packet in found) == Counter(re.findall(r"CN=(\d{4})", raw))
    assert [packet["qn"] for packet in found] == re.findall(r"QN=(\d+)", raw)
    # 26 of them write milliseconds since 1970.
    assert Counter(len(packet["qn"]) for packet in found) == {17: 1974, 13: 26}


def test_the_readings_of_the_session() -> None:
    found, _ = parsed("session_log.txt")
    real_time = [packet for packet in found if packet["cn"] == "2011"]
    assert len(real_time) == 1000
    first = real_time[0]
    assert first["data_time"] == "2021-04-12T07:45:00+00:00"
    assert first["factors"]["w01018"] == {"Rtd": 235.292750833832, "Flag": "N"}
    assert sum(bool(packet["factors"]) for packet in real_time) == 1000
