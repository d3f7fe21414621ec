"""Every number of a report is the one that the API's own lists and histories give."""

import random
from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

import pytest

from shared.adapters.mongo.client import Database
from shared.domain.actor import Role
from shared.domain.calendar_month import CalendarMonth
from shared.domain.work_score import PRESSED
from tests.integration.reports.world import ACTORS, COORDINATOR, NOW, Desk, Lives, keep

MINE = {"patrol", "video"}
ENDED = {"closed", "rejected", "merged", "moved"}
State = dict[str, Any]


def _moment(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


async def _versions(desk: Desk, problem: State) -> list[tuple[datetime, State]]:
    """(since when, how it stood), by undoing the history that the API tells."""
    changes = await desk.all(f"/v1/problems/{problem['id']}/history")
    state, found = dict(problem), []
    for change in reversed(changes):
        found.append((_moment(change["at"]), dict(state)))
        for name, (before, _) in change["changed"].items():
            state[name] = before
    return found[::-1]  # type: ignore[return-value]


def _recount(
    problems: list[tuple[State, list[tuple[datetime, State]]]], month: CalendarMonth, by: str
) -> tuple[dict[str, Counter[str]], int]:
    """Looked at by hand: each version's stretch of time against the month."""
    begin, end = month.begin, min(month.end, NOW)
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    left_out = 0
    for problem, versions in problems:
        seen: set[tuple[str, str]] = set()
        events: Counter[tuple[str, str]] = Counter()
        at_end = None
        for number, (since, state) in enumerate(versions):
            until = versions[number + 1][0] if number + 1 < len(versions) else end
            a, b = max(since, begin), min(until, end)
            if since < end:
                at_end = state
            if begin <= since < end and number:
                before = versions[number - 1][1]
                if state["returns"] > before["returns"]:
                    events["returned", before["line"]] += 1
                if state["reopened"] > before["reopened"]:
                    events["reopened", state["line"]] += 1
            if a < b and state["status"] not in ENDED:
                seen.add(("in_hand", "end"))
                if state["escalation"] and state["escalation"]["level"] in PRESSED:
                    seen.add(("escalated", state["line"]))
                due = _moment(state["due_at"])
                if (
                    state["status"] not in ("suspended", "submitted")
                    and due is not None
                    and due < b
                ):
                    seen.add(("overdue", state["line"]))
        if at_end is None:
            continue
        reported = _moment(problem["reported_at"])
        if reported and reported >= begin and at_end["status"] not in ("rejected", "merged"):
            seen.add(("new", "end"))
            if problem["source"] in MINE:
                seen.add(("self_found", "end"))
        told = [*((key, 1) for key in seen), *events.items()]
        if (
            told
            and by == "town"
            and (at_end["town"] is None or at_end["town_by"] == "nearest-seat")
        ):
            left_out += 1
            continue
        for name in {name for (name, _), _ in told}:
            for (part, line), count in told:
                if part != name:
                    continue
                group = at_end["town"] if by == "town" else line
                group = at_end["line"] if group == "end" else group
                if by == "town" and part not in ("returned", "reopened"):
                    sums[group][part] = sums[group][part] + count
                    break  # once, also where it was so on two lines
                sums[group][part] += count
    return sums, left_out


@pytest.mark.parametrize("seed", range(4))
async def test_the_ranking_is_what_lists_and_histories_say(
    database: Database, desk: Desk, seed: int
) -> None:
    lives = Lives(random.Random(seed))
    await lives.live(25, 350)
    await keep(database, lives)
    listed = await desk.all("/v1/problems")
    assert len(listed) == len(lives.problems()) > 40
    problems = [(problem, await _versions(desk, problem)) for problem in listed]
    met: Counter[str] = Counter()
    for month in map(CalendarMonth.parse, ("2026-08", "2026-09", "2026-10", "2026-11")):
        for by in ("town", "line"):
            report = await desk.get("/v1/reports/ranking", month=str(month), by=by)
            wanted, left_out = _recount(problems, month, by)
            for row in report["rows"]:
                counts = {part["part"]: part["count"] for part in row["parts"]}
                found = {**counts, "in_hand": row["in_hand"], "new": row["new"]}
                hoped = wanted.get(row["code"], Counter())
                assert found == {name: hoped[name] for name in found}, (month, row["code"])
                met.update(found)
                points = sum(part["points"] for part in row["parts"])
                assert row["score"] == pytest.approx(100 + points, abs=0.0051)
            if by == "town":
                assert sum(report["left_out"].values()) == left_out
    assert all(
        met[n] > 0 for n in ("escalated", "overdue", "returned", "reopened", "self_found")
    ), met


async def test_a_month_that_is_over_stays_as_it_was(database: Database, desk: Desk) -> None:
    lives = Lives(random.Random(11))
    await lives.live(25, 200)
    await keep(database, lives)
    lives.clock.at = CalendarMonth.parse("2026-10").end
    before = await desk.get("/v1/reports/ranking", month="2026-09")
    lives.clock.at = max(NOW, lives.clock.at)
    for problem in lives.problems():
        for name, body in (
            ("assign", {"unit": "water", "town": "370828110"}),
            ("comment", {"text": "x"}),
        ):
            await lives.command(problem.line, problem.id, name, body, ACTORS[Role.COORDINATOR])
    await keep(database, lives)
    after = await desk.get("/v1/reports/ranking", month="2026-09")
    assert after == before
    assert any(row["in_hand"] for row in before["rows"])


async def test_a_batch_is_what_the_list_of_its_period_gives(database: Database, desk: Desk) -> None:
    lives = Lives(random.Random(5))
    await lives.live(25, 300)
    await keep(database, lives)
    begin, end = "2026-10-01", "2026-10-31"
    for lines in ([], ["dust"]):
        listed = await desk.all(
            "/v1/problems",
            reported_from=begin,
            reported_to=end,
            **({"line": lines} if lines else {}),
        )
        got = await desk.http.post(
            "/v1/batches?dry_run=true",
            json={"from": begin, "to": end, "lines": lines},
            headers=COORDINATOR,
        )
        assert got.status_code == 200, got.text
        draft = got.json()
        assert draft["number"] is None
        shown = {p["id"]: p for p in listed if p["status"] not in ("rejected", "merged")}
        rows = {
            row["id"]: (group["town"], row) for group in draft["towns"] for row in group["rows"]
        }
        assert rows.keys() == shown.keys() and shown
        assert draft["rows"] == len(rows)
        assert draft["rejected"] == sum(p["status"] == "rejected" for p in listed)
        for id_, (town, row) in rows.items():
            problem = shown[id_]
            assert town == problem["town"]
            for name in ("version", "number", "line", "unit", "status", "due_at", "reported_at"):
                assert row[name] == problem[name], name
        assert "王大锤" not in got.text and "13812345678" not in got.text
        assert "370828199001011234" not in got.text
        assert "（电话略）" in got.text
    assert (await desk.get("/v1/batches"))["items"] == []
