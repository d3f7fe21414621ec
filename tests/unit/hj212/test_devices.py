"""The devices file: what it takes, and what it says when it is wrong."""

from pathlib import Path

import pytest

from services.intake.hj212.devices import EXAMPLE, load_devices
from services.intake.hj212.protocol.crc import Habit
from shared.adapters.pack import PackError

ROOT = Path(__file__).parents[3]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "devices.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def wrong(tmp_path: Path, text: str) -> str:
    with pytest.raises(PackError) as caught:
        load_devices(written(tmp_path, text))
    return str(caught.value)


def test_the_example_is_right() -> None:
    found = load_devices(ROOT / EXAMPLE)
    cems, dust = found["37082800000001"], found["37082800000002"]
    assert (cems.device_id, cems.habit, cems.mapping.line) == (
        "JX-CEMS-0001",
        Habit.STANDARD,
        "industry",
    )
    assert (dust.habit, dust.dust_unit, dust.minutes, dust.site) == (
        Habit.MODBUS,
        "ug/m3",
        5,
        "JX-G-0001",
    )


def test_without_an_id_of_its_own_the_number_is_the_device(tmp_path: Path) -> None:
    found = load_devices(written(tmp_path, 'devices:\n- {mn: "A1", signal: industry.cems}\n'))
    assert found["A1"].device_id == "A1"


def test_own_codes_come_first_and_leave_the_table(tmp_path: Path) -> None:
    found = load_devices(
        written(
            tmp_path,
            "devices:\n"
            '- mn: "A1"\n'
            "  signal: industry.cems\n"
            '  factors: {x1: pm, "01": null, a21026: nox}\n',
        )
    )["A1"]
    assert found.codes["pm"] == ("x1", "a34013")
    assert found.codes["so2"] == ("02",)
    assert found.codes["nox"] == ("a21026", "a21002", "03")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('devices:\n- {mn: "A1"}\n', "devices.yaml:2: devices[0].signal: 缺少"),
        ("devices:\n- {mn: 370828, signal: industry.cems}\n", '加上引号："370828"'),
        ('devices:\n- {mn: "A 1", signal: industry.cems}\n', "devices[0].mn: “A 1”不是设备编号"),
        ('devices:\n- {mn: "A1", signal: industry.fume}\n', "devices[0].signal: “industry.fume”"),
        (
            'devices:\n- {mn: "A1", signal: industry.cems, crc: ccitt}\n',
            "devices[0].crc: “ccitt”不在可选值中",
        ),
        ('devices:\n- {mn: "A1", signal: industry.cems, pasword: x}\n', "是否 password"),
        ('devices:\n- {mn: "A1", signal: dust.site-monitor}\n', "缺少 dust_unit"),
        ('devices:\n- {mn: "A1", signal: industry.cems, dust_unit: ug/m3}\n', "没有 dust_unit"),
        ('devices:\n- {mn: "A1", signal: industry.cems, site: S}\n', "没有 site"),
        ('devices:\n- {mn: "A1", signal: industry.cems, lon: 116.3}\n', "只有 lon 或 lat"),
        ('devices:\n- {mn: "A1", signal: industry.cems, minutes: 7}\n', "devices[0].minutes"),
        (
            'devices:\n- {mn: "A1", signal: industry.cems, factors: {x: pm11}}\n',
            "factors.x:没有字段“pm11”",
        ),
        (
            'devices:\n- {mn: "A1", signal: industry.cems}\n- {mn: "A1", signal: industry.cems}\n',
            "MN A1 出现两次",
        ),
        ("devices: [\n", "YAML 写法不对"),
        ("", "文件不是"),
    ],
)
def test_what_is_wrong_is_said_with_line_field_and_what_is_right(
    tmp_path: Path, text: str, said: str
) -> None:
    assert said in wrong(tmp_path, text)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = 'devices:\n- {mn: "A1"}\n- {mn: "A 2", signal: industry.cems, crc: x}\n'
    said = wrong(tmp_path, text).splitlines()
    assert [line.partition(": ")[0] for line in said] == [
        "devices.yaml:2",
        "devices.yaml:3",
        "devices.yaml:3",
    ]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"no such file.*devices\.example\.yaml"):
        load_devices(tmp_path / "none.yaml")
