"""The coal line's golden cases."""

from typing import Any

import pytest

from services.coal.line import LINE
from tests.lines.cases import Case, Heard, case, check, every_rule_is_told, found, heard

BASE: dict[str, dict[str, Any]] = {
    "coal.coal-sample": {"device_id": "LAB", "seller": "某煤场", "kind": "commercial"},
    "coal.ban-area": {
        "device_id": "PDA-7",
        "address": "金乡街道某村 12 号",
        "zone": "JR-1",
        "fuel": "loose_coal",
    },
    "coal.heating-meter": {"device_id": "M-1", "household": "H-0001", "avg_period": "P1D"},
    "coal.boiler": {"device_id": "PDA-7", "boiler": "B-1", "owner": "某浴池", "fuel": "coal"},
}


def sample(hours: float, **fields: Any) -> Heard:
    return heard(hours, "coal.coal-sample", **fields)


def seen(hours: float, **fields: Any) -> Heard:
    return heard(hours, "coal.ban-area", **fields)


def used(day: int, electricity: float | None, **fields: Any) -> Heard:
    """The use of the day that ends `day` days after the cases' beginning."""
    return heard(24 * day, "coal.heating-meter", electricity=electricity, **fields)


def boiler(hours: float, **fields: Any) -> Heard:
    return heard(hours, "coal.boiler", **fields)


HEATING = "coal.heating-unused"
CHP = {"chp": "某电厂", "chp_power": 300, "chp_distance": 30}
CASES = (
    case(
        "商品煤全硫 0.61:超标",
        "coal.commercial-sulphur",
        sample(1, sulphur=0.61),
        finds="serious coal_quality",
        has="限值 0.6 %(济政发〔2018〕9号)",
    ),
    case("商品煤全硫正好 0.6:合格", "coal.commercial-sulphur", sample(1, sulphur=0.6)),
    case("化验结果带异常标记:不判", "coal.commercial-sulphur", sample(1, sulphur=3, qc_flag="D")),
    case("没有测全硫:不判", "coal.commercial-sulphur", sample(1, ash=30)),
    case(
        "再次抽检合格:附证明",
        "coal.commercial-sulphur",
        sample(1, sulphur=1.2),
        sample(1, sulphur=1.2),
        sample(100, sulphur=0.4),
        finds=("serious coal_quality", "clear coal_quality"),
    ),
    case(
        "更早的不合格结果迟到:也要记",
        "coal.commercial-sulphur",
        sample(100, sulphur=0.4),
        sample(1, sulphur=1.2),
        finds="serious coal_quality",
    ),
    case(
        "商品煤灰分 15.01:超标",
        "coal.commercial-ash",
        sample(1, ash=15.01),
        finds="serious coal_quality",
    ),
    case("商品煤灰分正好 15:合格", "coal.commercial-ash", sample(1, ash=15)),
    case(
        "散煤全硫正好 1%:禁售",
        "coal.loose-sulphur",
        sample(1, kind="loose", sulphur=1),
        finds="serious illegal_sale",
    ),
    case("散煤全硫 0.99%:不到禁售值", "coal.loose-sulphur", sample(1, kind="loose", sulphur=0.99)),
    case(
        "散煤灰分正好 16%:禁售",
        "coal.loose-ash",
        sample(1, kind="loose", ash=16),
        finds="serious illegal_sale",
    ),
    case("散煤灰分 15.9%:不到禁售值", "coal.loose-ash", sample(1, kind="loose", ash=15.9)),
    case("商品煤不用散煤的禁售值", "coal.loose-ash", sample(1, ash=20)),
    case(
        "禁燃区内烧散煤:较重,生态环境分局",
        "coal.ban-area",
        seen(1),
        finds="serious ban_area_burning",
        has="金乡街道某村 12 号",
    ),
    case("禁燃区外烧散煤:不归此条", "coal.ban-area", seen(1, zone=None)),
    case("禁燃区内用燃气:没有问题", "coal.ban-area", seen(1, fuel="gas")),
    case("停用时段:不记", "coal.ban-area", seen(1), blackout=(0, 2)),
    case(
        "同一条巡查记录上传两遍:记一次",
        "coal.ban-area",
        seen(1),
        seen(1),
        finds="serious ban_area_burning",
    ),
    case("采暖季零用量 2 天:不判", HEATING, used(1, 0), used(2, 0)),
    case(
        "采暖季零用量 3 天:疑似复烧,只是线索",
        HEATING,
        used(1, 0),
        used(2, 0.1),
        used(3, 0),
        finds="general reburn",
        has="自 2026-11-20 起已有 3 个采暖日零用量",
    ),
    case("用量 0.11 度:不算零用量", HEATING, used(1, 0), used(2, 0.11), used(3, 0)),
    case(
        "中间缺测一天:缺测不算也不断",
        HEATING,
        used(1, 0),
        used(2, None),
        used(3, 0),
        used(4, 0),
        finds="general reburn",
    ),
    case("缺测超过 3 天:前后不连着算", HEATING, used(1, 0), used(2, 0), used(6, 0)),
    case("带异常标记的零值:不算", HEATING, used(1, 0), used(2, 0, qc_flag="D"), used(3, 0)),
    case(
        "同一天报两次:算一天",
        HEATING,
        used(1, 0),
        used(1, 0),
        heard(23, "coal.heating-meter", gas=0),
        used(2, 0),
    ),
    case("家里没有人住:不判", HEATING, [used(n, 0, occupied=False) for n in range(1, 6)]),
    case(
        "零用量之后没有人住:不能说又用上了",
        HEATING,
        [used(n, 0) for n in (1, 2, 3)],
        [used(n, 0, occupied=False) for n in (4, 5, 6)],
        finds="general reburn",
    ),
    case("不在采暖季:不判", HEATING, [used(n, 0) for n in range(120, 130)]),
    case(
        "迟到的一天补齐 3 天:照样发现",
        HEATING,
        used(1, 0),
        used(3, 0),
        used(2, 0),
        finds="general reburn",
    ),
    case(
        "又用了 3 天:疑点解除",
        HEATING,
        [used(n, 0) for n in (1, 2, 3)],
        [used(n, 25) for n in (4, 5, 6)],
        finds=("general reburn", "clear reburn"),
    ),
    case(
        "只又用了 2 天:还不能解除",
        HEATING,
        [used(n, 0) for n in (1, 2, 3)],
        [used(n, 25) for n in (4, 5)],
        finds="general reburn",
    ),
    case(
        "新建燃煤锅炉:较重",
        "coal.new-boiler",
        boiler(1, new=True, capacity=2),
        finds="serious small_boiler",
        has="没有批准文号",
    ),
    case("新建燃气锅炉:没有问题", "coal.new-boiler", boiler(1, new=True, fuel="gas")),
    case("老的燃煤锅炉:不归此条", "coal.new-boiler", boiler(1)),
    case(
        "距 300 MW 热电厂正好 30 公里的燃煤锅炉:应关停整合",
        "coal.boiler-near-chp",
        boiler(1, **CHP),
        finds="general small_boiler",
        has="在 30 km 供热半径内",
    ),
    case(
        "距离 30.1 公里:不在半径内",
        "coal.boiler-near-chp",
        boiler(1, **{**CHP, "chp_distance": 30.1}),
    ),
    case("电厂 299 MW:不够大", "coal.boiler-near-chp", boiler(1, **{**CHP, "chp_power": 299})),
    case("已停用的锅炉:不记", "coal.boiler-near-chp", boiler(1, in_use=False, **CHP)),
    case("距离不详:不猜", "coal.boiler-near-chp", boiler(1, chp_power=600)),
)


@pytest.mark.parametrize("given", CASES, ids=str)
def test_case(given: Case) -> None:
    check(LINE, given, BASE)


def test_every_rule_is_told() -> None:
    every_rule_is_told(LINE, CASES)


def test_sightings_with_a_position_join_by_distance() -> None:
    given = case("有定位", "coal.ban-area", seen(1, lon=116.31, lat=35.07))
    (sighting,) = found(LINE, given, BASE)
    assert sighting.reach is not None
    assert (sighting.reach.metres, sighting.reach.hours) == (50, 72)
