"""Responsibilities: who sees the people, and what towns have by rule."""

from typing import Any

from tests.unit.http.world import LEAD, VIEWER, LineWorld, county, problem_of

ROW = {
    "clause": "14.1",
    "text": "工地扬尘管控",
    "department": "housing",
    "role": "lead",
    "person": "张三",
    "section": "质安科",
    "phone": "0537-0000000",
    "leader": "李四",
}
PEOPLE = ("张三", "0537-0000000", "李四")


async def _row(line: LineWorld, **fields: Any) -> str:
    got = await line.http.post("/v1/responsibilities", json={**ROW, **fields}, headers=LEAD)
    assert got.status_code == 201, got.text
    return str(got.json()["id"])


async def test_people_are_shown_only_to_roles_that_need_them(line: LineWorld) -> None:
    id_ = await _row(line)
    change = {"leader": "王五", "reason": "调整分工", "effective_from": "2026-12-01"}
    await line.http.post(
        f"/v1/responsibilities/{id_}/change", json=change, headers={**LEAD, "If-Match": '"1"'}
    )
    device = {"X-Actor": "d", "X-Role": "device"}
    paths = ("", f"/{id_}", f"/{id_}/history")
    for path in paths:
        url = f"/v1/responsibilities{path}"
        for headers in ({}, VIEWER, device, {"X-Role": "coordinator"}):
            text = (await line.http.get(url, headers=headers)).text
            assert not any(name in text for name in (*PEOPLE, "王五"))
            assert "14.1" in text or "responsibility.create" in text
        text = (await line.http.get(url, headers=LEAD)).text
        assert all(name in text for name in (*PEOPLE, "王五"))


async def test_as_of_shows_how_it_read_then(line: LineWorld) -> None:
    id_ = await _row(line, effective_from="2025-01-01")
    change = {"leader": "王五", "text": "改后内容", "reason": "x", "effective_from": "2026-01-01"}
    done = await line.http.post(
        f"/v1/responsibilities/{id_}/change", json=change, headers={**LEAD, "If-Match": '"1"'}
    )
    assert done.status_code == 200, done.text
    for day, text, leader in (
        ("2025-03-01", "工地扬尘管控", "李四"),
        ("2026-03-01", "改后内容", "王五"),
    ):
        got = await line.http.get(f"/v1/responsibilities?as_of={day}", headers=LEAD)
        (row,) = got.json()["items"]
        assert (row["text"], row["leader"]) == (text, leader)


async def test_a_town_has_every_clause_of_the_items_by_rule(gateway: LineWorld) -> None:
    items: list[dict[str, Any]] = []
    url = "/v1/responsibilities?town=370828103&limit=7&count=true"
    while url:
        page = (await gateway.http.get(url)).json()
        items += page["items"]
        url = page["next"]
    clauses = [clause.id for clause in county().clauses_of_towns()]
    assert [row["clause"] for row in items] == clauses
    assert page["total"] == len(clauses)
    assert {row["department"] for row in items} == {"370828103"}
    assert {row["role"] for row in items} == {"implement"}
    one = await gateway.http.get(f"/v1/responsibilities/{items[0]['id']}")
    assert one.json() == items[0]


async def test_at_a_line_only_its_own_clauses(line: LineWorld) -> None:
    got = (await line.http.get("/v1/responsibilities?town=370828103000")).json()["items"]
    assert {row["item"] for row in got} == {"14", "15"}
    other = await line.http.get("/v1/responsibilities/1.1-370828103-implement")
    problem_of(other, 404, "not-found")


async def test_filters_cut_what_towns_have_by_rule(gateway: LineWorld) -> None:
    async def clauses(query: str) -> list[str]:
        got = await gateway.http.get(f"/v1/responsibilities?town=370828103&{query}")
        return [row["clause"] for row in got.json()["items"]]

    assert await clauses("clause=14.2") == ["14.2"]
    assert {c.split(".")[0] for c in await clauses("line=burning")} == {"16"}
    assert await clauses("role=lead") == []
    assert await clauses("department=housing") == []
    assert await clauses("as_of=2020-01-01") == []
    assert await clauses("status=ended") == []
    assert await clauses("status=current&item=16&role=implement") == ["16.1"]
    found = await clauses("q=%E7%A7%B8%E7%A7%86")
    assert found and all("秸秆" in c.text for c in county().clauses_of_towns() if c.id in found)


async def test_rows_of_a_rule_that_do_not_exist(gateway: LineWorld) -> None:
    for id_ in ("99.1-370828103-implement", "14.1-370828999-implement", "14.1-370828103"):
        problem_of(await gateway.http.get(f"/v1/responsibilities/{id_}"), 404, "not-found")
