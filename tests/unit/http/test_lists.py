"""Lists: pages, links, totals, and what a query must not say."""

import pytest

from tests.unit.http.world import LineWorld, problem_of


async def test_pages_meet_every_entry_once_and_end(line: LineWorld) -> None:
    ids = {(await line.report())["id"] for _ in range(7)}
    met: list[str] = []
    url: str | None = "/v1/problems?limit=3&line=dust&count=true"
    pages = 0
    while url:
        got = await line.http.get(url)
        body = got.json()
        assert body["total"] == 7
        met += [each["id"] for each in body["items"]]
        pages += 1
        link = got.headers.get("link")
        assert link == (f'<{body["next"]}>; rel="next"' if body["next"] else None)
        url = body["next"]
    assert pages == 3
    assert sorted(met) == sorted(ids)


async def test_no_total_unless_asked(line: LineWorld) -> None:
    assert (await line.http.get("/v1/problems")).json() == {"items": [], "next": None}


async def test_a_cursor_with_other_filters_is_refused(line: LineWorld) -> None:
    for _ in range(2):
        await line.report()
    following = (await line.http.get("/v1/problems?limit=1&status=registered")).json()["next"]
    assert (await line.http.get(following)).status_code == 200
    assert (await line.http.get(following.replace("limit=1", "limit=2"))).status_code == 200
    for changed in (
        following.replace("registered", "assigned"),
        following + "&town=370828103",
        following + "&sort=due_at",
        following.replace("status=registered&", ""),
    ):
        assert changed != following
        document = problem_of(await line.http.get(changed), 400, "malformed")
        assert "cursor" in document["detail"]


@pytest.mark.parametrize("name", ["problems", "tasks", "responsibilities"])
async def test_unknown_parameters_are_named_with_the_known_ones(line: LineWorld, name: str) -> None:
    document = problem_of(await line.http.get(f"/v1/{name}?lnie=dust"), 400, "malformed")
    assert document["unknown"] == ["lnie"]
    assert {"line", "town", "status", "limit", "cursor", "count"} <= set(document["known"])
    assert "lnie" in document["detail"]


async def test_addresses_without_parameters_take_none(line: LineWorld) -> None:
    for url in ("/v1/towns?x=1", "/healthz?x=1", "/v1/problems/p1?x=1", "/v1/lines?q=1"):
        problem_of(await line.http.get(url), 400, "malformed")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=201", "/limit"),
        ("limit=0", "/limit"),
        ("limit=many", "/limit"),
        ("status=open", "/status/0"),
        ("severity=general&severity=bad", "/severity/1"),
        ("sort=title", "/sort"),
        ("town=370828999", "/town/0"),
        ("line=dustt", "/line/0"),
        ("department=nobody", "/department/0"),
        ("clause=99.1", "/clause/0"),
        ("bbox=1,2,3", "/bbox"),
        ("bbox=117,35,116,36", "/bbox"),
        ("bbox=a,b,c,d", "/bbox"),
        ("bbox=nan,nan,nan,nan", "/bbox"),
        ("q=%EF%BC%81", "/q"),
        ("overdue=perhaps", "/overdue"),
        ("reported_from=yesterday", "/reported_from"),
        ("reported_from=2026-11-23T09:00:00", "/reported_from"),
        ("reported_from=2026-11-23&reported_to=2026-11-22", "/reported_to"),
    ],
)
async def test_wrong_values_are_named(line: LineWorld, query: str, pointer: str) -> None:
    document = problem_of(await line.http.get(f"/v1/problems?{query}"), 422, "invalid-field")
    assert [error["pointer"] for error in document["errors"]] == [pointer]


async def test_a_single_value_is_given_once(line: LineWorld) -> None:
    problem_of(await line.http.get("/v1/problems?q=a&q=b"), 400, "malformed")


async def test_days_are_days_in_shanghai_and_a_plus_survives_the_query(line: LineWorld) -> None:
    await line.http.get("/v1/problems?reported_from=2026-11-23&reported_to=2026-11-23")
    await line.http.get("/v1/problems?reported_from=2026-11-23T09:00:00+08:00")
    day, moment = line.reads.asked
    assert day.reported_from.isoformat() == "2026-11-22T16:00:00+00:00"
    assert day.reported_before.isoformat() == "2026-11-23T16:00:00+00:00"
    assert moment.reported_from.isoformat() == "2026-11-23T01:00:00+00:00"


async def test_both_codes_of_a_town_mean_the_town(line: LineWorld) -> None:
    for code in ("370828103", "370828103000"):
        await line.http.get(f"/v1/problems?town={code}")
    assert line.reads.asked[0].towns == ("370828103", "370828103000")
    assert line.reads.asked[1].towns == line.reads.asked[0].towns


@pytest.mark.parametrize("key", ["2026-W60", "2026-13", "2026-Q5", "W47", "2025-W53"])
async def test_periods_that_do_not_exist(line: LineWorld, key: str) -> None:
    got = await line.http.get(f"/v1/tasks?unreported={key}")
    assert problem_of(got, 422, "invalid-field")["errors"][0]["pointer"] == "/unreported"


@pytest.mark.parametrize(
    ("key", "first", "last", "owed_by"),
    [
        ("2026-W47", "2026-11-16", "2026-11-22", ("daily", "weekly")),
        ("2026-W53", "2026-12-28", "2027-01-03", ("daily", "weekly")),
        ("2026-12", "2026-12-01", "2026-12-31", ("daily", "weekly", "monthly")),
        ("2028-02", "2028-02-01", "2028-02-29", ("daily", "weekly", "monthly")),
        ("2026-Q4", "2026-10-01", "2026-12-31", ("daily", "weekly", "monthly", "quarterly")),
    ],
)
async def test_periods(
    line: LineWorld, key: str, first: str, last: str, owed_by: tuple[str, ...]
) -> None:
    assert (await line.http.get(f"/v1/tasks?unreported={key}")).status_code == 200
    period = line.reads.asked[0].unreported
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)
    assert period.owed_by == owed_by
