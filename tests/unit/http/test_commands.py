"""Commands over HTTP: who acts, which version, which try, and what comes back."""

from typing import Any
from uuid import UUID

import pytest

from shared.application.ports import OutboxFull, Unavailable
from shared.domain.identity import command_id, entry_id_of
from tests.unit.http.world import LEAD, REPORT, LineWorld, problem_of

ASSIGN = {"unit": "housing"}


async def test_a_report_is_created_and_can_be_read(line: LineWorld) -> None:
    got = await line.http.post("/v1/problems", json=REPORT, headers=LEAD)
    assert got.status_code == 201
    shown = got.json()
    assert got.headers["etag"] == '"1"'
    assert got.headers["location"] == f"/v1/problems/{shown['id']}"
    again = await line.http.get(got.headers["location"])
    assert again.json() == shown
    assert again.headers["etag"] == '"1"'
    assert (shown["category"], shown["source"], shown["status"]) == (
        "other",
        "report",
        "registered",
    )
    assert shown["number"] == "扬尘-2026-00001"


async def test_the_same_key_gives_the_same_problem(line: LineWorld) -> None:
    headers = {**LEAD, "Idempotency-Key": "k-1"}
    first, second = [
        await line.http.post("/v1/problems", json=REPORT, headers=headers) for _ in range(2)
    ]
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert len(line.store.entries) == 1
    expected = command_id("lead\x1fline_lead\x1fhousing", "k-1")
    assert line.commander.seen[0][0].id == expected
    assert first.json()["id"] == entry_id_of(f"dust:{expected}")
    other = await line.http.post(
        "/v1/problems", json={**REPORT, "title": "另一件"}, headers=headers
    )
    problem_of(other, 422, "key-reused")


async def test_one_key_for_two_lines_makes_no_id_twice(gateway: LineWorld) -> None:
    gateway.commander.answers = False
    headers = {**LEAD, "Idempotency-Key": "k-1"}
    for line in ("dust", "coal"):
        await gateway.http.post("/v1/problems", json={**REPORT, "line": line}, headers=headers)
    (first, _, _), (second, _, _) = gateway.commander.seen
    assert first.id == second.id
    assert first.entry != second.entry
    assert first.digest() != second.digest(), "so the gateway sees another body under one key"


async def test_without_a_key_every_try_is_its_own(line: LineWorld) -> None:
    assert (await line.report())["id"] != (await line.report())["id"]
    assert all(UUID(command.id).version == 4 for command, _, _ in line.commander.seen)


@pytest.mark.parametrize("key", ["", " ", "x" * 201])
async def test_unusable_keys(line: LineWorld, key: str) -> None:
    headers = {**LEAD, "Idempotency-Key": key}
    problem_of(await line.http.post("/v1/problems", json=REPORT, headers=headers), 400, "malformed")


async def test_a_change_needs_the_version_seen(line: LineWorld) -> None:
    problem = await line.report()
    url = f"/v1/problems/{problem['id']}/assign"
    bare = await line.http.post(url, json=ASSIGN, headers=LEAD)
    assert problem_of(bare, 428, "version-needed")["version"] == 1
    done = await line.http.post(url, json=ASSIGN, headers={**LEAD, "If-Match": '"1"'})
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    assert (done.json()["status"], done.json()["unit"]) == ("assigned", "housing")
    stale = await line.http.post(url, json=ASSIGN, headers={**LEAD, "If-Match": '"1"'})
    assert problem_of(stale, 412, "stale-version")["version"] == 2


@pytest.mark.parametrize("tag", ['W/"1"', "*", "1", '"a"', '"1", "2"', ""])
async def test_if_match_that_names_no_version(line: LineWorld, tag: str) -> None:
    problem = await line.report()
    got = await line.http.post(
        f"/v1/problems/{problem['id']}/assign", json=ASSIGN, headers={**LEAD, "If-Match": tag}
    )
    problem_of(got, 400, "malformed")
    assert len(line.commander.seen) == 1


async def test_comments_need_no_version(line: LineWorld) -> None:
    problem = await line.report()
    url = f"/v1/problems/{problem['id']}/comment"
    got = await line.http.post(url, json={"text": "已核实"}, headers=LEAD)
    assert (got.status_code, got.json()["comment_count"]) == (200, 1)


async def test_an_illegal_transition_says_what_is_possible(line: LineWorld) -> None:
    problem = await line.report()
    got = await line.http.post(
        f"/v1/problems/{problem['id']}/approve",
        json={"result": "qualified"},
        headers={**LEAD, "If-Match": '"1"'},
    )
    document = problem_of(got, 409, "illegal-transition")
    assert (document["state"], document["command"]) == ("registered", "approve")
    assert "assign" in document["possible"]
    assert document["instance"] == f"/v1/problems/{problem['id']}/approve"


async def test_wrong_fields_carry_pointers(line: LineWorld) -> None:
    body = {"titel": "x", "severity": "bad", "location": {"lon": 1000}}
    document = problem_of(
        await line.http.post("/v1/problems", json=body, headers=LEAD), 422, "invalid-field"
    )
    assert {e["pointer"] for e in document["errors"]} == {
        "/titel",
        "/title",
        "/severity",
        "/location/lon",
    }


@pytest.mark.parametrize(
    ("headers", "status", "type_"),
    [
        ({}, 400, "missing-actor"),
        ({"X-Actor": "a"}, 400, "missing-actor"),
        ({"X-Role": "town"}, 400, "missing-actor"),
        ({"X-Actor": "a", "X-Role": "boss"}, 400, "malformed"),
        ({"X-Actor": "a", "X-Role": "system"}, 403, "role-not-allowed"),
        ({"X-Actor": "system:pack", "X-Role": "coordinator"}, 403, "role-not-allowed"),
        ({"X-Actor": "a", "X-Role": "viewer"}, 403, "role-not-allowed"),
        ({"X-Actor": "a" * 81, "X-Role": "town"}, 400, "malformed"),
        ({"X-Actor": "张三".encode(), "X-Role": "town"}, 400, "malformed"),
        ({"X-Actor": "a", "X-Role": "town", "X-Actor-Name": "%FF"}, 400, "malformed"),
    ],
)
async def test_who_acts(line: LineWorld, headers: dict[str, Any], status: int, type_: str) -> None:
    problem_of(await line.http.post("/v1/problems", json=REPORT, headers=headers), status, type_)


async def test_a_chinese_name_comes_through(line: LineWorld) -> None:
    headers = {**LEAD, "X-Actor-Name": "%E5%BC%A0%E4%B8%89"}
    got = await line.http.post("/v1/problems", json=REPORT, headers=headers)
    assert got.json()["reported_by"] == {
        "id": "lead",
        "role": "line_lead",
        "unit": "housing",
        "name": "张三",
    }


async def test_unknown_and_internal_commands_are_not_there(line: LineWorld) -> None:
    problem = await line.report()
    for name in ("assing", "absorb", "receive"):
        got = await line.http.post(f"/v1/problems/{problem['id']}/{name}", json={}, headers=LEAD)
        assert "change-severity" in problem_of(got, 404, "not-found")["detail"]
    assert len(line.commander.seen) == 1


async def test_a_missing_entry(line: LineWorld) -> None:
    for id_ in ("p1", "x" * 200):
        problem_of(await line.http.get(f"/v1/problems/{id_}"), 404, "not-found")
        problem_of(await line.http.get(f"/v1/problems/{id_}/history"), 404, "not-found")
        got = await line.http.post(f"/v1/problems/{id_}/comment", json={"text": "x"}, headers=LEAD)
        problem_of(got, 404, "not-found")


async def test_accepted_but_not_answered(line: LineWorld) -> None:
    line.commander.answers = False
    headers = {**LEAD, "Prefer": "respond-async, wait=2"}
    got = await line.http.post("/v1/problems", json=REPORT, headers=headers)
    command, _, wait = line.commander.seen[0]
    assert (got.status_code, wait) == (202, 2.0)
    assert got.headers["location"] == f"/v1/commands/{command.id}"
    assert (got.json()["command"], got.json()["entry"]) == (command.id, command.entry)


@pytest.mark.parametrize(
    ("prefer", "wait"),
    [(None, 5.0), ("wait=0", 0.0), ("wait=999", 30.0), ("wait=soon", 5.0), ("x; wait=3", 3.0)],
)
async def test_how_long_it_waits(line: LineWorld, prefer: str | None, wait: float) -> None:
    headers = {**LEAD, **({"Prefer": prefer} if prefer else {})}
    await line.http.post("/v1/problems", json=REPORT, headers=headers)
    assert line.commander.seen[0][2] == wait


@pytest.mark.parametrize(
    ("error", "type_"),
    [(Unavailable("mongod at 10.0.0.7"), "unavailable"), (OutboxFull("p1"), "outbox-full")],
)
async def test_trouble_behind_it_asks_to_come_again(
    line: LineWorld, error: Exception, type_: str
) -> None:
    line.commander.fails = error
    got = await line.http.post("/v1/problems", json=REPORT, headers=LEAD)
    document = problem_of(got, 503, type_)
    assert int(got.headers["retry-after"]) > 0
    assert "10.0.0.7" not in document["detail"]


async def test_at_the_gateway_the_client_names_the_line(gateway: LineWorld) -> None:
    got = await gateway.http.post("/v1/problems", json={**REPORT, "line": "dust"}, headers=LEAD)
    assert got.status_code == 201
    command, line, _ = gateway.commander.seen[0]
    assert line == "dust"
    assert "line" not in command.body
    for wrong in ({}, {"line": "dustt"}, {"line": 7}, {"line": None}):
        got = await gateway.http.post("/v1/problems", json={**REPORT, **wrong}, headers=LEAD)
        document = problem_of(got, 422, "invalid-field")
        assert document["errors"][0]["pointer"] == "/line"
        assert "burning" in document["detail"]
    url = f"/v1/problems/{command.entry}/comment"
    await gateway.http.post(url, json={"text": "x"}, headers=LEAD)
    assert gateway.commander.seen[-1][1] is None


async def test_a_line_takes_only_its_own(line: LineWorld) -> None:
    own = await line.http.post("/v1/problems", json={**REPORT, "line": "dust"}, headers=LEAD)
    assert own.status_code == 201
    other = await line.http.post("/v1/problems", json={**REPORT, "line": "coal"}, headers=LEAD)
    assert problem_of(other, 422, "invalid-field")["errors"][0]["pointer"] == "/line"


async def test_a_task_of_the_plan_goes_to_its_clauses_line(gateway: LineWorld) -> None:
    body = {"clause": "14.1", "text": "新增一项", "department": "housing"}
    got = await gateway.http.post("/v1/tasks", json=body, headers=LEAD)
    assert got.status_code == 201, got.text
    assert gateway.commander.seen[0][1] == "dust"
    assert got.json()["status"] == "not_started"
    url = f"/v1/tasks/{got.json()['id']}/report"
    done = await gateway.http.post(url, json={"text": "已启动"}, headers=LEAD)
    assert (done.status_code, done.json()["status"]) == (200, "in_progress")


async def test_history_is_paged_by_version(line: LineWorld) -> None:
    problem = await line.report()
    for number in range(4):
        await line.http.post(
            f"/v1/problems/{problem['id']}/comment", json={"text": str(number)}, headers=LEAD
        )
    url, versions = f"/v1/problems/{problem['id']}/history?limit=2", []
    while url:
        page = (await line.http.get(url)).json()
        versions += [change["version"] for change in page["items"]]
        url = page["next"]
    assert versions == [1, 2, 3, 4, 5]
    first = (await line.http.get(f"/v1/problems/{problem['id']}/history?limit=1")).json()
    change = first["items"][0]
    assert (change["rule"], change["actor"]["role"]) == ("problem.register", "line_lead")


async def test_an_unchanged_entry_is_not_sent_again(line: LineWorld) -> None:
    url = f"/v1/problems/{(await line.report())['id']}"
    same = await line.http.get(url, headers={"If-None-Match": '"7", W/"1"'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", '"1"')
    other = await line.http.get(url, headers={"If-None-Match": '"2"'})
    assert other.status_code == 200
