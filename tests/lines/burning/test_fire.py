"""Golden cases of the fire rule, in the words of the clerk who wants them so."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from services.burning.line import LINE
from services.burning.rules import RULES
from services.burning.signals import SatelliteFire, ThermalFrame
from shared.domain.finding import FindingKind
from shared.domain.problem import Severity
from tests.lines.facts import county_facts
from tests.lines.playing import Beside, Played, play

FIRE = RULES[0]
NAMES: Any = {SatelliteFire: "burning.satellite", ThermalFrame: "burning.thermal-camera"}
START = datetime(2026, 6, 10, 4, 0, tzinfo=UTC)
LON, LAT = 116.30, 35.00
METRE = 1 / 111_195
"""Degrees of latitude."""


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def pixel(
    minutes: float,
    north: float = 0,
    satellite: str = "VIIRS/NOAA20",
    level: str = "nominal",
    confidence: object = None,
    **more: Any,
) -> SatelliteFire:
    """A point `north` metres of the middle of the county."""
    sensor, _, name = satellite.partition("/")
    return SatelliteFire.model_validate(
        {
            "device_id": satellite,
            "observed_at": at(minutes),
            "lon": LON,
            "lat": LAT + north * METRE,
            "sensor": sensor,
            "satellite": name,
            "confidence": confidence if confidence is not None else level,
            "confidence_level": level,
            "frp_mw": 7.2,
            "scan_km": 0.4,
            "track_km": 0.38,
            **more,
        }
    )


def modis(minutes: float, confidence: object, north: float = 0, **more: Any) -> SatelliteFire:
    given = {"scan_km": 1.2, "track_km": 1.1, **more}
    return pixel(minutes, north, "MODIS/Terra", "nominal", confidence, **given)


def frame(minutes: float, score: float, north: float | None = 0, **more: Any) -> ThermalFrame:
    placed = {} if north is None else {"lon": LON, "lat": LAT + north * METRE}
    return ThermalFrame.model_validate(
        {"device_id": "JX-R-1", "observed_at": at(minutes), "score": score, **placed, **more}
    )


class Case(NamedTuple):
    words: str
    signals: list[Any]
    raised: list[float]
    """Minutes at which what was raised had been seen, in the order in which it is told."""


NOAA21, HIMAWARI = "VIIRS/NOAA21", "HIMAWARI/H9"
CASES = [
    Case("可信度中等的卫星火点立即立案", [pixel(0)], [0]),
    Case("可信度高的卫星火点立即立案", [pixel(0, level="high")], [0]),
    Case("可信度低的卫星火点只作候选", [pixel(0, level="low")], []),
    Case("葵花可信度中等也立案", [pixel(0, satellite=HIMAWARI)], [0]),
    Case("MODIS 可信度 49 只作候选", [modis(0, 49)], []),
    Case("MODIS 可信度正好 50 立案", [modis(0, 50)], [0]),
    Case("MODIS 可信度 51 立案,写成文字也认得", [modis(0, "51")], [0]),
    Case(
        "候选经另一颗卫星证实,两点都立案", [pixel(0, level="low"), pixel(50, 400, NOAA21)], [0, 50]
    ),
    Case(
        "两颗卫星都不确定,互相证实",
        [pixel(0, level="low"), pixel(50, 400, NOAA21, "low")],
        [0, 50],
    ),
    Case("同一颗卫星再看一次不算证实", [pixel(0, level="low"), pixel(50, level="low")], []),
    Case(
        "VIIRS 相距 500 米以内算同一火点",
        [pixel(0, level="low"), pixel(9, 499, NOAA21, "low")],
        [0, 9],
    ),
    Case(
        "VIIRS 相距超过 500 米不算同一火点",
        [pixel(0, level="low"), pixel(9, 502, NOAA21, "low")],
        [],
    ),
    Case(
        "VIIRS 相隔 6 小时以内算同一火点",
        [pixel(0, level="low"), pixel(360, 0, NOAA21, "low")],
        [0, 360],
    ),
    Case("VIIRS 相隔超过 6 小时不算", [pixel(0, level="low"), pixel(361, 0, NOAA21, "low")], []),
    Case(
        "像元粗的说了算:MODIS 在 1.5 公里内证实 VIIRS",
        [pixel(0, level="low"), modis(9, 30, 1490)],
        [0, 9],
    ),
    Case("MODIS 超过 1.5 公里不证实", [pixel(0, level="low"), modis(9, 30, 1510)], []),
    Case("MODIS 12 小时内证实", [pixel(0, level="low"), modis(720, 30)], [0, 720]),
    Case(
        "葵花 3 公里内证实", [pixel(0, 0, HIMAWARI, "low"), pixel(9, 2990, NOAA21, "low")], [0, 9]
    ),
    Case(
        "葵花超过 3 公里不证实", [pixel(0, 0, HIMAWARI, "low"), pixel(9, 3010, NOAA21, "low")], []
    ),
    Case("已立案的火点证实后来的候选", [pixel(0), pixel(30, 0, NOAA21, "low")], [0, 30]),
    Case("同一景里的两个像元各算一次发现", [pixel(0), pixel(0, 380)], [0, 0]),
    Case("同一点送来两次只算一次", [pixel(0), pixel(0), pixel(0, 50)], [0]),
    Case("候选送来两次仍是候选", [pixel(0, level="low"), pixel(0, level="low")], []),
    Case("重新处理后可信度升高的同一点立案", [pixel(0, level="low"), pixel(0, 20)], [0]),
    Case(
        "重新处理后立案的点,别的卫星再看到时不再说一次",
        [pixel(0, level="low"), pixel(0, 20), pixel(50, 0, NOAA21)],
        [0, 50],
    ),
    Case(
        "已证实的候选不再说一次",
        [pixel(0, level="low"), pixel(50, 0, NOAA21, "low"), pixel(80)],
        [0, 50, 80],
    ),
    Case("重新处理后可信度降低的同一点不再说一次", [pixel(0), pixel(0, 20, level="low")], [0]),
    Case(
        "质控标记不正常的火点不算,也不证实别的",
        [pixel(0, level="low"), pixel(9, 0, NOAA21, qc_flag="D")],
        [],
    ),
    Case("晚到的候选由先到的证实", [pixel(50, 0, NOAA21, "low"), pixel(0, level="low")], [0, 50]),
    Case(
        "晚到超过一天的不确定火点不再等证实",
        [pixel(3000), pixel(0, level="low"), pixel(9, 0, NOAA21, "low")],
        [3000],
    ),
    Case("晚到超过一天的确定火点照样立案", [pixel(3000), pixel(0)], [3000, 0]),
    Case("热成像得分 0.79 一帧只作候选", [frame(0, 0.79)], []),
    Case("热成像得分正好 0.8 立案", [frame(0, 0.8)], [0]),
    Case("热成像两帧得分不足也立案", [frame(0, 0.5), frame(5, 0.5)], [0, 5]),
    Case("热成像两帧相隔 30 分钟算数", [frame(0, 0.5), frame(30, 0.5)], [0, 30]),
    Case("热成像两帧相隔超过 30 分钟不算", [frame(0, 0.5), frame(31, 0.5)], []),
    Case("热成像两帧相距超过 300 米不算", [frame(0, 0.5), frame(5, 0.5, 305)], []),
    Case("热成像同一帧里的两处不算两帧", [frame(0, 0.5), frame(0, 0.5, 200)], []),
    Case("热成像同一帧送来两次不算两帧", [frame(0, 0.5), frame(0, 0.5)], []),
    Case("热成像得分太低的帧不算", [frame(0, 0.29), frame(5, 0.29)], []),
    Case(
        "不知位置时同一方向的两帧算数",
        [frame(0, 0.5, None, az=359), frame(5, 0.5, None, az=1)],
        [0, 5],
    ),
    Case("不知位置时方向不同不算", [frame(0, 0.5, None, az=10), frame(5, 0.5, None, az=20)], []),
    Case("不知位置也不知方向的两帧不算", [frame(0, 0.5, None), frame(5, 0.5, None)], []),
    Case("热成像证实卫星候选", [pixel(0, level="low"), frame(20, 0.5, 300)], [0, 20]),
    Case("卫星证实热成像候选", [frame(0, 0.5), pixel(20, 300, level="low")], [0, 20]),
    Case("火点在县外只计数", [pixel(0, 40_000), frame(5, 0.9, 40_000)], []),
]


@pytest.mark.parametrize("case", CASES, ids=[case.words for case in CASES])
def test_fire(case: Case) -> None:
    played = play(FIRE, case.signals, county_facts(), names=NAMES)
    assert [finding.seen_at for finding in played.findings] == [at(m) for m in case.raised]
    assert all(finding.kind is FindingKind.RAISE for finding in played.findings)


def fires(played: Played) -> Any:
    return played.states["county"]


def test_what_a_satellite_fire_says() -> None:
    (found,) = play(FIRE, [modis(0, 64, frp_mw=7.18)], county_facts(), names=NAMES).findings
    assert found.severity is Severity.CRITICAL
    assert (found.category, found.clause, found.source) == ("straw", "16.1", "satellite")
    assert found.reach is not None and (found.reach.metres, found.reach.hours) == (1500, 12)
    assert found.accuracy == 1200, "the longer side of the pixel"
    assert found.reading is not None and found.reading.value == 7.18
    assert "64%" in found.description and "1200 m" in found.description
    assert found.category in {term.code for term in LINE.categories}
    assert (found.lon, found.lat) == (LON, LAT)


def test_a_pixel_without_its_size_is_as_wrong_as_its_sensor() -> None:
    bare: Any = {"scan_km": None, "track_km": None}
    signals = [pixel(0, **bare), modis(0, 90, **bare), pixel(0, 0, HIMAWARI, **bare)]
    found = play(FIRE, signals, county_facts(), names=NAMES).findings
    assert [finding.accuracy for finding in found] == [375, 1000, 2000]


def test_a_camera_fire_without_a_place_is_one_of_the_camera() -> None:
    placed = play(FIRE, [frame(0, 0.9)], county_facts(), names=NAMES).findings[0]
    assert placed.reach is not None and (placed.reach.metres, placed.reach.hours) == (300, 0.5)
    assert placed.source == "video"
    blind = play(FIRE, [frame(0, 0.9, None, az=90)], county_facts(), names=NAMES).findings[0]
    assert blind.reach is None and blind.lon is None and blind.subject == "JX-R-1"
    assert blind.address, "a problem needs some place"


def test_a_confirmed_candidate_says_who_confirmed_it() -> None:
    signals = [pixel(0, level="low"), pixel(50, 400, NOAA21)]
    first, second = play(FIRE, signals, county_facts(), names=NAMES).findings
    assert first.facts["confirmed_by"] == NOAA21 and NOAA21 in first.description
    assert "confirmed_by" not in second.facts


def test_outside_and_known_heat_are_counted_and_confirm_nothing() -> None:
    facts = Beside(county_facts(), heat=((LON, LAT + 5000 * METRE, 500),))
    signals = [
        pixel(0, 40_000),
        pixel(1, 5000),
        pixel(2, 5499),
        pixel(3, 5505, NOAA21, "low"),
        frame(4, 0.9, 4800),
    ]
    played = play(FIRE, signals, facts, names=NAMES)
    assert played.findings == []
    assert (fires(played).outside, fires(played).known_heat) == (1, 3)


def test_a_blacked_out_satellite_neither_raises_nor_confirms() -> None:
    facts = Beside(county_facts(), blackouts=((NOAA21, at(0), at(60)),))
    signals = [pixel(0, level="low"), pixel(50, 0, NOAA21), pixel(60, 0, NOAA21)]
    played = play(FIRE, signals, facts, names=NAMES)
    assert [finding.seen_at for finding in played.findings] == [at(0), at(60)]


def test_a_day_without_a_limit_raises_nothing() -> None:
    facts = Beside(county_facts(), limits={"burning.satellite.viirs-distance": None})
    assert play(FIRE, [pixel(0)], facts, names=NAMES).findings == []


def test_what_is_remembered_stays_small_however_many_fires_burn() -> None:
    signals = [pixel(n / 100, 30 * (n % 300), level="low") for n in range(360)]
    played = play(FIRE, signals, county_facts(), names=NAMES)
    assert len(fires(played).seen) == 300
    later = play(FIRE, [*signals[:10], pixel(24 * 60 + 11)], county_facts(), names=NAMES)
    assert len(fires(later).seen) == 1, "after a day the old ones are forgotten"


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        (frame, {"score": 85}),
        (pixel, {"brightness_k": 45}),
        (pixel, {"frp_mw": float("nan")}),
        (pixel, {"scan_km": 375}),
        (pixel, {"lon": None}),
        (pixel, {"lat": 116.3}),
        (pixel, {"observed_at": "2026-06-10T12:00:00"}),
    ],
    ids=[
        "得分写成百分数",
        "亮温写成摄氏度",
        "功率不是数",
        "像元写成米",
        "没有位置",
        "经纬度颠倒",
        "时间没有时区",
    ],
)
def test_a_signal_in_a_wrong_unit_is_refused(model: Any, wrong: dict[str, Any]) -> None:
    good = (frame(0, 0.9) if model is frame else pixel(0)).model_dump()
    type_ = ThermalFrame if model is frame else SatelliteFire
    type_.model_validate(good)
    with pytest.raises(ValueError, match=next(iter(wrong))):
        type_.model_validate({**good, **wrong})
