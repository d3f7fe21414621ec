"""Evidence: needed after rectification, bounded, known by its hash."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.problem import EVIDENCE_LIMIT, Status
from tests.unit.domain.world import (
    AFTER,
    HOUR,
    INSPECTOR,
    NOW,
    WORKER,
    do,
    pointers,
    problem_in,
    refusal_of,
)

BARE: dict[str, Any] = {"evidence": []}


def piece(number: int, kind: str = "after", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "sha256": f"{number:064x}", **more}


def at(moment: datetime) -> str:
    return moment.isoformat()


def test_none_is_not_enough() -> None:
    no = refusal_of(do, problem_in(Status.SUBMITTED), "approve", **BARE)
    assert (no.type, no.status) == ("evidence-needed", 409)
    assert "attach-evidence" in no.detail


@pytest.mark.parametrize("kind", ["before", "during", "reading", "document"])
def test_only_after_counts(kind: str) -> None:
    entry = do(problem_in(Status.SUBMITTED), "attach-evidence", WORKER, **piece(1, kind))
    assert refusal_of(do, entry, "approve", **BARE).type == "evidence-needed"
    assert do(entry, "approve", evidence=[piece(2)]).status is Status.CLOSED


def test_attached_before_the_start_does_not_count() -> None:
    entry = do(problem_in(Status.ACCEPTED), "attach-evidence", WORKER, **piece(1))
    entry = do(do(entry, "start"), "submit")
    assert refusal_of(do, entry, "approve", **BARE).type == "evidence-needed"
    entry = do(entry, "attach-evidence", WORKER, **piece(2))
    assert do(entry, "approve", **BARE).status is Status.CLOSED


def test_taken_before_the_start_does_not_count() -> None:
    entry = problem_in(Status.SUBMITTED)
    assert entry.started_at is not None
    early = piece(1, taken_at=at(entry.started_at - timedelta(milliseconds=1)))
    assert refusal_of(do, entry, "approve", evidence=[early]).type == "evidence-needed"
    just = piece(2, taken_at=at(entry.started_at))
    assert do(entry, "approve", evidence=[just]).status is Status.CLOSED


def test_after_a_reopening_the_old_photo_does_not_count() -> None:
    again = do(problem_in(Status.CLOSED), "reopen")
    for command in ("accept", "start", "submit"):
        again = do(again, command)
    assert refusal_of(do, again, "approve", **BARE).type == "evidence-needed"
    assert refusal_of(do, again, "approve", evidence=[AFTER]).type == "evidence-needed", (
        "the same file a second time shows nothing new"
    )
    assert do(again, "approve", evidence=[piece(9)]).reopened == 1


def test_a_photo_from_the_future_is_named() -> None:
    entry = problem_in(Status.SUBMITTED)
    late = at(entry.updated_at + 2 * HOUR)
    no = refusal_of(do, entry, "attach-evidence", **piece(1, taken_at=late))
    assert no.type == "invalid-field" and pointers(no) == ["/taken_at"]
    no = refusal_of(do, entry, "approve", evidence=[piece(1), piece(2, taken_at=late)])
    assert pointers(no) == ["/evidence/1/taken_at"]


@pytest.mark.parametrize(
    ("location", "pointer"),
    [
        ({"lon": 35.07, "lat": 116.31 - 30}, "/location"),
        ({"lon": 116.31}, "/location"),
        ({"town": "370828999"}, "/location/town"),
    ],
)
def test_where_a_photo_was_taken_is_checked(location: dict[str, Any], pointer: str) -> None:
    entry = problem_in(Status.SUBMITTED)
    no = refusal_of(do, entry, "attach-evidence", **piece(1, location=location))
    assert no.type == "invalid-field" and pointers(no) == [pointer]
    no = refusal_of(do, entry, "approve", evidence=[piece(1, location=location)])
    assert pointers(no) == [f"/evidence/0{pointer}"]


def test_the_same_file_is_kept_once_a_kind() -> None:
    entry = problem_in(Status.RECTIFYING)
    for _ in range(2):
        entry = do(entry, "attach-evidence", WORKER, **piece(1, "before"))
    entry = do(entry, "attach-evidence", WORKER, **piece(1, "after"))
    assert [(e.sha256, e.kind) for e in entry.evidence] == [
        (f"{1:064x}", "before"), (f"{1:064x}", "after"),
    ]  # fmt: skip
    assert entry.evidence[0].attached_by == WORKER
    assert entry.evidence[0].attached_at == NOW + 4 * HOUR


def test_hashes_and_kinds_are_checked() -> None:
    entry = problem_in(Status.RECTIFYING)
    for wrong in ("A" * 64, "a" * 63, ""):
        no = refusal_of(do, entry, "attach-evidence", **{**AFTER, "sha256": wrong})
        assert pointers(no) == ["/sha256"]
    no = refusal_of(do, entry, "attach-evidence", **{**AFTER, "kind": "selfie"})
    assert pointers(no) == ["/kind"] and "'after'" in no.errors[0].detail


def test_a_problem_holds_so_many_pieces() -> None:
    entry = problem_in(Status.SUBMITTED)
    for number in range(EVIDENCE_LIMIT):
        entry = do(entry, "attach-evidence", INSPECTOR, at=entry.updated_at, **piece(number))
    assert len(entry.evidence) == EVIDENCE_LIMIT
    no = refusal_of(do, entry, "attach-evidence", **piece(5000))
    assert (no.type, no.status) == ("limit-reached", 409) and str(EVIDENCE_LIMIT) in no.detail
    assert refusal_of(do, entry, "approve", evidence=[piece(5000)]).type == "limit-reached"
    assert do(entry, "approve", **BARE).status is Status.CLOSED
