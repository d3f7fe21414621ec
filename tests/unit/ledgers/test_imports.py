"""A ledger's way out and back: new rows become problems, progress is reported, the rest stays."""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from shared.adapters.workbook.reading import read_sheet
from shared.application.ledgers.sheet import ROWS_MOST
from shared.application.ports import Unavailable
from tests.unit.http.world import LEAD, VIEWER, LineWorld, problem_of
from tests.unit.ledgers.files import HEADINGS, csv_text, good, xlsx

TOWN = {"X-Actor": "zhao", "X-Role": "town", "X-Unit": "370828103"}


async def imported(
    world: LineWorld, raw: bytes, headers: dict[str, str] = LEAD, dry_run: bool = False
) -> httpx.Response:
    url = f"/v1/imports/problems?dry_run={str(dry_run).lower()}"
    return await world.http.post(url, content=raw, headers=headers)


def outcomes(got: httpx.Response) -> list[tuple[int, str]]:
    assert got.status_code == 200, got.text
    return [(row["row"], row["outcome"]) for row in got.json()["rows"]]


async def exported(world: LineWorld, headers: dict[str, str] = LEAD) -> list[dict[str, Any]]:
    """The exported workbook as rows by heading."""
    got = await world.http.get("/v1/exports/problems.xlsx", headers=headers)
    assert got.status_code == 200
    head, *rows = read_sheet(got.content, "问题清单").rows
    return [dict(zip(map(str, head.cells), row.cells, strict=True)) for row in rows]


async def working(world: LineWorld, **fields: Any) -> dict[str, Any]:
    """A problem that its town rectifies."""
    entry = await world.report(**fields)
    for command, body, who in (
        ("assign", {"unit": "370828103"}, LEAD),
        ("accept", {}, TOWN),
        ("start", {}, TOWN),
    ):
        got = await world.http.post(
            f"/v1/problems/{entry['id']}/{command}",
            json=body,
            headers={**who, "If-Match": f'"{entry["version"]}"'},
        )
        assert got.status_code == 200, got.text
        entry = got.json()
    return entry


async def test_looking_is_the_default_and_changes_nothing(line: LineWorld) -> None:
    got = await line.http.post("/v1/imports/problems", content=xlsx([good(1)]), headers=LEAD)
    assert got.json()["dry_run"] and got.json()["counts"] == {"new": 1}
    assert line.commander.seen == [] and line.store.entries == {}


async def test_new_rows_become_problems_with_all_that_was_written(line: LineWorld) -> None:
    row = good(
        1,
        地点="诚信大道北侧", 涉及单位="城东工地", 关联条款="14.1", 监测项目="PM10", 监测值=210,
        限值=150, 标准号="GB 3095-2012", 交办单位="市生态环境局", 整改时限="2026-12-01",
    )  # fmt: skip
    got = await imported(line, xlsx([row]))
    assert outcomes(got) == [(2, "registered")]
    told = got.json()["rows"][0]
    problem = (await line.http.get(f"/v1/problems/{told['id']}")).json()
    assert problem["number"] == told["number"] == "扬尘-2026-00001"
    assert problem["reported_by"]["id"] == "lead" and problem["reported_by"]["unit"] == "housing"
    assert problem["title"] == row["问题描述"]
    assert problem["found_at"] == "2026-11-20T01:30:00Z"
    assert problem["reading"] == {
        "quantity": "pm10", "value": 210.0, "unit": "ug/m3", "limit": 150.0,
        "standard": "GB 3095-2012",
    }  # fmt: skip
    assert problem["external"]["issuer"] == "市生态环境局"
    assert problem["due_at"] == "2026-12-01T15:59:59Z"
    assert problem["location"] == {
        "lon": 116.31, "lat": 35.07, "town": "370828103", "address": "诚信大道北侧",
    }  # fmt: skip
    back = (await exported(line))[0]
    for heading in ("工作线", "来源", "问题类别", "问题描述", "镇街代码", "经度", "纬度", "等级",
                    "地点", "涉及单位", "关联条款", "监测值", "限值", "标准号", "交办单位"):  # fmt: skip
        assert back[heading] == row[heading], heading
    assert back["发现时间"] == datetime(2026, 11, 20, 9, 30)


async def test_a_ledger_goes_round(line: LineWorld) -> None:
    """Export, new rows and progress written into it, import, export: it is all there."""
    entry = await working(line, description="-裸土两亩\n=围挡缺失")
    await line.report(title="另一处")
    rows = await exported(line)
    assert {row["问题描述"] for row in rows} == {"工地裸土未覆盖\n-裸土两亩\n=围挡缺失", "另一处"}
    mine = next(row for row in rows if row["问题编号"] == entry["number"])
    mine["整改进展"] = "=已覆盖 80%,余下周五前完成"
    raw = xlsx([*rows, good(7), good(8)], list(rows[0]))
    line.clock.turn(timedelta(minutes=5))
    got = await imported(line, raw, TOWN)
    assert got.json()["warnings"] == []
    assert sorted(outcome for _, outcome in outcomes(got)) == [
        "progress", "registered", "registered", "unchanged",
    ]  # fmt: skip
    again = await exported(line)
    assert len(again) == 4
    by_number = {row["问题编号"]: row for row in again}
    assert by_number[entry["number"]]["整改进展"] == "=已覆盖 80%,余下周五前完成"
    assert {good(7)["问题描述"], good(8)["问题描述"]} <= {row["问题描述"] for row in again}
    # And what came out the second time changes nothing when it comes back.
    before = len(line.commander.seen)
    last = await imported(line, xlsx(again, list(again[0])), TOWN)
    assert {outcome for _, outcome in outcomes(last)} == {"unchanged"}
    assert len(line.commander.seen) == before


async def test_a_csv_goes_round_too(line: LineWorld) -> None:
    await working(line, description="'=1+1")
    got = await line.http.get("/v1/exports/problems.csv", headers=LEAD)
    back = await imported(line, got.content, TOWN)
    assert outcomes(back) == [(2, "unchanged")] and back.json()["warnings"] == []


async def test_the_same_file_twice_registers_each_problem_once(line: LineWorld) -> None:
    raw = xlsx([good(n) for n in range(20)])
    first = (await imported(line, raw)).json()
    second = await imported(line, raw)
    assert {outcome for _, outcome in outcomes(second)} == {"repeated"}
    assert [r["number"] for r in second.json()["rows"]] == [r["number"] for r in first["rows"]]
    assert len(line.store.entries) == 20
    # Saved anew as another kind of file, with a row more: only that one is new.
    more = csv_text([*(good(n) for n in range(20)), good(99)]).encode("gb18030")
    third = await imported(line, more, TOWN)
    assert sorted({outcome for _, outcome in outcomes(third)}) == ["registered", "repeated"]
    assert len(line.store.entries) == 21


async def test_nothing_is_imported_where_any_row_is_wrong(line: LineWorld) -> None:
    rows = [good(1), good(2, 等级="?"), good(3)]
    document = problem_of(await imported(line, xlsx(rows)), 422, "invalid-field")
    assert document["errors"] == [{"pointer": "/3/N", "detail": document["cells"][0]["detail"]}]
    assert "一行也没有导入" in document["detail"]
    assert line.commander.seen == []


async def test_progress_only_from_its_own_unit_and_state(line: LineWorld) -> None:
    await line.report()  # registered: nobody works on it yet
    await working(line, title="在办")
    rows = await exported(line)
    for row in rows:
        row["整改进展"] = "已完成"
    said = (await imported(line, xlsx(rows, list(rows[0])), TOWN, dry_run=True)).json()
    assert [(c["rule"], c["heading"]) for c in said["cells"]] == [
        ("progress-not-allowed", "整改进展")
    ]
    assert "立案" in said["cells"][0]["detail"]
    other = {**TOWN, "X-Unit": "370828101"}
    said = (await imported(line, xlsx(rows, list(rows[0])), other, dry_run=True)).json()
    assert len(said["cells"]) == 2


@pytest.mark.parametrize(
    ("heading", "value"),
    [
        ("等级", "严重"), ("问题描述", "改过的"), ("镇街代码", "370828101 羊山镇"), ("经度", 116.4),
        ("发现时间", datetime(2026, 11, 1)), ("状态", "销号"), ("责任单位", "县水务局"),
        ("反弹次数", 3), ("工作线", "散煤治理"),
    ],
)  # fmt: skip
async def test_other_columns_cannot_be_changed(line: LineWorld, heading: str, value: Any) -> None:
    await working(line)
    rows = await exported(line)
    old = rows[0][heading]
    rows[0][heading] = value
    said = (await imported(line, xlsx(rows, list(rows[0])), TOWN, dry_run=True)).json()
    assert [(c["rule"], c["heading"], c["row"]) for c in said["cells"]] == [
        ("protected-changed", heading, 2)
    ]
    if isinstance(old, str):
        assert said["cells"][0]["right"] == old


async def test_a_row_of_an_older_version_is_only_warned_about(line: LineWorld) -> None:
    entry = await working(line)
    rows = await exported(line)
    body = {"severity": "serious", "reason": "复核"}
    headers = {**LEAD, "If-Match": f'"{entry["version"]}"'}
    url = f"/v1/problems/{entry['id']}"
    got = await line.http.post(f"{url}/change-severity", json=body, headers=headers)
    assert got.status_code == 200
    rows[0]["整改进展"] = "已覆盖"
    got = await imported(line, xlsx(rows, list(rows[0])), TOWN)
    assert outcomes(got) == [(2, "progress")]
    assert {(w["rule"], w["heading"], w["right"]) for w in got.json()["warnings"]} == {
        ("out-of-date", "等级", "较重"),
        ("out-of-date", "整改时限", "2026-11-26 09:00"),  # a graver one has less time
    }


async def test_old_progress_in_an_old_file_is_not_reported_again(line: LineWorld) -> None:
    entry = await working(line)
    url = f"/v1/problems/{entry['id']}/report-progress"
    await line.http.post(url, json={"text": "第一次"}, headers=TOWN)
    rows = await exported(line)
    await line.http.post(url, json={"text": "第二次"}, headers=TOWN)
    got = await imported(line, xlsx(rows, list(rows[0])), TOWN)
    assert outcomes(got) == [(2, "unchanged")]
    shown = (await line.http.get(f"/v1/problems/{entry['id']}")).json()
    assert shown["progress"]["text"] == "第二次"


async def test_a_copied_row_whose_number_was_deleted_is_a_new_problem(line: LineWorld) -> None:
    await line.report(source="patrol", category="bare_soil")
    rows = await exported(line)
    copy = {**rows[0], "问题编号": None, "问题描述": "旁边又一处"}
    got = await imported(line, xlsx([rows[0], copy], list(rows[0])))
    assert outcomes(got) == [(2, "unchanged"), (3, "registered")]


async def test_a_row_with_the_mark_of_another_is_wrong(line: LineWorld) -> None:
    await line.report()
    await line.report(title="另一处")
    rows = await exported(line)
    rows[0]["系统标记"], rows[1]["系统标记"] = rows[1]["系统标记"], rows[0]["系统标记"]
    said = (await imported(line, xlsx(rows, list(rows[0])), dry_run=True)).json()
    assert [c["rule"] for c in said["cells"]] == ["other-row", "other-row"]


async def test_what_registering_does_not_take_is_said(line: LineWorld) -> None:
    headings = [*HEADINGS, "责任单位", "备注", "我们的列"]
    row = good(
        1, 责任单位="县水务局", 备注="急", 整改进展="已覆盖", 整改时限="2026-12-01", 我们的列="x"
    )
    got = await imported(line, xlsx([row], headings))
    assert outcomes(got) == [(2, "registered")]
    said = {(w["rule"], w["heading"]) for w in got.json()["warnings"]}
    assert said == {
        ("not-imported", "责任单位"), ("not-imported", "备注"), ("not-imported", "整改进展"),
        ("not-imported", "整改时限"), ("unknown-heading", "我们的列"),
    }  # fmt: skip


async def test_at_the_gateway_the_row_says_its_line(gateway: LineWorld) -> None:
    got = await imported(gateway, xlsx([good(1)]))
    assert outcomes(got) == [(2, "registered")] and got.json()["rows"][0]["line"] == "dust"
    assert gateway.commander.seen[-1][1] == "dust"
    said = (await imported(gateway, xlsx([good(2, 工作线=None)]), dry_run=True)).json()
    assert [(c["rule"], c["heading"]) for c in said["cells"]] == [("missing", "工作线")]


async def test_at_a_line_the_line_may_be_left_out(line: LineWorld) -> None:
    assert outcomes(await imported(line, xlsx([good(1, 工作线=None)]))) == [(2, "registered")]


async def test_who_may_import(line: LineWorld) -> None:
    raw = xlsx([good(1)])
    problem_of(await imported(line, raw, VIEWER), 403, "role-not-allowed")
    problem_of(await line.http.post("/v1/imports/problems", content=raw), 400, "missing-actor")
    strange = {**LEAD, "X-Unit": "nobody"}
    problem_of(await imported(line, raw, strange), 422, "invalid-field")
    assert line.commander.seen == []


async def test_the_file_may_come_in_a_form(line: LineWorld) -> None:
    url = "/v1/imports/problems?dry_run=false"
    files = {"file": ("问题清单.xlsx", xlsx([good(1)]), "application/octet-stream")}
    got = await line.http.post(url, files=files, headers=LEAD)
    assert outcomes(got) == [(2, "registered")]
    two = [("file", io.BytesIO(b"a")), ("file", io.BytesIO(b"b"))]
    problem_of(await line.http.post(url, files=two, headers=LEAD), 400, "malformed")
    none = {"file": (None, "not a file")}
    problem_of(await line.http.post(url, files=none, headers=LEAD), 400, "malformed")


async def test_when_the_database_goes_away_the_rest_is_not_tried(line: LineWorld) -> None:
    line.commander.fails = Unavailable("away")
    raw = xlsx([good(n) for n in range(60)])
    got = await imported(line, raw)
    assert not got.json()["ok"]
    counts = got.json()["counts"]
    assert counts["refused"] + counts["not-tried"] == 60 and counts["not-tried"] > 0
    line.commander.fails = None
    assert {outcome for _, outcome in outcomes(await imported(line, raw))} == {"registered"}


async def test_a_command_without_an_answer_says_where_it_will_be(line: LineWorld) -> None:
    line.commander.answers = False
    told = (await imported(line, xlsx([good(1)]))).json()["rows"][0]
    assert told["outcome"] == "accepted" and told["location"] == f"/v1/commands/{told['command']}"


async def test_only_so_many_rows(line: LineWorld) -> None:
    lines = ["问题编号,发现时间,问题描述,镇街代码,等级", *(["x,,,,"] * (ROWS_MOST + 1))]
    got = await imported(line, "\n".join(lines).encode())
    assert problem_of(got, 413, "too-large")["rows_most"] == ROWS_MOST


async def test_the_published_batch_is_in_the_ledger_and_comes_back_unchanged(
    line: LineWorld,
) -> None:
    first, second = await line.report(title="甲"), await line.report(title="乙")

    async def numbers(ids: Sequence[str]) -> dict[str, int]:
        return {id_: 3 for id_ in ids if id_ == first["id"]}

    object.__setattr__(line.api, "batch_numbers", numbers)
    rows = await exported(line)
    assert {row["问题编号"]: row["批次"] for row in rows} == {
        first["number"]: "第3批",
        second["number"]: None,
    }
    got = await imported(line, xlsx(rows, list(rows[0])), TOWN)
    assert [outcome for _, outcome in outcomes(got)] == ["unchanged", "unchanged"]
    assert not got.json()["warnings"]
