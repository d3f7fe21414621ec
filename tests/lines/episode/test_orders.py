"""What an episode orders of the ten lines, and how breaches are graded."""

from datetime import date

import pytest

from shared.adapters.pack import load_pack
from shared.declaration.county.facts_for_rules import CountyFacts
from shared.declaration.county.keys import LINE_KEYS
from shared.declaration.county.places import Enterprise, Measures, Places
from shared.declaration.rule import Order
from shared.domain.entry import Kind
from shared.domain.task_rules import ChangeTask, CreateTask, EndTask
from tests.lines.episode.playing import Played, alert, check, forecast, play
from tests.lines.facts import PACK

LISTED = Enterprise(
    id="Q-1",
    name="某建材公司",
    town="370828102",
    lon=116.32,
    lat=35.18,
    lines=("industry", "vocs"),
    emergency_list=True,
    measures=Measures(orange=("停产一半生产线",), red=("全部停产",)),
)
UNLISTED = Enterprise(id="Q-2", name="某小厂", lon=116.33, lat=35.1, lines=("industry",))
FACTS = CountyFacts(
    load_pack(PACK).model_copy(update={"places": Places(enterprises=(LISTED, UNLISTED))})
)
RED = [
    alert("2020-12-19 18:00", "orange", "2020-12-20 00:00"),
    alert("2020-12-21 01:00", "red", "2020-12-21 07:00"),
    alert("2020-12-23 10:00", "none", "2020-12-23 12:00"),
]


def parts(played: Played) -> list[Order]:
    """What the lines and enterprises must do: the orders without those for the course itself."""
    return [o for o in played.orders if not is_course(o, played)]


def is_course(order: Order, played: Played) -> bool:
    courses = {
        o.entry for o in played.orders if str(o.body.get("text", "")).startswith("重污染天气过程")
    }
    return order.entry in courses


def test_each_line_gets_a_task_and_one_for_each_enterprise_on_the_list() -> None:
    played = play(RED[:1], "2020-12-20 06:00", FACTS)
    ordered = parts(played)
    assert [o.name for o in ordered] == ["create"] * 12
    assert [o.line for o in ordered if "落实本线" in o.body["text"]] == list(LINE_KEYS)
    about = [(o.line, o.body["town"]) for o in ordered if "某建材公司" in o.body["text"]]
    assert about == [("industry", "370828102"), ("vocs", "370828102")]
    assert all("停产一半生产线" in o.body["text"] for o in ordered if "某建材" in o.body["text"])
    assert not any("某小厂" in o.body["text"] for o in ordered)
    county = load_pack(PACK)
    for order in ordered:
        assert order.kind is Kind.TASK
        body = CreateTask.model_validate(order.body)
        assert county.has_clause(body.clause)
        assert county.unit_name(body.department)
        assert body.starts == date(2020, 12, 20)


def test_a_change_ends_the_old_tasks_and_begins_new_ones_and_a_lift_ends_all() -> None:
    played = play(RED, "2020-12-25 00:00", FACTS)
    begun = [o for o in parts(played) if o.name == "create"]
    ended = [o for o in parts(played) if o.name == "end"]
    assert len(begun) == len(ended) == 24
    assert [(o.line, o.entry) for o in begun] == [(o.line, o.entry) for o in ended]
    assert len({o.entry for o in begun}) == 24
    for order in ended:
        EndTask.model_validate(order.body)
    assert {o.body["ended_on"] for o in ended[:12]} == {"2020-12-21"}
    assert {o.body["ended_on"] for o in ended[12:]} == {"2020-12-23"}
    names = [o.name for o in parts(played)]
    assert names == ["create"] * 12 + ["end"] * 12 + ["create"] * 12 + ["end"] * 12


def test_the_episode_is_a_task_whose_changes_are_its_course() -> None:
    played = play(RED, "2020-12-25 00:00", FACTS)
    course = [o for o in played.orders if is_course(o, played)]
    assert [(o.line, o.name) for o in course] == [
        ("episode", "create"), ("episode", "change"), ("episode", "end"),
    ]  # fmt: skip
    assert len({o.entry for o in course}) == 1
    CreateTask.model_validate(course[0].body)
    text = ChangeTask.model_validate(course[1].body).text
    assert text is not None
    assert text.index("橙色预警") < text.index("红色预警"), "the whole course in its order"
    assert "12-21 07:00" in text
    EndTask.model_validate(course[2].body)


def test_the_same_course_gives_the_same_orders_and_a_repeat_none() -> None:
    once = play(RED, "2020-12-25 00:00", FACTS)
    assert play(RED, "2020-12-25 00:00", FACTS).orders == once.orders
    twice = [copy for signal in RED for copy in (signal, signal)]
    assert play(twice, "2020-12-25 00:00", FACTS).orders == once.orders


def test_no_measures_at_a_level_no_task_for_the_enterprise() -> None:
    played = play([forecast("01-10 16:00", 160, 160, 90, 80)], "01-11 12:00", FACTS)
    assert len(parts(played)) == 10
    assert all("黄色" in o.body["text"] for o in played.orders)


BREACHES = [
    ("橙色期间违反停限产,严重", [*RED[:1], check("2020-12-20 10:00", False)], ["production_breach:critical"]),
    (
        "黄色期间违规施工,较重",
        [alert("01-10 15:00", "yellow", "01-11 00:00"), check("01-11 10:00", False, "construction")],
        ["construction_breach:serious"],
    ),
    ("预警还没开始,不算违反", [*RED[:1], check("2020-12-19 20:00", False)], []),
    ("没有预警,不算违反", [check("2020-12-20 10:00", False)], []),
    (
        "不在应急减排清单上,同时记清单遗漏",
        [*RED[:1], check("2020-12-20 10:00", False, place="Q-2")],
        ["production_breach:critical", "list_gap:general"],
    ),
    (
        "复查已落实,作为结束的证明",
        [*RED[:1], check("2020-12-20 10:00", False), check("2020-12-20 15:00", True)],
        ["production_breach:critical", "clear"],
    ),
    ("一直落实,没有问题", [*RED[:1], check("2020-12-20 10:00", True)], []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("signals", "expected"), [c[1:] for c in BREACHES], ids=[c[0] for c in BREACHES]
)
def test_breaches(signals: list[object], expected: list[str]) -> None:
    found = play(signals, facts=FACTS).findings  # type: ignore[arg-type]
    said = [
        f"{f.category}:{f.severity}" if f.kind.value == "raise" else f.kind.value for f in found
    ]
    assert said == expected
