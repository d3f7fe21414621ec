"""How a task stands, read on a day: every branch, and both sides of every edge."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.actor import Actor, Role
from shared.domain.task import TASK_STATUS_NAMES, Indicator, Operator, Task, TaskStatus, periods_of

START, DUE = date(2026, 1, 1), date(2026, 4, 11)
"""A hundred days."""
DAY = timedelta(days=1)
S = TaskStatus


def task(**fields: Any) -> Task:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    base: dict[str, Any] = {
        "id": "dust-T14.2-2", "line": "dust", "version": 1, "created_at": moment,
        "updated_at": moment, "updated_by": Actor(id="x", role=Role.LINE_LEAD),
        "item": "14", "clause": "14.2", "text": "机械化清扫率", "department": "housing",
        "starts": START, "due": DUE,
    }  # fmt: skip
    return Task(**{**base, **fields})


def sweeping(latest: float | None, baseline: float | None = 50) -> Indicator:
    return Indicator(
        name="x", operator=">=", target=100, unit="%", baseline=baseline, latest=latest
    )


@pytest.mark.parametrize(
    ("fields", "today", "status"),
    [
        ({}, START, S.NOT_STARTED),
        ({}, DUE, S.NOT_STARTED),
        ({}, DUE + DAY, S.OVERDUE_UNMET),
        ({"due": None}, DUE + 999 * DAY, S.NOT_STARTED),
        ({"report_count": 1}, DUE, S.IN_PROGRESS),
        ({"report_count": 1}, DUE + DAY, S.OVERDUE_UNMET),
        ({"report_count": 1, "due": None}, DUE + DAY, S.IN_PROGRESS),
        ({"said_behind": True}, START, S.BEHIND),
        ({"said_behind": True}, DUE + DAY, S.OVERDUE_UNMET),
        ({"done_on": START}, START, S.DONE),
        ({"done_on": DUE, "said_behind": True}, DUE + DAY, S.DONE),
        ({"ended_on": START + DAY}, START, S.NOT_STARTED),
        ({"ended_on": START + DAY}, START + DAY, S.ENDED),
        ({"ended_on": START, "done_on": START}, START, S.ENDED),
        ({"ended_on": START}, DUE + DAY, S.ENDED),
        # Half of the way (75 of 50 → 100): in time up to the 60th day, a margin of 0.1.
        ({"indicator": sweeping(75), "report_count": 1}, START + 60 * DAY, S.IN_PROGRESS),
        ({"indicator": sweeping(75), "report_count": 1}, START + 61 * DAY, S.BEHIND),
        ({"indicator": sweeping(75, None), "report_count": 1}, DUE, S.IN_PROGRESS),
        ({"indicator": sweeping(None)}, DUE, S.NOT_STARTED),
        ({"indicator": sweeping(75), "due": None, "report_count": 1}, DUE, S.IN_PROGRESS),
        ({"indicator": sweeping(50), "due": START, "report_count": 1}, START, S.IN_PROGRESS),
        ({"indicator": sweeping(40), "report_count": 1}, START, S.BEHIND),
    ],
)
def test_status(fields: dict[str, Any], today: date, status: TaskStatus) -> None:
    assert task(**fields).status(today) is status


def test_every_status_is_named() -> None:
    assert set(TASK_STATUS_NAMES) == set(TaskStatus)


@pytest.mark.parametrize(
    ("operator", "target", "baseline", "latest", "ratio", "met"),
    [
        (">=", 85, None, None, None, False),
        (">=", None, None, 3, None, False),
        (">=", 85, None, 42.5, 0.5, False),
        (">=", 85, None, 85, 1.0, True),
        (">=", 85, 65, 75, 0.5, False),
        (">=", 85, 65, 60, -0.25, False),
        (">=", 85, 85, 85, 1.0, True),
        (">=", 0, None, 5, None, True),
        ("<=", 42, None, 84, 0.5, False),
        ("<=", 42, None, 42, 1.0, True),
        ("<=", 4, None, 0, None, True),
        ("<=", 42, 50, 46, 0.5, False),
        ("<=", 42, 50, 40, 1.25, True),
        ("=", 100, None, 100, 1.0, True),
        ("=", 100, None, 100.5, 1.005, False),
        ("by", None, None, None, None, False),
        ("by", 10, None, 20, 2.0, False),
    ],
)
def test_ratio_and_target(
    operator: Operator,
    target: float | None,
    baseline: float | None,
    latest: float | None,
    ratio: float | None,
    met: bool,
) -> None:
    held = Indicator(name="x", operator=operator, target=target, baseline=baseline, latest=latest)
    assert held.ratio() == (None if ratio is None else pytest.approx(ratio))
    assert held.met() is met


@pytest.mark.parametrize(
    ("day", "periods"),
    [
        (date(2026, 11, 23), ("2026-W48", "2026-11", "2026-Q4")),
        (date(2026, 11, 22), ("2026-W47", "2026-11", "2026-Q4")),
        (date(2024, 12, 30), ("2025-W01", "2024-12", "2024-Q4")),
        (date(2027, 1, 1), ("2026-W53", "2027-01", "2027-Q1")),
        (date(2027, 1, 3), ("2026-W53", "2027-01", "2027-Q1")),
        (date(2027, 1, 4), ("2027-W01", "2027-01", "2027-Q1")),
        (date(2026, 3, 31), ("2026-W14", "2026-03", "2026-Q1")),
        (date(2026, 4, 1), ("2026-W14", "2026-04", "2026-Q2")),
        (date(2021, 1, 3), ("2020-W53", "2021-01", "2021-Q1")),
    ],
)
def test_periods(day: date, periods: tuple[str, str, str]) -> None:
    assert periods_of(day) == periods
