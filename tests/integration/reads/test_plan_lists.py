"""Tasks and responsibilities: their filters, and the order of the plan."""

from datetime import date
from typing import Any

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.reads import MongoReads
from shared.application.findable import query_tokens
from shared.application.reads import (
    Period,
    ResponsibilityFilter,
    ResponsibilityStatus,
    TaskFilter,
)
from shared.domain.responsibility import Part, Responsibility, Term
from tests.integration.reads.world import CLERK, NOW, TODAY, county, put, task, walked


async def test_who_has_not_reported_in_a_period(database: Database) -> None:
    week = Period("2026-W47", date(2026, 11, 16), date(2026, 11, 22), ("daily", "weekly"))
    await put(
        database,
        [
            task("owes"),
            task("owes-daily", frequency="daily"),
            task("reported", reported_periods=("2026-W46", "2026-W47")),
            task("reported-before", reported_periods=("2026-W46",)),
            task("monthly", frequency="monthly"),
            task("not-begun", starts=date(2026, 11, 23)),
            task("begun-in-it", starts=date(2026, 11, 22)),
            task("ended", ended_on=date(2026, 11, 16)),
            task("ended-in-it", ended_on=date(2026, 11, 17)),
            task("done", done_on=date(2026, 11, 15)),
            task("done-in-it", done_on=date(2026, 11, 18)),
        ],
    )
    page = await MongoReads(database).tasks(TaskFilter(unreported=week), TODAY, 50)
    assert {t.id for t in page.items} == {
        "owes",
        "owes-daily",
        "reported-before",
        "begun-in-it",
        "ended-in-it",
        "done-in-it",
    }


async def test_filters_of_tasks(database: Database) -> None:
    await put(
        database,
        [
            task("a", departments=("housing", "water")),
            task("b", item="S1", clause="S1.1", line="coordination", department="water"),
            task("c", town="370828103", item="S1", clause="S1.1"),
            task("d", town="370828101"),
            task("e", text="秸秆禁烧巡查", item="16", clause="16.1", line="burning"),
        ],
    )
    reads = MongoReads(database)

    async def found(**fields: Any) -> list[str]:
        page = await reads.tasks(TaskFilter(**fields), TODAY, 50)
        assert await reads.count_tasks(TaskFilter(**fields), TODAY) == len(page.items)
        return [t.id for t in page.items]

    assert await found() == ["a", "d", "e", "b", "c"]
    assert await found(lines=("coordination",)) == ["b"]
    assert await found(items=("14",)) == ["a", "d"]
    assert await found(clauses=("16.1", "S1.1")) == ["e", "b", "c"]
    assert await found(departments=("water",)) == ["a", "b"]
    assert await found(tokens=tuple(query_tokens("禁烧"))) == ["e"]
    assert await found(towns=("370828103",), town_clauses=("14.1", "16.1")) == ["a", "e", "c"]
    assert await found(as_of=date(2025, 12, 31)) == []


async def test_the_plan_is_listed_in_its_own_order(database: Database) -> None:
    rows = [
        Responsibility(
            **row.model_dump(),
            version=1,
            created_at=NOW,
            updated_at=NOW,
            updated_by=CLERK,
            terms=(
                Term(since=row.effective_from, text=row.text, department_name=row.department_name),
            ),
        )
        for row in county().rows()
    ]
    await put(database, rows[::-1])
    reads = MongoReads(database)
    met = await walked(
        lambda after: reads.responsibilities(ResponsibilityFilter(), TODAY, 11, after)
    )
    assert [(r.clause, r.role) for r in met] == [(r.clause, r.role) for r in rows]
    assert len(met) == await reads.count_responsibilities(ResponsibilityFilter(), TODAY) == 120
    only = ResponsibilityFilter(departments=("housing",), roles=(Part.LEAD,))
    expected = {r.id for r in rows if r.department == "housing" and r.role is Part.LEAD}
    page = await reads.responsibilities(only, TODAY, 200)
    assert {r.id for r in page.items} == expected


async def test_who_was_responsible_on_a_day(database: Database) -> None:
    def row(id_: str, *terms: tuple[str, str | None]) -> Responsibility:
        spans = [
            Term(
                since=date.fromisoformat(since),
                until=date.fromisoformat(until) if until else None,
                text="x",
                department_name="y",
            )
            for since, until in terms
        ]
        return Responsibility(
            id=id_,
            line="dust",
            version=1,
            created_at=NOW,
            updated_at=NOW,
            updated_by=CLERK,
            item="14",
            clause="14.1",
            text="x",
            department="housing",
            department_name="y",
            role=Part.LEAD,
            effective_from=spans[0].since,
            effective_to=spans[-1].until,
            terms=tuple(spans),
        )

    rows = [
        row("open", ("2024-11-01", None)),
        row("two", ("2024-11-01", "2025-03-01"), ("2025-03-01", None)),
        row("ended", ("2024-11-01", "2025-03-01")),
        row("later", ("2027-01-01", None)),
    ]
    await put(database, rows)
    reads = MongoReads(database)
    for day in ("2024-10-31", "2024-11-01", "2025-02-28", "2025-03-01", "2027-01-01"):
        on = date.fromisoformat(day)
        page = await reads.responsibilities(ResponsibilityFilter(as_of=on), TODAY, 50)
        assert {r.id for r in page.items} == {r.id for r in rows if r.term_on(on)}, day
    standings = {
        ResponsibilityStatus.CURRENT: {"open", "two"},
        ResponsibilityStatus.ENDED: {"ended"},
        ResponsibilityStatus.UPCOMING: {"later"},
    }
    for status, expected in standings.items():
        which = ResponsibilityFilter(statuses=(status,))
        page = await reads.responsibilities(which, TODAY, 50)
        assert {r.id for r in page.items} == expected
