"""Air rankings put by the coordinator, and the ladder over them through the API."""

from typing import Any

import pytest

from tests.integration.reads.world import county
from tests.integration.reports.world import COORDINATOR, Desk
from tests.unit.http.world import LEAD, problem_of


def rows(worst: str, without: str = "") -> list[dict[str, Any]]:
    """Every town by its name; `worst` has the worst air."""
    return [
        {
            "town": town.name,
            "composite": 5.0 if town.name == worst else 3 + n / 100,
            "yoy": -99.0 if town.name == worst else -n / 10,
        }
        for n, town in enumerate(county().towns)
        if town.name != without
    ]


async def put(desk: Desk, month: str, body: Any, **headers: str) -> Any:
    url = f"/v1/rankings/air/{month}"
    return await desk.http.put(url, json=body, headers={**COORDINATOR, **headers})


async def test_two_bad_months_and_what_a_third_would_mean(desk: Desk) -> None:
    for month in ("2026-09", "2026-10"):
        got = await put(desk, month, {"rows": rows("兴隆镇"), "source": "市局通报"})
        assert got.status_code == 201, got.text
        assert got.json()["missing"] == []
    body = await desk.get("/v1/reports/accountability", month="2026-10")
    assert body["months"] == ["2026-09", "2026-10"]
    by_name = {row["name"]: row for row in body["rows"]}
    assert len(by_name) == 13
    worst = by_name["兴隆镇"]
    assert worst["streak"] == 2 and worst["air"]["last"]
    assert worst["measure"] == {"deputy": "通报批评", "heads": "约谈"}
    assert worst["one_more"] == {"deputy": "诫勉", "heads": "通报批评"}
    assert by_name["金乡街道"]["streak"] == 0
    assert worst["work"] == {"rank": None, "score": 100.0}
    assert [row["air"]["rank"] for row in body["rows"]] == sorted(
        row["air"]["rank"] for row in body["rows"]
    )


async def test_a_correction_is_a_new_version_and_the_old_one_stays(desk: Desk) -> None:
    first = {"rows": rows("兴隆镇")}
    got = await put(desk, "2026-10", first)
    assert (got.status_code, got.headers["etag"]) == (201, '"1"')
    assert (await put(desk, "2026-10", first)).status_code == 200, "a retry"
    second = {"rows": rows("羊山镇", without="兴隆镇")}
    problem_of(await put(desk, "2026-10", second), 428, "version-needed")
    problem_of(await put(desk, "2026-10", second, **{"If-Match": '"7"'}), 412, "stale-version")
    got = await put(desk, "2026-10", second, **{"If-Match": '"1"'})
    assert (got.status_code, got.json()["version"]) == (201, 2)
    assert [each["name"] for each in got.json()["missing"]] == ["兴隆镇"]
    latest = await desk.get("/v1/rankings/air/2026-10")
    assert latest["rows"][-1]["name"] == "羊山镇"
    before = await desk.get("/v1/rankings/air/2026-10", version=1)
    assert before["rows"][-1]["name"] == "兴隆镇"
    (listed,) = (await desk.get("/v1/rankings/air"))["items"]
    assert (listed["month"], listed["version"]) == ("2026-10", 2)


@pytest.mark.parametrize(
    ("month", "body", "pointer"),
    [
        ("2026-10", {"rows": [{"town": "火星镇", "composite": 3}]}, "/rows/0/town"),
        (
            "2026-10",
            {"rows": [{"town": t, "composite": 3} for t in ("羊山镇", "370828101")]},
            "/rows/1/town",
        ),
        ("2026-10", {"rows": [{"town": "羊山镇", "composite": 0}]}, "/rows/0/composite"),
        ("2026-10", {"rows": []}, "/rows"),
        ("2026-11", {"rows": [{"town": "羊山镇", "composite": 3}]}, "/month"),
        ("2026-13", {"rows": [{"town": "羊山镇", "composite": 3}]}, "/month"),
    ],
)
async def test_what_cannot_be_kept_is_refused(
    desk: Desk, month: str, body: Any, pointer: str
) -> None:
    document = problem_of(await put(desk, month, body), 422, "invalid-field")
    assert document["errors"][0]["pointer"] == pointer, document


async def test_who_may_and_what_is_asked(desk: Desk) -> None:
    body = {"rows": [{"town": "羊山镇", "composite": 3}]}
    got = await desk.http.put("/v1/rankings/air/2026-10", json=body, headers=LEAD)
    problem_of(got, 403, "role-not-allowed")
    problem_of(await desk.http.get("/v1/rankings/air/2026-10"), 404, "not-found")
    for url in ("/v1/reports/accountability", "/v1/reports/ranking"):
        problem_of(await desk.http.get(f"{url}?month=2026-12"), 422, "invalid-field")
        problem_of(await desk.http.get(f"{url}?month=oktober"), 422, "invalid-field")
        problem_of(await desk.http.get(url), 422, "invalid-field")
    got = await desk.http.get("/v1/reports/ranking?month=2026-10&by=county")
    problem_of(got, 422, "invalid-field")
