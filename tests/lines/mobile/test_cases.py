"""The mobile line's golden cases."""

from datetime import timedelta
from typing import Any

import pytest

from services.mobile.line import LINE
from tests.lines.cases import T0, Case, Heard, case, check, every_rule_is_told, heard

BASE: dict[str, dict[str, Any]] = {
    "mobile.remote-sensing": {"device_id": "RS-1", "plate": "鲁H12345", "fuel": "diesel"},
    "mobile.roadside-test": {"device_id": "OP-2", "plate": "鲁H12345", "fuel": "diesel"},
    "mobile.nrmm-smoke": {"device_id": "OP-2", "machine": "3-HA-001", "smoke_class": "III"},
    "mobile.nrmm-geofence": {"device_id": "GPS-1", "machine": "3-HA-001", "stage": 3},
    "mobile.gate-log": {
        "device_id": "GATE-1",
        "enterprise": "某建材公司",
        "plate": "鲁H12345",
        "stage": 4,
        "heavy": True,
        "direction": "in",
    },
    "mobile.fuel-sample": {"device_id": "LAB", "seller": "某加油站", "source": "station"},
    "episode.alert": {"device_id": "episode"},
}
DAY = 24.0


def passed(
    days: float, opacity: float | None = None, no: float | None = None, **more: Any
) -> Heard:
    return heard(days * DAY, "mobile.remote-sensing", opacity=opacity, no=no, **more)


def roadside(hours: float, **fields: Any) -> Heard:
    return heard(hours, "mobile.roadside-test", **fields)


def machine(hours: float, **fields: Any) -> Heard:
    return heard(hours, "mobile.nrmm-smoke", **fields)


def position(hours: float, **fields: Any) -> Heard:
    return heard(hours, "mobile.nrmm-geofence", **fields)


def gate(hours: float, **fields: Any) -> Heard:
    return heard(hours, "mobile.gate-log", **fields)


def alert(said: float, level: str, starts: float, ends: float | None = None) -> Heard:
    when: dict[str, str | None] = {
        "starts_at": (T0 + timedelta(hours=starts)).isoformat(),
        "ends_at": None,
    }
    if ends is not None:
        when["ends_at"] = (T0 + timedelta(hours=ends)).isoformat()
    return heard(said, "episode.alert", level=level, **when)


def fuel(hours: float, **fields: Any) -> Heard:
    return heard(hours, "mobile.fuel-sample", **fields)


SMOKE, NO = "mobile.remote-opacity", "mobile.remote-no"
NRMM, FENCE, GATE = "mobile.nrmm-smoke", "mobile.nrmm-geofence", "mobile.gate-episode"


def per_class(smoke_class: str, power: float, limit: float) -> tuple[Case, Case]:
    words = f"{smoke_class} 类 {power:g} kW"
    at = {"smoke_class": smoke_class, "power": power}
    return (
        case(f"{words}:k 正好 {limit:g},不超", NRMM, machine(1, k=limit, **at)),
        case(
            f"{words}:k 为 {limit + 0.01:g},超标",
            NRMM,
            machine(1, k=limit + 0.01, **at),
            finds="serious nrmm_exceed",
        ),
    )


CASES = (
    case("一次烟度超标:不判", SMOKE, passed(0, 31)),
    case(
        "连续两次烟度超标:不合格",
        SMOKE,
        passed(0, 31),
        passed(30, 45),
        finds="serious vehicle_exceed",
        has="鲁H12345",
    ),
    case("两次都正好 30%:不超", SMOKE, passed(0, 30), passed(1, 30)),
    case("两次超标之间有一次合格:不连续", SMOKE, passed(0, 31), passed(1, 12), passed(2, 40)),
    case(
        "两次超标之间缺测一次:仍算连续",
        SMOKE,
        passed(0, 31),
        passed(1, None),
        passed(2, 40),
        finds="serious vehicle_exceed",
    ),
    case("两次超标之间有一次异常标记:异常值不算", SMOKE, passed(0, 31), passed(1, 90, qc_flag="D")),
    case("相隔超过 6 个月:不判", SMOKE, passed(0, 31), passed(182, 31)),
    case(
        "正好 6 个月之内:判", SMOKE, passed(0, 31), passed(181, 31), finds="serious vehicle_exceed"
    ),
    case(
        "较早的一次超标迟到:照样连上",
        SMOKE,
        passed(30, 45),
        passed(0, 31),
        finds="serious vehicle_exceed",
    ),
    case("同一次记录重复上传:不算两次", SMOKE, passed(0, 31), passed(0, 31)),
    case("两辆车各超一次:互不相干", SMOKE, passed(0, 31), passed(1, 31, plate="鲁H99999")),
    case("汽油车不用柴油车限值", SMOKE, passed(0, 90, fuel="petrol"), passed(1, 90, fuel="petrol")),
    case("烟度一次、NO 一次:不是同种污染物,不判", SMOKE, passed(0, 31, 100), passed(1, 10, 1600)),
    case("设备校准的停用时段:不算", SMOKE, passed(0, 31), passed(1, 31), blackout=(20, 30)),
    case(
        "连续两次 NO 超标:不合格",
        NO,
        passed(0, None, 1501),
        passed(3, None, 1501),
        finds="serious vehicle_exceed",
        has="限值 1500 ppm(HJ845-2017)",
    ),
    case("NO 两次正好 1500:不超", NO, passed(0, None, 1500), passed(3, None, 1500)),
    case(
        "路检 k 1.21,限值 a:超标",
        "mobile.roadside-smoke",
        roadside(1, k=1.21),
        finds="serious vehicle_exceed",
        has="车辆 鲁H12345",
    ),
    case("路检 k 正好 1.2:不超", "mobile.roadside-smoke", roadside(1, k=1.2)),
    case(
        "路检 k 0.71,限值 b 地区:超标",
        "mobile.roadside-smoke",
        roadside(1, k=0.71, limit_class="b"),
        finds="serious vehicle_exceed",
    ),
    case(
        "复检合格:附证明",
        "mobile.roadside-smoke",
        roadside(1, k=2.0),
        roadside(50, k=0.5),
        finds=("serious vehicle_exceed", "clear vehicle_exceed"),
    ),
    case(
        "复检数据带异常标记:不能证明",
        "mobile.roadside-smoke",
        roadside(1, k=2.0),
        roadside(50, k=0.5, qc_flag="D"),
        finds="serious vehicle_exceed",
    ),
    case("路检 NOx 正好 1500:不超", "mobile.roadside-nox", roadside(1, nox=1500)),
    case(
        "路检 NOx 901,限值 b:超标",
        "mobile.roadside-nox",
        roadside(1, nox=901, limit_class="b"),
        finds="serious vehicle_exceed",
    ),
    case("林格曼 1 级:不超", "mobile.roadside-black", roadside(1, ringelmann=1)),
    case(
        "林格曼 2 级:冒黑烟",
        "mobile.roadside-black",
        roadside(1, ringelmann=2),
        finds="serious black_smoke",
    ),
    *per_class("I", 18.9, 3.0),
    *per_class("I", 19, 2.0),
    *per_class("I", 37, 1.61),
    *per_class("I", 560, 1.61),
    *per_class("II", 18, 2.0),
    *per_class("II", 19, 1.0),
    *per_class("III", 36.9, 0.8),
    *per_class("III", 37, 0.5),
    case("功率不详:没有对应限值,不判", NRMM, machine(1, k=9)),
    case("I 类 561 kW:没有对应限值,不判", NRMM, machine(1, k=9, smoke_class="I", power=561)),
    case("机械林格曼 1 级:不超", "mobile.nrmm-black", machine(1, ringelmann=1)),
    case(
        "机械冒黑烟:方案11.3",
        "mobile.nrmm-black",
        machine(1, ringelmann=1.5),
        finds="serious black_smoke",
    ),
    case("国二机械在控制区外:没有问题", FENCE, position(1, stage=2)),
    case("国一机械在控制区外:较重", FENCE, position(1, stage=1), finds="serious nrmm_old"),
    case(
        "国一机械在控制区内:严重",
        FENCE,
        position(1, stage=1, zone="Z-1"),
        finds="critical nrmm_old",
        has="动态清零",
    ),
    case("无排放阶段的机械:同国一", FENCE, position(1, stage=0), finds="serious nrmm_old"),
    case(
        "未编码机械进入控制区:一般",
        FENCE,
        position(1, machine=None, zone="Z-1"),
        finds="general nrmm_uncoded",
    ),
    case("未编码机械在控制区外:不管", FENCE, position(1, machine=None)),
    case(
        "未达Ⅲ类的机械在控制区内:较重",
        FENCE,
        position(1, zone="Z-1", class3_passed=False),
        finds="serious nrmm_zone",
    ),
    case("排放阶段不详:不猜", FENCE, position(1, stage=None)),
    case("定位数据带异常标记:不管", FENCE, position(1, stage=1, qc_flag="D")),
    case(
        "每分钟上报:四小时内只记一次,进区升级另记",
        FENCE,
        [position(n / 60, stage=1, zone="Z-1" if n > 60 else None) for n in range(120)],
        finds=("serious nrmm_old", "critical nrmm_old"),
    ),
    case("没有预警:国四货车进出不管", GATE, gate(10)),
    case(
        "橙色响应期间国四重型货车进厂:严重",
        GATE,
        alert(0, "orange", 7),
        gate(8),
        finds="critical gate_control",
        has="国 4 重型货车 鲁H12345 驶入",
    ),
    case("响应 7 点开始,6 点 59 分进厂:不管", GATE, alert(0, "orange", 7), gate(6.98)),
    case(
        "响应正点开始的那一刻进厂:算",
        GATE,
        alert(0, "orange", 7),
        gate(7),
        finds="critical gate_control",
    ),
    case("黄色响应:不限国四", GATE, alert(0, "yellow", 7), gate(8)),
    case("国五货车:不限", GATE, alert(0, "red", 7), gate(8, stage=5)),
    case("不是重型货车:不限", GATE, alert(0, "red", 7), gate(8, heavy=False)),
    case("排放阶段没识别:不猜", GATE, alert(0, "red", 7), gate(8, stage=None)),
    case(
        "门禁记录先到、预警信号后到:补记",
        GATE,
        gate(8),
        alert(0, "red", 7),
        finds="critical gate_control",
        has="红色预警响应期间",
    ),
    case("解除以后进厂:不管", GATE, alert(0, "orange", 7), alert(30, "none", 31), gate(32)),
    case(
        "解除之前的记录解除后才到:仍要记",
        GATE,
        alert(0, "orange", 7),
        alert(30, "none", 31),
        gate(30),
        finds="critical gate_control",
    ),
    case("预警自带结束时间,过后不管", GATE, alert(0, "orange", 7, 20), gate(20)),
    case(
        "同一条进出记录上传两遍:记一次",
        GATE,
        alert(0, "orange", 7),
        gate(8),
        gate(8),
        finds="critical gate_control",
    ),
    case(
        "一进一出两辆车:各记一次",
        GATE,
        alert(0, "orange", 7),
        gate(8),
        gate(9, direction="out", plate="鲁H77777"),
        finds=("critical gate_control", "critical gate_control"),
    ),
    case(
        "硫含量 10.1:不合格",
        "mobile.fuel-sulphur",
        fuel(1, sulphur=10.1),
        finds="serious fuel_quality",
    ),
    case("硫含量正好 10:合格", "mobile.fuel-sulphur", fuel(1, sulphur=10)),
    case(
        "再次抽检合格:附证明",
        "mobile.fuel-sulphur",
        fuel(1, sulphur=350),
        fuel(99, sulphur=8),
        finds=("serious fuel_quality", "clear fuel_quality"),
    ),
    case(
        "流动加油车没有许可:违规站点",
        "mobile.fuel-unlicensed",
        fuel(1, licensed=False, source="mobile_tanker", sulphur=200),
        finds="serious illegal_fuel_site",
    ),
    case("许可情况不详:不猜", "mobile.fuel-unlicensed", fuel(1)),
    case("遥感设备 23 小时没有车:正常", "mobile.remote-silent", passed(0, 5), until=23.9),
    case(
        "遥感设备 24 小时没有数据:离线",
        "mobile.remote-silent",
        passed(0, 5),
        until=24,
        finds="general monitor_fault",
    ),
    case("门禁 23 小时没有车:正常", "mobile.gate-silent", gate(0), until=23.9),
    case(
        "门禁 3 天没有记录:较重",
        "mobile.gate-silent",
        gate(0),
        until=72,
        finds=("general monitor_fault", "serious monitor_fault"),
    ),
)


@pytest.mark.parametrize("given", CASES, ids=str)
def test_case(given: Case) -> None:
    check(LINE, given, BASE)


def test_every_rule_is_told() -> None:
    every_rule_is_told(LINE, CASES)
