"""The drawn list over HTTP: by town and month, the same for the same seed."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from services.gateway.api.spot_checks import spot_checks_router
from shared.application.reads import Page, Position, ProblemFilter, ProblemSort
from shared.domain.problem import Problem, Status
from shared.runtime.http.api import Api
from shared.runtime.http.errors import answer_errors
from tests.contract.samples import problem
from tests.integration.reads.problems import passes
from tests.unit.http.world import TurnedClock, county

OCTOBER = datetime(2026, 10, 31, 15, 59, tzinfo=UTC)
"""23:59 of the last day in Shanghai."""
TOWNS = ("370828103", "370828101")


class Held:
    """The reads that the router needs, over a list."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems_held = problems

    async def problems(
        self,
        which: ProblemFilter,
        sort: ProblemSort,
        now: datetime,
        limit: int,
        after: Position | None,
    ) -> Page[Problem]:
        found = [each for each in self.problems_held if passes(each, which)]
        begin = int(after[0]) if after and isinstance(after[0], int) else 0
        end = begin + limit
        return Page(tuple(found[begin:end]), (end,) if end < len(found) else None)


def closed(n: int, town: str, at: datetime) -> Problem:
    return problem(f"p{n}", status=Status.CLOSED, town=town, closed_at=at)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    problems = [closed(n, TOWNS[n % 3 == 0], OCTOBER - timedelta(hours=n)) for n in range(60)]
    problems += [closed(100, TOWNS[0], OCTOBER + timedelta(minutes=1))]
    app = FastAPI()
    answer_errors(app)
    api = Api(
        reads=Held(problems),  # type: ignore[arg-type]
        commander=None,  # type: ignore[arg-type]
        county=county(),
        clock=TurnedClock(),
        cards=None,  # type: ignore[arg-type]
        line=None,
    )
    app.include_router(spot_checks_router(api))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        yield client


async def test_every_town_gets_its_share_of_the_month(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/spot-checks?month=2026-10&seed=2026-11-02")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["share"] == county().verification.spot_check_share
    counts = {row["town"]: (row["closed"], len(row["drawn"])) for row in body["items"]}
    assert counts == {TOWNS[0]: (40, 4), TOWNS[1]: (20, 2)}
    again = await http.get("/v1/spot-checks?month=2026-10&seed=2026-11-02")
    assert again.json() == body
    other = (await http.get("/v1/spot-checks?month=2026-10&seed=other")).json()
    assert other["items"] != body["items"]
    assert all(row["town_name"] for row in body["items"])


async def test_the_next_month_begins_at_midnight_in_shanghai(http: httpx.AsyncClient) -> None:
    body = (await http.get("/v1/spot-checks?month=2026-11&seed=x&share=1")).json()
    assert [row["closed"] for row in body["items"]] == [1]


@pytest.mark.parametrize(
    "asked",
    ["month=2026-13&seed=x", "month=2026-10", "month=2026-10&seed=x&share=0", "seed=x",
     "month=2026-10&seed=x&town=nowhere", "month=9999-10&seed=x"],
)  # fmt: skip
async def test_what_is_wrong_is_told(http: httpx.AsyncClient, asked: str) -> None:
    answer = await http.get(f"/v1/spot-checks?{asked}")
    assert answer.status_code == 422 and answer.json()["errors"]
