"""Handing out, returning, suspending, extending, reopening: what each does to the row."""

from datetime import timedelta
from typing import Any

import pytest

from shared.application.transfer import received
from shared.domain.decide import decide
from shared.domain.problem import Problem, Severity, Status
from shared.domain.problem_effects import ABSORBED_KEPT
from tests.unit.domain.world import (
    HOUR,
    LEAD,
    NOW,
    WORKER,
    context,
    do,
    pointers,
    problem_in,
    refusal_of,
    register,
)

DUE = "2026-11-30T18:00:00+08:00"


def test_assign_hands_out() -> None:
    entry = do(register(), "assign", due_at=DUE)
    assert (entry.unit, entry.town, entry.co_units) == ("housing", "370828003", ("transport",))
    assert entry.assigned_at == NOW + HOUR
    assert entry.due_at is not None and entry.due_at.isoformat() == "2026-11-30T10:00:00+00:00"
    again = do(entry, "assign", unit="water", co_units=[], town=None)
    assert (again.unit, again.co_units, again.town) == ("water", (), "370828003")
    assert again.due_at == entry.due_at, "what a person named stands"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"unit": "ghost"}, "/unit"),
        ({"unit": ""}, "/unit"),
        ({"co_units": ["water", "ghost"]}, "/co_units/1"),
        ({"town": "370828999"}, "/town"),
        ({"town": "housing"}, "/town"),
        ({"due_at": "2026-11-23T09:00:00+08:00"}, "/due_at"),
        ({"due_at": "2026-11-30T18:00:00"}, "/due_at"),
        ({"co_units": ["water"] * 21}, "/co_units"),
        ({"units": "housing"}, "/units"),
    ],
)
def test_assign_to_nobody(body: dict[str, Any], pointer: str) -> None:
    no = refusal_of(do, register(), "assign", **body)
    assert (no.type, no.status, pointers(no)) == ("invalid-field", 422, [pointer])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"suggested_unit": "water", "suggested_line": "coal"}, ""),
        ({"suggested_unit": "ghost"}, "/suggested_unit"),
        ({"suggested_unit": "housing"}, "/suggested_unit"),
        ({"suggested_line": "ghost"}, "/suggested_line"),
        ({"suggested_line": "dust"}, "/suggested_line"),
        ({"suggested_unit": "water", "reason": "  "}, "/reason"),
    ],
)
def test_a_return_names_a_better_one(body: dict[str, Any], pointer: str) -> None:
    said = {"suggested_unit": None, **body}
    no = refusal_of(do, problem_in(Status.ASSIGNED), "return", **said)
    assert (no.type, pointers(no)) == ("invalid-field", [pointer])


def test_the_second_return_moves_to_the_desk() -> None:
    once = do(problem_in(Status.ACCEPTED), "return")
    assert (once.status, once.returns, once.suggested_unit) == (Status.REGISTERED, 1, "water")
    assert (once.unit, once.co_units, once.assigned_at, once.accepted_at) == (None, (), None, None)
    twice = do(do(once, "assign"), "return", suggested_unit=None, suggested_line="coal")
    assert (twice.status, twice.moved_to, twice.returns) == (Status.MOVED, "coordination", 2)
    assert (twice.suggested_line, twice.suggested_unit, twice.unit) == ("coal", None, None)


def test_at_the_desk_it_comes_back_as_often_as_needed() -> None:
    entry = register(line="coordination", category="other")
    for returns in range(1, 5):
        entry = do(do(entry, "assign", line="coordination"), "return", line="coordination")
        assert (entry.status, entry.returns, entry.moved_to) == (Status.REGISTERED, returns, None)


def test_a_handed_over_problem_starts_its_returns_anew() -> None:
    entry = do(do(do(do(register(), "assign"), "return"), "assign"), "return")
    there = received(entry, context(at=NOW + 9 * HOUR, line="coordination")).entry
    assert isinstance(there, Problem)
    assert (there.status, there.returns, there.line) == (Status.REGISTERED, 0, "coordination")
    assert (there.moved_from, there.moved_to) == ("dust", None)
    assert (there.number, there.version) == (entry.number, entry.version + 1)
    assert (there.category, there.source) == ("other", "report"), "the desk has no bare soil"


def test_suspended_time_does_not_count() -> None:
    entry = do(problem_in(Status.RECTIFYING), "extend", due_at=DUE)
    assert entry.due_at is not None
    since = entry.updated_at + HOUR
    suspended = do(entry, "suspend", at=since)
    assert suspended.due_at == entry.due_at
    assert not suspended.is_overdue(entry.due_at + 99 * HOUR)
    resumed = do(suspended, "resume", at=since + timedelta(days=40, milliseconds=7))
    assert resumed.due_at == entry.due_at + timedelta(days=40, milliseconds=7)
    assert resumed.status is Status.RECTIFYING
    assert do(do(register(), "suspend"), "resume").due_at is None


def test_overdue_is_a_matter_of_the_moment() -> None:
    entry = do(register(), "assign", due_at=DUE)
    assert entry.due_at is not None
    assert not entry.is_overdue(entry.due_at)
    assert entry.is_overdue(entry.due_at + timedelta(milliseconds=1))
    assert not do(entry, "reject").is_overdue(entry.due_at + HOUR)


def test_extensions_go_forward() -> None:
    entry = do(problem_in(Status.ASSIGNED), "extend", due_at=DUE)
    assert entry.extensions == 1
    no = refusal_of(do, entry, "extend", due_at=DUE)
    assert pointers(no) == ["/due_at"] and "2026-11-30" in no.detail
    past = refusal_of(do, problem_in(Status.ASSIGNED), "extend", due_at="2026-11-23T09:00:00+08:00")
    assert pointers(past) == ["/due_at"]
    later = do(entry, "extend", due_at="2026-12-01T00:00:00+08:00")
    assert later.extensions == 2 and later.due_at is not None
    assert later.due_at.isoformat() == "2026-11-30T16:00:00+00:00"


def test_reopening_starts_a_new_round() -> None:
    closed = problem_in(Status.CLOSED)
    again = do(closed, "reopen")
    assert (again.status, again.reopened, again.assigned_at) == (
        Status.ASSIGNED, 1, closed.updated_at + HOUR,
    )  # fmt: skip
    assert again.unit == closed.unit and again.rectified_by == closed.rectified_by
    for field in ("accepted_at", "started_at", "submitted_at", "closed_at", "verdict"):
        assert getattr(again, field) is None


def test_reopening_gives_the_full_time_anew() -> None:
    entry = do(problem_in(Status.ASSIGNED), "extend", due_at=DUE)
    for command in ("accept", "start", "submit", "approve"):
        entry = do(entry, command)
    assert entry.due_at is not None and entry.clocks == ()
    again = do(entry, "reopen")
    assert again.due_at == again.updated_at + 7 * 24 * HOUR


def test_merge_not_into_itself() -> None:
    no = refusal_of(do, register(), "merge", into="p1")
    assert (no.type, no.status) == ("merge-target", 409)
    assert do(register(), "merge", into="p2").merged_into == "p2"


def test_the_last_absorbed_are_named_and_all_are_counted() -> None:
    entry = register()
    for number in range(ABSORBED_KEPT + 5):
        entry = do(entry, "absorb", problem=f"q{number}")
    assert entry.absorbed_count == ABSORBED_KEPT + 5
    assert entry.absorbed == tuple(f"q{n}" for n in range(5, ABSORBED_KEPT + 5))


@pytest.mark.parametrize("to", ["ghost", "dust"])
def test_transfer_goes_to_another_line(to: str) -> None:
    body = {"line": to, "reason": "属其他线"}
    no = refusal_of(decide, register(), "transfer", body, 1, context(LEAD))
    assert (no.type, pointers(no)) == ("invalid-field", ["/line"])


def test_comments_and_progress_are_bounded() -> None:
    full = problem_in(Status.RECTIFYING).model_copy(
        update={"comment_count": 1000, "progress_count": 1000}
    )
    for command in ("comment", "report-progress"):
        no = refusal_of(do, full, command)
        assert no.type == "limit-reached" and "1000" in no.detail
    entry = do(problem_in(Status.RECTIFYING), "report-progress", WORKER)
    assert entry.progress is not None and entry.progress.by == WORKER
    assert (entry.progress_count, do(entry, "comment").comment_count) == (1, 1)


def test_severity_changes_to_another_one() -> None:
    assert do(register(), "change-severity").severity is Severity.CRITICAL
    no = refusal_of(do, register(), "change-severity", severity="general")
    assert pointers(no) == ["/severity"]
    unknown = refusal_of(do, register(), "change-severity", severity="grave")
    assert pointers(unknown) == ["/severity"] and "critical" in unknown.detail
