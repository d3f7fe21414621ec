"""Drawing batches through the API: numbers, retries, what is published once, what is left alone."""

import asyncio
import io
import random
from datetime import timedelta
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.table import _Row
from python_calamine import CalamineWorkbook

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.documents import entry_document
from shared.adapters.mongo.generations import Generations
from shared.domain.entry import Place
from shared.domain.problem import Status
from tests.contract.samples import problem
from tests.integration.reads.world import county
from tests.integration.reports.world import COORDINATOR, NOW, Desk, Lives, keep
from tests.unit.http.world import LEAD, TurnedClock, problem_of

HOUR = timedelta(hours=1)


async def put(database: Database, id_: str, hours_ago: float, **fields: Any) -> None:
    at = NOW - hours_ago * HOUR
    entry = problem(id_, **{"reported_at": at, "town": "370828101", **fields})
    await database.entries_1.replace_one(
        {"_id": id_}, entry_document(entry, entry.version, county()), upsert=True
    )


async def draw(desk: Desk, key: str = "", **body: Any) -> Any:
    headers = {**COORDINATOR, **({"Idempotency-Key": key} if key else {})}
    return await desk.http.post("/v1/batches", json=body, headers=headers)


def repeats(row: _Row) -> bool:
    """Whether it is said again at the top of each page."""
    return bool(row._tr.xpath("w:trPr/w:tblHeader"))


def published(batch: dict[str, Any]) -> list[str]:
    return [row["id"] for town in batch["towns"] for row in town["rows"]]


SINCE: dict[str, Any] = {"from": "2026-11-22"}


async def test_numbers_rise_and_a_problem_is_published_once(database: Database, desk: Desk) -> None:
    await put(database, "a", 5)
    first = (await draw(desk, **SINCE)).json()
    assert (first["number"], published(first)) == (1, ["a"])
    problem_of(await draw(desk, **SINCE), 422, "invalid-field")
    desk.clock.turn(HOUR)
    await put(database, "b", -0.5)
    await put(database, "c", 4)  # it came only after the batch of its time
    second = await draw(desk)
    assert second.status_code == 201 and second.headers["location"] == "/v1/batches/2"
    body = second.json()
    assert (sorted(published(body)), body["late"], body["from"]) == (["b", "c"], 1, first["to"])
    again = await desk.http.post("/v1/batches?dry_run=true", json={**SINCE}, headers=COORDINATOR)
    assert (again.json()["rows"], again.json()["already"]) == (0, 3)
    assert [b["number"] for b in await desk.all("/v1/batches")] == [2, 1]
    assert (await desk.get("/v1/problems/c"))["batch"] == 2
    shown = {p["id"]: p.get("batch") for p in await desk.all("/v1/problems")}
    assert shown == {"a": 1, "b": 2, "c": 2}


async def test_a_place_without_an_address_is_told_by_its_position(
    database: Database, desk: Desk
) -> None:
    await put(database, "a", 5)
    await put(database, "b", 5, location=Place(town="370828101", address="城东工地"))
    rows = (await draw(desk, **SINCE)).json()["towns"][0]["rows"]
    assert {row["id"]: row["place"] for row in rows} == {
        "a": "东经 116.31000，北纬 35.07000",
        "b": "城东工地",
    }


async def test_a_batch_stays_as_it_was_drawn(database: Database, desk: Desk) -> None:
    await put(database, "a", 5)
    drawn = (await draw(desk, **SINCE)).json()
    await put(database, "a", 5, version=2, status=Status.CLOSED, closed_at=NOW, title="改过")
    generations = Generations(database, TurnedClock())
    assert await generations.begin() == 2
    await generations.drop(1)
    assert await desk.get("/v1/batches/1") == drawn
    assert published(drawn) == ["a"]


async def test_the_same_key_draws_one_batch(database: Database, desk: Desk) -> None:
    for n in range(5):
        await put(database, f"p{n}", 5)
    got = await asyncio.gather(*(draw(desk, "monday", **SINCE) for _ in range(6)))
    assert [g.status_code for g in got] == [201] * 6
    assert {g.json()["number"] for g in got} == {1}
    problem_of(await draw(desk, "monday", **SINCE, title="另一个"), 422, "key-reused")
    await put(database, "q", 3)
    assert (await draw(desk, "monday", **SINCE)).json()["rows"] == 5


async def test_draws_at_once_publish_nothing_twice_and_leave_no_gap(
    database: Database, desk: Desk
) -> None:
    for n in range(40):
        await put(database, f"p{n}", 5, line=("dust", "coal", "mobile", "energy")[n % 4])
    wishes = [{**SINCE, "lines": [line]} for line in ("dust", "coal", "mobile", "energy")]
    got = await asyncio.gather(*(draw(desk, **wish) for wish in (*wishes, SINCE, *wishes)))
    batches = [g.json() for g in got if g.status_code == 201]
    assert {g.status_code for g in got} <= {201, 422}, [g.text for g in got]
    assert sorted(b["number"] for b in batches) == list(range(1, len(batches) + 1))
    everything = [id_ for b in batches for id_ in published(b)]
    assert len(everything) == len(set(everything)) == 40


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/from"),
        ({"from": "2026-11-23T09:00:00+08:00", "to": "2026-11-23T08:00:00+08:00"}, "/to"),
        ({"from": "2026-11-22", "to": "2026-11-24"}, "/to"),
        ({**SINCE, "lines": ["dusty"]}, "/lines/0"),
        ({**SINCE, "sinse": 1}, "/sinse"),
        ({"from": "gestern"}, "/from"),
    ],
)
async def test_what_cannot_be_drawn_is_refused(
    desk: Desk, body: dict[str, Any], pointer: str
) -> None:
    document = problem_of(await draw(desk, **body), 422, "invalid-field")
    assert pointer in [error["pointer"] for error in document["errors"]], document


async def test_only_the_coordinator_draws(desk: Desk) -> None:
    got = await desk.http.post("/v1/batches", json=SINCE, headers=LEAD)
    problem_of(got, 403, "role-not-allowed")
    problem_of(await desk.http.post("/v1/batches", json=SINCE), 400, "missing-actor")
    for said in ("1", "0", "x", "99999999999", "1.docx", "x.xlsx"):
        problem_of(await desk.http.get(f"/v1/batches/{said}"), 404, "not-found")


async def test_too_many_rows_are_refused_not_cut(
    database: Database, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.application.reports.batches.ROWS_MOST", 3)
    for n in range(4):
        await put(database, f"p{n}", 5)
    document = problem_of(await draw(desk, **SINCE), 409, "limit-reached")
    assert (document["limit"], document["found"]) == (3, 4)


async def test_the_files_hold_every_row_and_no_formula(database: Database, desk: Desk) -> None:
    nasty = '=HYPERLINK("http://x","y")'
    await put(database, "a", 5, title=nasty, description="", due_at=NOW)
    await put(database, "b", 5, town=None, location=Place(address="@SUM(1) 东段\x07"))
    await put(database, "c", 4, title="裸土" * 90, description="土" * 4000)
    await draw(desk, **SINCE)
    word = await desk.http.get("/v1/batches/1.docx")
    assert "attachment" in word.headers["content-disposition"]
    document = Document(io.BytesIO(word.content))
    text = [p.text for p in document.paragraphs]
    assert "第1批 大气污染防治问题交办清单" in text and "羊山镇（2 件）" in text
    cells = [[c.text for c in row.cells] for table in document.tables for row in table.rows]
    assert [row[0] for row in cells] == ["序号", "1", "2", "序号", "3"]
    assert nasty in {row[5] for row in cells}
    for table in document.tables:
        assert repeats(table.rows[0]) and not repeats(table.rows[1])
    fonts = {f.get(qn("w:eastAsia")) for f in document.element.iter(qn("w:rFonts"))}
    assert {"黑体", "仿宋_GB2312"} <= fonts
    excel = await desk.http.get("/v1/batches/1.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(excel.content))
    rows = book.get_sheet_by_index(0).to_python()
    top = next(n for n, row in enumerate(rows) if row[0] == "镇街（园区）")
    body = [row for row in rows[top + 1 :] if isinstance(row[1], float)]
    assert [row[0] for row in body] == ["羊山镇", "羊山镇", "未定镇街"]
    assert nasty in {row[6] for row in body}


async def test_the_other_reports_as_files(database: Database, desk: Desk) -> None:
    lives = Lives(random.Random(3))
    await lives.live(20, 120)
    await keep(database, lives)
    for url in (
        "/v1/reports/ranking.{}?month=2026-10", "/v1/reports/ranking.{}?month=2026-11&by=line",
        "/v1/reports/accountability.{}?month=2026-10",
    ):  # fmt: skip
        word = await desk.http.get(url.format("docx"))
        assert word.status_code == 200, word.text
        (table,) = Document(io.BytesIO(word.content)).tables
        body = await desk.get(url.format("").replace(".?", "?"))
        assert len(table.rows) == len(body["rows"]) + 1
        names = [row.cells[1].text for row in table.rows[1:]]
        assert names == [row["name"] for row in body["rows"]]
        excel = await desk.http.get(url.format("xlsx"))
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(excel.content)).get_sheet_by_index(0)
        held = {str(cell) for row in sheet.to_python() for cell in row}
        assert set(names) <= held


async def test_the_description_is_whole(desk: Desk) -> None:
    document = (await desk.http.get("/openapi.json")).json()
    for path in (
        "/v1/batches", "/v1/batches/{number}", "/v1/batches/{number}.docx",
        "/v1/reports/ranking.xlsx", "/v1/reports/accountability", "/v1/rankings/air/{month}",
    ):  # fmt: skip
        assert all(op.get("summary") for op in document["paths"][path].values()), path
    ids = [op["operationId"] for path in document["paths"].values() for op in path.values()]
    assert len(ids) == len(set(ids))
