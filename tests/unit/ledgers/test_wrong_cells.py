"""Every wrong cell is told with its row, its column, what was found, the rule and what is right."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import httpx
import pytest

from shared.application.ledgers.cells import letters
from shared.runtime.http.app import create_app
from tests.unit.http.world import LEAD, LineWorld, county
from tests.unit.ledgers.files import HEADINGS, csv_text, formula, good, xlsx

WRONG: tuple[tuple[str, Any, str, str], ...] = (
    # heading, value, rule, what would be right (a part of it)
    ("工作线", "扬尘防治", "unknown-line", "扬尘污染防治"),
    ("工作线", "散煤", "unknown-line", "扬尘污染防治"),
    ("来源", "卫星图", "unknown-source", "卫星"),
    ("发现时间", None, "missing", ""),
    ("发现时间", datetime(1905, 7, 18), "date-out-of-range", "2000"),
    ("发现时间", datetime(2026, 12, 24, 8, 0), "date-in-future", ""),
    ("发现时间", "11月20日", "date-without-year", "2026年11月20日"),
    ("发现时间", "11/20", "date-without-year", "2026年11月20日"),
    ("发现时间", "昨天下午", "not-a-date", "2026-11-24"),
    ("发现时间", "2026-02-30", "not-a-date", "2026-11-24"),
    ("发现时间", "20261120", "not-a-date", "2026-11-24"),
    ("发现时间", 46346.5, "number-for-date", "2026-11-20 12:00"),
    ("发现时间", 20261120, "number-for-date", "2026-11-20"),
    ("发现时间", True, "not-a-date", "2026-11-24"),
    ("问题类别", "土方裸露", "unknown-category", "土方裸露未覆盖"),
    ("问题类别", "别的", "unknown-category", "道路积尘"),
    ("问题描述", None, "missing", ""),
    ("问题描述", "裸" * 4001, "too-long", "4000"),
    ("问题描述", 12345, "number-for-text", ""),
    ("问题描述", True, "boolean-for-text", ""),
    ("问题描述", "锟斤拷锟斤拷", "garbled-text", ""),
    ("问题描述", formula("=A1&B1", "拼起来的"), "formula-cell", "数值或文字"),
    ("地点", formula("=#REF!", "#REF!"), "error-cell", ""),
    ("地点", formula("=VLOOKUP(1,A:A,1,0)", "#N/A"), "error-cell", ""),
    ("地点", datetime(2026, 3, 1), "date-for-text", ""),
    ("镇街代码", "霄云", "unknown-town", "霄云镇"),
    ("镇街代码", "370828999", "unknown-town", ""),
    ("镇街代码", 370828105, "unknown-town", ""),
    ("镇街代码", "370828103 羊山镇", "unknown-town", "羊山镇"),
    ("经度", "东经116度", "not-a-number", "12.5"),
    ("经度", 1163.1, "not-a-degree", ""),
    ("经度", 117.9, "outside-county", ""),
    ("经度", None, "half-position", ""),
    ("纬度", None, "half-position", ""),
    ("纬度", datetime(2026, 3, 5), "date-for-number", ""),
    ("涉及单位", "司" * 121, "too-long", "120"),
    ("关联条款", "99.1", "unknown-clause", "14.1"),
    ("等级", None, "missing", ""),
    ("等级", "特别严重", "unknown-severity", "一般"),
    ("监测项目", "PM1000", "unknown-quantity", ""),
    ("监测项目", "PM10(mg/m3)", "wrong-unit", "ug/m3"),
    ("监测值", 210, "reading-incomplete", ""),
    ("限值", "一百五", "not-a-number", "12.5"),
    ("整改时限", datetime(2026, 11, 1), "due-before-found", ""),
    ("整改进展", formula("=1+1", 2), "formula-cell", "数值或文字"),
)  # fmt: skip
# Where the complaint about a cell stands with another one of its row.
TOLD_AT = {"reading-incomplete": "监测项目"}


async def dry(world: LineWorld, raw: bytes, query: str = "", **headers: str) -> dict[str, Any]:
    got = await world.http.post(
        f"/v1/imports/problems{query}", content=raw, headers={**LEAD, **headers}
    )
    assert got.status_code == 200, got.text
    said: dict[str, Any] = got.json()
    return said


def only(said: Mapping[str, Any]) -> dict[str, Any]:
    assert said["wrong_cells"] == 1, said["cells"]
    cell: dict[str, Any] = said["cells"][0]
    return cell


def test_there_are_more_than_twenty_kinds() -> None:
    assert len({rule for _, _, rule, _ in WRONG}) >= 20


@pytest.mark.parametrize(("heading", "value", "rule", "right"), WRONG)
async def test_one_wrong_cell(
    line: LineWorld, heading: str, value: Any, rule: str, right: str
) -> None:
    said = await dry(line, xlsx([good(1), good(2, **{heading: value}), good(3)]))
    cell = only(said)
    where = TOLD_AT.get(rule, heading)
    assert (cell["rule"], cell["row"], cell["heading"]) == (rule, 3, where)
    assert cell["column"] == letters(HEADINGS.index(where))
    assert cell["detail"]
    assert right in (cell["right"] or "")
    assert not said["ok"]
    # The two good rows are still told as what they are.
    assert [row["row"] for row in said["rows"]] == [2, 4]


async def test_two_hundred_wrong_cells_are_each_told_at_their_place(line: LineWorld) -> None:
    simple = [each for each in WRONG if each[2] not in TOLD_AT and not callable(each[1])]
    rows, wanted = [], set()
    for n in range(200):
        heading, value, rule, _ = simple[n % len(simple)]
        rows.append(good(n, **{heading: value}))
        wanted.add((n + 2, letters(HEADINGS.index(heading)), heading, rule))
    said = await dry(line, xlsx(rows))
    assert said["wrong_cells"] == said["wrong_rows"] == 200 and said["more_wrong_cells"] == 0
    told = [(c["row"], c["column"], c["heading"], c["rule"]) for c in said["cells"]]
    assert set(told) == wanted and len(told) == 200
    assert told == sorted(told, key=lambda each: each[0])
    assert said["rows"] == []


async def test_several_wrong_cells_of_one_row_are_all_told(line: LineWorld) -> None:
    row = good(1, 来源="天上", 等级="很重", 镇街代码="月球镇", 发现时间="不知道", 经度="x")
    said = await dry(line, xlsx([row]))
    assert {c["heading"] for c in said["cells"]} == {"来源", "等级", "镇街代码", "发现时间", "经度"}
    assert said["wrong_rows"] == 1


async def test_swapped_coordinates_say_how_they_belong(line: LineWorld) -> None:
    cell = only(await dry(line, xlsx([good(1, 经度=35.07, 纬度=116.31)])))
    assert (cell["rule"], cell["right"]) == ("swapped-position", "经度 116.31,纬度 35.07")


async def test_a_place_is_needed(line: LineWorld) -> None:
    cell = only(await dry(line, xlsx([good(1, 镇街代码=None, 经度=None, 纬度=None)])))
    assert (cell["rule"], cell["heading"]) == ("no-place", "镇街代码")


async def test_identical_rows_and_doubled_numbers(line: LineWorld) -> None:
    number = (await line.report())["number"]
    rows = [good(1), {**good(1), "序号": 9}, {"问题编号": number}, {"问题编号": number}]
    said = await dry(line, xlsx(rows))
    assert [(c["row"], c["rule"]) for c in said["cells"]] == [
        (3, "duplicate-row"),
        (5, "duplicate-number"),
    ]
    assert "第 2 行" in said["cells"][0]["detail"] and "第 4 行" in said["cells"][1]["detail"]


async def test_a_number_that_nobody_gave(line: LineWorld) -> None:
    cell = only(await dry(line, xlsx([good(1, 问题编号="扬尘-2026-00099")])))
    assert (cell["rule"], cell["column"], cell["found"]) == (
        "unknown-number", "B", "扬尘-2026-00099",
    )  # fmt: skip


async def test_a_clause_that_became_a_number_is_ambiguous() -> None:
    world = LineWorld()
    # A plan with more than nine clauses to an item.
    plan = county().model_copy()
    clause = plan.clause("14.1")
    assert clause is not None
    vars(plan)["_clauses"] = {**{c.id: c for c in plan.plan.clauses()}, "14.10": clause}
    world.api = replace(world.api, county=plan)
    world.app = create_app(world.api, "test", {})
    transport = httpx.ASGITransport(app=world.app)
    world.http = httpx.AsyncClient(transport=transport, base_url="http://test")
    cell = only(await dry(world, xlsx([good(1, 关联条款=14.1)])))
    assert (cell["rule"], cell["right"]) == ("ambiguous-clause", "文本 14.1 或 14.10")
    for said in ("14.1", "14.10", 14.2):
        assert (await dry(world, xlsx([good(1, 关联条款=said)])))["ok"]


async def test_merged_cells(line: LineWorld) -> None:
    town = HEADINGS.index("镇街代码")

    def merge(book: Any, sheet: Any) -> None:
        sheet.merge_range(1, town, 3, town, "370828103 霄云镇")

    said = await dry(line, xlsx([good(n, 镇街代码=None) for n in range(3)], more=merge))
    assert [(c["row"], c["column"], c["rule"]) for c in said["cells"]] == [
        (3, "I", "merged-cell"), (4, "I", "merged-cell"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "rule", "right"),
    [
        ("发现日期", "wrong-heading", "发现时间"),
        ("问题描叙", "wrong-heading", "问题描述"),
        ("随便写的", "missing-heading", "发现时间"),
    ],
)
async def test_wrong_headings(line: LineWorld, given: str, rule: str, right: str) -> None:
    old = "问题描述" if right == "问题描述" else "发现时间"
    headings = [given if h == old else h for h in HEADINGS]
    said = await dry(line, xlsx([good(1)], headings))
    cell = only(said)
    assert (cell["rule"], cell["row"], cell["right"]) == (rule, 1, right)


async def test_doubled_headings(line: LineWorld) -> None:
    cell = only(await dry(line, xlsx([good(1)], [*HEADINGS, "等级"])))
    assert (cell["rule"], cell["column"]) == ("duplicate-heading", letters(len(HEADINGS)))
    assert "N 列" in cell["detail"]


async def test_headings_may_stand_below_a_title_and_in_another_order(line: LineWorld) -> None:
    text = "金乡县问题清单,,\r\n" + csv_text([good(1)], list(reversed(HEADINGS)))
    said = await dry(line, text.encode())
    assert said["ok"] and [row["row"] for row in said["rows"]] == [3]


@pytest.mark.parametrize(
    "said",
    [
        "2026-11-20", "2026/11/20", "2026/11/20 14:30", "2026-11-20 14:30:05", "2026年11月20日",
        "2026年11月20日 14时30分", "2026.11.20", "2026-11-20T14:30:00+08:00", "２０２６-11-20",
        datetime(2026, 11, 20, 14, 30), date(2026, 11, 20), time(14, 30),
    ],
)  # fmt: skip
async def test_dates_as_people_write_them(line: LineWorld, said: Any) -> None:
    if isinstance(said, date | time) and not isinstance(said, datetime):
        column = HEADINGS.index("发现时间")

        def write(book: Any, sheet: Any) -> None:
            form = "yyyy-mm-dd" if isinstance(said, date) else "hh:mm"
            sheet.write_datetime(1, column, said, book.add_format({"num_format": form}))

        raw = xlsx([good(1, 发现时间=None)], more=write)
    else:
        raw = xlsx([good(1, 发现时间=said)])
    told = await dry(line, raw)
    # A time alone is no date.
    assert told["ok"] is not isinstance(said, time)


async def test_only_so_many_wrong_cells_are_listed_and_the_rest_is_counted(
    line: LineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.application.ledgers.importing.COMPLAINTS_MOST", 30)
    said = await dry(line, xlsx([good(n, 等级="?") for n in range(50)]))
    assert (len(said["cells"]), said["wrong_cells"], said["more_wrong_cells"]) == (30, 50, 20)
