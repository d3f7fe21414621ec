"""Candidate sources and referrals: who is asked to look, and why; golden cases in words."""

from datetime import timedelta
from typing import Any

import pytest

from services.hotspot import area
from services.hotspot.cell import Wind
from services.hotspot.sources import FOLLOWED, Source, candidates
from shared.declaration.county.places import Enterprise, Site
from shared.declaration.signal import FollowedProblem, Observed
from shared.domain.finding import Finding
from shared.domain.geo import Point
from tests.lines.facts import county_facts
from tests.lines.hotspot.playing import NINE, PLACES, county, facts_with, followed, play

RULE = area.rule()
LON, LAT = PLACES["A"]
SITE = Site(id="G-1", name="北面工地", lon=LON, lat=LAT + 0.009)
YARD = Site(id="G-2", name="南面工地", lon=LON, lat=LAT - 0.0045)
FAR = Site(id="G-3", name="四公里外工地", lon=LON, lat=LAT + 0.036)
PLANT = Enterprise(id="Q-1", name="东面化工厂", lon=LON + 0.01, lat=LAT, lines=("industry", "vocs"))


def high(hours: range = range(2, 4), **values: Any) -> list[Observed]:
    """Station A is high in PM10 with little PM2.5, wind from the north unless said."""
    said = {"pm10": 180.0, "pm25": 36.0, "wind_direction": 0.0, "wind_speed": 3.0, **values}
    changed = {
        ("A", h): {**said, "pm10": said["pm10"] + h, "pm25": said["pm25"] + h / 10} for h in hours
    }
    return county(range(max(hours) + 1), changed)


def problem(lat: float, ago: float = 1, **more: Any) -> Observed:
    """A problem of the dust line as its ledger tells of it."""
    said = {
        "device_id": "p-1", "observed_at": NINE - timedelta(hours=ago), "lon": LON, "lat": lat,
        "number": "扬尘-2026-00007", "title": "土方裸露未覆盖", "site": "北面工地",
        "open": True, "referred": False, **more,
    }  # fmt: skip
    return Observed("dust", "problem", FollowedProblem.model_validate(said))


def children(found: list[Finding]) -> list[tuple[str, str | None]]:
    return [(f.line, f.site) for f in found if f.line is not None]


def test_the_upwind_one_comes_first_and_what_is_too_far_is_no_candidate() -> None:
    facts = facts_with((SITE, YARD, FAR), (PLANT,))
    north = Wind(from_degrees=10, speed=3)
    found = candidates(Point(LON, LAT), north, {}, facts, NINE)
    assert [(c.line, c.name, c.upwind) for c in found] == [
        ("dust", "北面工地", True),
        ("dust", "南面工地", False),
        ("industry", "东面化工厂", False),
        ("vocs", "东面化工厂", False),
    ]
    assert found[0].metres == pytest.approx(1000.8, rel=0.01)
    assert found[0].bearing == pytest.approx(0, abs=0.5)
    calm = candidates(Point(LON, LAT), Wind(from_degrees=10, speed=0.2), {}, facts, NINE)
    assert [(c.name, c.upwind) for c in calm[:2]] == [("南面工地", None), ("东面化工厂", None)]


def test_a_device_that_exceeded_is_said_with_its_reading_and_once_a_name() -> None:
    source = Source(line="dust", name="北面工地", lon=LON, lat=LAT + 0.009, at=NINE, why="pm10 400")
    found = candidates(Point(LON, LAT), None, {"dust:1": source}, facts_with((SITE,)), NINE)
    assert [(c.name, c.why) for c in found] == [("北面工地", "pm10 400")]


CASES: list[tuple[str, list[Observed], Any, list[tuple[str, str | None]]]] = [
    ("粗颗粒为主,上风向有工地:转扬尘线", high(), ((SITE, YARD), ()), [("dust", "北面工地")]),
    ("粗颗粒为主,强提示,附近没有已知来源:也转扬尘线", high(), ((), ()), [("dust", "A")]),
    ("弱提示,附近没有已知来源:不转", high(pm25=60.0), ((), ()), []),
    ("弱提示,只有下风向的工地:不转", high(pm25=60.0), ((YARD,), ()), []),
    ("弱提示,上风向有工地:转扬尘线", high(pm25=60.0), ((SITE,), ()), [("dust", "北面工地")]),
    (
        "没有提示,但附近企业刚刚超标且无风:转工业线",
        [
            *county(range(2), {}),
            followed("industry.cems", "Q-1", NINE + timedelta(hours=1), pm_zs=30.0),
            *high(pm10=82.0, pm25=90.0, wind_speed=0.1)[10:],
        ],
        ((), (PLANT,)),
        [("industry", "东面化工厂")],
    ),
    (
        "附近企业超标,但不在上风向:不转",
        [
            *county(range(2), {}),
            followed("industry.cems", "Q-1", NINE + timedelta(hours=1), pm_zs=30.0),
            *high(pm10=82.0, pm25=90.0)[10:],
        ],
        ((), (PLANT,)),
        [],
    ),
    (
        "附近企业的超标数值带标记:不转",
        [
            *county(range(2), {}),
            followed(
                "industry.cems", "Q-1", NINE + timedelta(hours=1), pm_zs=30.0, flags={"pm": "D"}
            ),
            *high(pm10=82.0, pm25=90.0, wind_speed=0.1)[10:],
        ],
        ((), (PLANT,)),
        [],
    ),
    (
        "附近企业达标:不转",
        [
            *county(range(2), {}),
            followed("industry.cems", "Q-1", NINE + timedelta(hours=1), pm_zs=9.0),
            *high(pm10=82.0, pm25=90.0, wind_speed=0.1)[10:],
        ],
        ((), (PLANT,)),
        [],
    ),
    (
        "企业七小时前超标,已不算近期:不转",
        [
            followed("industry.cems", "Q-1", NINE - timedelta(hours=5), pm_zs=30.0),
            *high(pm10=82.0, pm25=90.0, wind_speed=0.1),
        ],
        ((), (PLANT,)),
        [],
    ),
    (
        "上风向发现火点:转禁烧线",
        [
            *county(range(2), {}),
            followed(
                "burning.satellite", "N20", NINE, lon=LON, lat=LAT + 0.01, confidence_level="high"
            ),
            *high(pm10=82.0, pm25=90.0)[10:],
        ],
        ((), ()),
        [("burning", "N20")],
    ),
    (
        "上风向工地有未办结问题:转扬尘线",
        [*county(range(2), {}), problem(LAT + 0.01), *high(pm10=82.0, pm25=90.0)[10:]],
        ((), ()),
        [("dust", "北面工地")],
    ),
    (
        "未办结问题是三天前登记的:仍算",
        [problem(LAT + 0.01, ago=72), *high(pm10=82.0, pm25=90.0)],
        ((), ()),
        [("dust", "北面工地")],
    ),
    (
        "未办结问题在下风向:不转",
        [*county(range(2), {}), problem(LAT - 0.01), *high(pm10=82.0, pm25=90.0)[10:]],
        ((), ()),
        [],
    ),
    (
        "问题已销号:不转",
        [
            problem(LAT + 0.01, ago=2),
            problem(LAT + 0.01, open=False),
            *high(pm10=82.0, pm25=90.0),
        ],
        ((), ()),
        [],
    ),
    (
        "本来就是高值区转去的子问题:不算来源",
        [problem(LAT + 0.01, referred=True), *high(pm10=82.0, pm25=90.0)],
        ((), ()),
        [],
    ),
    (
        "工地在线高出全县中位数 80 以上:转扬尘线",
        [
            *county(range(2), {}),
            followed("dust.site-monitor", "G-1", NINE + timedelta(hours=1), pm10=190.0),
            *high(pm10=82.0, pm25=90.0)[10:],
        ],
        ((SITE,), ()),
        [("dust", "北面工地")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("signals", "places", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_the_clerk_expects(
    signals: list[Observed], places: Any, expected: list[tuple[str, str | None]]
) -> None:
    found, _ = play(RULE, signals, facts_with(*places))
    assert any(f.line is None for f in found), "there must be a parent"
    assert children(found) == expected


def test_a_referral_names_its_parent_and_is_not_repeated_for_a_day() -> None:
    found, _ = play(RULE, high(range(2, 30)), facts_with((SITE,)))
    sent = [f for f in found if f.line == "dust"]
    assert [f.seen_at - NINE for f in sent] == [timedelta(hours=3), timedelta(hours=27)]
    parents = {f.subject for f in found if f.line is None}
    assert {f.parent for f in sent} == parents == {"area:A"}
    assert all("PM2.5/PM10" in f.description and "北面工地" in f.description for f in sent)
    keys = {f.key for f in sent}
    assert len(keys) == 1, "the same place is the same child"


def test_sources_are_bounded_and_a_line_that_says_nothing_new_changes_nothing() -> None:
    facts = facts_with()
    seen = [
        followed(
            "industry.cems", f"Q-{n}", NINE + timedelta(seconds=n), pm_zs=30.0, lon=LON, lat=LAT
        )
        for n in range(400)
    ]
    _, memory = play(RULE, seen, facts)
    kept = memory["county"].sources
    assert len(kept) == facts.number("hotspot.high-value-area", "sources_kept") == 300
    assert "industry:Q-399" in kept
    assert "industry:Q-99" not in kept
    state = memory["county"]
    quiet = followed("industry.cems", "Q-1", NINE + timedelta(hours=1), pm_zs=1.0)
    assert RULE.step(state, quiet, facts).state is state
    assert RULE.step(state, seen[-1], facts).state is state


@pytest.mark.parametrize("name", sorted(FOLLOWED))
def test_what_is_followed_is_what_the_other_line_sends(name: str) -> None:
    line, code = name.split(".")
    signals = pytest.importorskip(f"services.{line}.signals").SIGNALS
    signal = next(one for one in signals if one.code == code)
    for what in FOLLOWED[name]:
        assert what.field in signal.model.model_fields
        if what.limit is not None:
            limit = county_facts().limit(what.limit, NINE)
            assert limit is not None
            assert limit.unit == what.unit
