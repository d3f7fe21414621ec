"""The course of episodes: golden cases in the clerk's words."""

from datetime import date, timedelta

import pytest

from services.episode.course import TURNS_KEPT
from services.episode.rules import terms_at
from services.episode.signals import ObservedDay
from services.episode.spells import Spell, spells
from shared.declaration.signal import SignalData
from shared.domain.moments import SHANGHAI
from tests.lines.episode.playing import FIRST, alert, at, forecast, play
from tests.lines.facts import county_facts

LEVELS = [
    ("一天 201,黄色", [201], "yellow"),
    ("一天 200,不够", [200], None),
    ("连续两天高于 150,黄色", [151, 160], "yellow"),
    ("一天 199,不够", [199], None),
    ("连续两天 150,不够", [150, 150], None),
    ("连续两天高于 200,橙色", [201, 202], "orange"),
    ("连续三天高于 150,橙色", [151, 199, 160], "orange"),
    ("两天高于 200 中间夹一天 180,仍按三天高于 150 为橙色", [230, 180, 230], "orange"),
    ("三天高于 200 且一天高于 300,红色", [210, 301, 220], "red"),
    ("三天高于 200 但最高只有 300,橙色", [210, 300, 220], "orange"),
    ("一天 400 但前后只有两天高于 200,橙色", [400, 220], "orange"),
    ("四天高于 150、一天 400,高于 200 不足三天,橙色", [180, 400, 220, 180], "orange"),
]


@pytest.mark.parametrize(("aqi", "level"), [c[1:] for c in LEVELS], ids=[c[0] for c in LEVELS])
def test_the_level_of_days(aqi: list[int], level: str | None) -> None:
    terms = terms_at(at("01-10 16:00"), county_facts())
    assert terms is not None
    days: dict[date, int | None] = {FIRST + timedelta(days=n): a for n, a in enumerate(aqi)}
    last = FIRST + timedelta(days=len(aqi) - 1)
    found = spells({FIRST - timedelta(days=1): 90, **days}, terms.warnings)
    assert found == ((Spell(FIRST, last, level),) if level else ())  # type: ignore[arg-type]


CASES: list[tuple[str, list[SignalData], str, list[tuple[str, str, str]]]] = [
    ("预报良好,什么也不做", [forecast("01-10 16:00", 80, 90, 100, 120)], "01-20 00:00", []),
    (
        "预报三天重污染,第二天零点启动橙色,降下来并预报两天良好后解除",
        [forecast("01-10 16:00", 210, 220, 230, 90, 80, 70)],
        "01-20 00:00",
        [("01-11 00:00", "start", "orange"), ("01-14 00:00", "lift", "none")],
    ),
    (
        "后面只预报到一天良好,不足 36 小时,不解除",
        [forecast("01-10 16:00", 210, 220, 230, 90)],
        "01-20 00:00",
        [("01-11 00:00", "start", "orange")],
    ),
    (
        "等到新预报说明还会好两天,才解除",
        [forecast("01-10 16:00", 210, 220, 230, 90), forecast("01-14 08:00", 80, 70)],
        "01-20 00:00",
        [("01-11 00:00", "start", "orange"), ("01-14 08:00", "lift", "none")],
    ),
    (
        "中间好一天又重污染两天,间隔不到 36 小时,算一次过程",
        [forecast("01-10 16:00", 210, 220, 90, 230, 240, 80, 70)],
        "01-20 00:00",
        [("01-11 00:00", "start", "orange"), ("01-16 00:00", "lift", "none")],
    ),
    (
        "中间好两天,是两次过程",
        [
            forecast("01-10 16:00", 210, 220, 90, 90, 230, 240, 80),
            forecast("01-16 16:00", 80, 70, 70),
        ],
        "01-20 00:00",
        [
            ("01-11 00:00", "start", "orange"),
            ("01-13 00:00", "lift", "none"),
            ("01-15 00:00", "start", "orange"),
            ("01-17 00:00", "lift", "none"),
        ],
    ),
    (
        "预报变重,升为红色;预报变轻,过程中不再降下来就到期解除",
        [
            forecast("01-10 16:00", 210, 220, 90, 80, 70),
            forecast("01-11 16:00", 230, 320, 90, 80, 70),
        ],
        "01-20 00:00",
        [
            ("01-11 00:00", "start", "orange"),
            ("01-11 16:00", "upgrade", "red"),
            ("01-14 00:00", "lift", "none"),
        ],
    ),
    (
        "预报转轻,只剩黄色条件,降级",
        [
            forecast("01-10 16:00", 210, 220, 160, 80, 70),
            forecast("01-11 08:00", 120, 90, 80, 80),
        ],
        "01-20 00:00",
        [
            ("01-11 00:00", "start", "orange"),
            ("01-11 08:00", "downgrade", "yellow"),
            ("01-12 00:00", "lift", "none"),
        ],
    ),
    (
        "臭氧重污染不预警",
        [forecast("01-10 16:00", 210, 220, 230, 90, 80, primary="o3")],
        "01-20 00:00",
        [],
    ),
    (
        "沙尘重污染不预警",
        [forecast("01-10 16:00", 410, 420, 430, 90, 80, primary="pm10", sand=True)],
        "01-20 00:00",
        [],
    ),
    (
        "已经过去的两天实况也算:两天实况加一天预报都高于 150,橙色",
        [
            ObservedDay(
                device_id="站", observed_at=at("01-11 01:00"), date=date(2026, 1, 10), aqi=160
            ),
            ObservedDay(
                device_id="站", observed_at=at("01-12 01:00"), date=date(2026, 1, 11), aqi=170
            ),
            forecast("01-12 08:00", 165, 90, 80, first=date(2026, 1, 12)),
        ],
        "01-20 00:00",
        [
            ("01-12 08:00", "start", "orange"),
            ("01-13 00:00", "lift", "none"),
        ],
    ),
    (
        "旧的预报后到,不理",
        [forecast("01-10 16:00", 80, 90, 100), forecast("01-09 16:00", 310, 320, 330)],
        "01-20 00:00",
        [],
    ),
    (
        "市里发布橙色到期,到时解除",
        [alert("01-10 16:00", "orange", "01-11 12:00", "01-14 12:00")],
        "01-20 00:00",
        [("01-11 12:00", "start", "orange"), ("01-14 12:00", "lift", "none")],
    ),
    (
        "市里发布橙色,以市里的为准,预报红色也不自行升级",
        [
            alert("01-10 15:00", "orange", "01-11 00:00"),
            forecast("01-10 16:00", 310, 320, 330, 90, 80),
            alert("01-13 16:00", "none", "01-13 20:00"),
        ],
        "01-20 00:00",
        [("01-11 00:00", "start", "orange"), ("01-13 20:00", "lift", "none")],
    ),
    (
        "省里黄色和市里橙色重叠,是一次过程,按高的执行",
        [
            alert("01-10 15:00", "yellow", "01-11 00:00", "01-15 00:00", "山东省"),
            alert("01-11 15:00", "orange", "01-12 00:00", "01-14 00:00"),
        ],
        "01-20 00:00",
        [
            ("01-11 00:00", "start", "yellow"),
            ("01-12 00:00", "upgrade", "orange"),
            ("01-14 00:00", "downgrade", "yellow"),
            ("01-15 00:00", "lift", "none"),
        ],
    ),
    (
        "解除一天后又启动,仍是同一次过程",
        [
            alert("01-10 15:00", "yellow", "01-11 00:00", "01-12 00:00"),
            alert("01-12 15:00", "yellow", "01-13 00:00", "01-14 00:00"),
        ],
        "01-20 00:00",
        [
            ("01-11 00:00", "start", "yellow"),
            ("01-12 00:00", "lift", "none"),
            ("01-13 00:00", "resume", "yellow"),
            ("01-14 00:00", "lift", "none"),
        ],
    ),
    (
        "2020 年 12 月 21 日:1 时由橙色升为红色,7 时起执行一级响应",
        [
            alert("2020-12-19 18:00", "orange", "2020-12-20 00:00"),
            alert("2020-12-21 01:00", "red", "2020-12-21 07:00"),
        ],
        "2020-12-22 00:00",
        [("12-20 00:00", "start", "orange"), ("12-21 07:00", "upgrade", "red")],
    ),
]


@pytest.mark.parametrize(
    ("signals", "until", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_the_clerk_expects(
    signals: list[SignalData], until: str, expected: list[tuple[str, str, str]]
) -> None:
    assert play(signals, until).turns == expected


@pytest.mark.parametrize(
    ("signals", "until", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_it_is_the_same_whether_the_clock_or_the_next_signal_wakes_it(
    signals: list[SignalData], until: str, expected: list[tuple[str, str, str]]
) -> None:
    begin = signals[0].observed_at.astimezone(SHANGHAI)
    looks = [f"{begin + timedelta(hours=h, minutes=7):%Y-%m-%d %H:%M}" for h in range(250)]
    clock = play(signals, until, wakes=looks)
    assert clock.turns == expected
    assert [(t.what, t.level, t.reason, t.at) for t in clock.course.timeline] == [
        (t.what, t.level, t.reason, t.at) for t in play(signals, until).course.timeline
    ]


def test_what_begins_within_the_notice_is_said_before() -> None:
    far = play([forecast("01-10 16:00", 90, 90, 90, 210, 220, 80, 70)], "01-13 20:00")
    assert far.announced == [("01-12 00:00", "orange")]
    assert far.turns == []
    red = play(
        [
            alert("2020-12-19 18:00", "orange", "2020-12-20 00:00"),
            alert("2020-12-21 01:00", "red", "2020-12-21 07:00"),
        ],
        "2020-12-22 00:00",
    )
    assert red.announced == [("12-19 18:00", "orange"), ("12-21 01:00", "red")]


def test_a_clock_far_ahead_of_the_signals_changes_nothing() -> None:
    signals = [forecast("01-10 16:00", 210, 220, 230, 90, 80, 70)]
    assert play(signals, wakes=["2027-01-01 00:00"]).turns == []
    later = forecast("01-10 20:00", 80, 80, 80)
    assert play([*signals, later], wakes=["2027-01-01 00:00"]).turns == []


def test_the_timeline_and_what_is_known_stay_bounded() -> None:
    signals: list[SignalData] = []
    for n in range(150):
        day = FIRST + timedelta(days=4 * n)
        begin, end = f"{day} 08:00", f"{day + timedelta(days=1)} 08:00"
        signals.append(alert(f"{day} 07:00", "red", begin, end))
    played = play(signals, "2030-01-01 00:00")
    assert len(played.course.timeline) == TURNS_KEPT
    assert len(played.course.orders) <= 20
    assert played.turns[-1][1:] == ("lift", "none")
    assert len(played.course.model_dump_json()) < 40_000
