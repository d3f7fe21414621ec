"""What may happen to a task: every role and command, and what each does to the row."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.actor import Actor, Role
from shared.domain.decide import check_create, create, decide
from shared.domain.entry import Kind
from shared.domain.task import PERIODS_KEPT, Task, TaskStatus
from shared.domain.task_rules import TASK_RULES
from tests.unit.domain.world import (
    ACTORS,
    COORDINATOR,
    HOUR,
    LEAD,
    NOW,
    WORKER,
    context,
    pointers,
    refusal_of,
)

PACK = ACTORS[Role.SYSTEM]
TODAY = date(2026, 11, 23)
LATE_EVENING = datetime.fromisoformat("2026-11-23T23:59:00+08:00")
RATE = {"name": "机械化清扫率", "operator": ">=", "target": 85, "unit": "%", "baseline": 65}
DAYS = {"name": "重污染天数", "operator": "<=", "target": 4, "unit": "d"}
NEW: dict[str, Any] = {
    "clause": "14.2", "text": "道路保洁", "department": "housing",
    "departments": ["housing", "transport"], "town": "370828003",
    "starts": "2026-01-01", "due": "2026-12-31", "indicator": RATE,
}  # fmt: skip


def made(actor: Actor = LEAD, at: datetime = NOW, **fields: Any) -> Task:
    who = context(actor, at)
    body = check_create(Kind.TASK, {k: v for k, v in {**NEW, **fields}.items() if v != ""}, who)
    entry = create(Kind.TASK, "t1", "", body, who).entry
    assert isinstance(entry, Task)
    return entry


def do(
    entry: Task, command: str, actor: Actor = LEAD, at: datetime | None = None, **body: Any
) -> Task:
    who = context(actor, at or entry.updated_at + HOUR)
    after = decide(entry, command, body, entry.version, who).entry
    assert isinstance(after, Task) and after.version == entry.version + 1
    return after


def report(entry: Task, **body: Any) -> Task:
    return do(entry, "report", WORKER, **{"text": "推进中", **body})


ROLES = {"change": "CLS", "report": "CLDT", "rebase": "CL", "end": "CLS"}
LETTERS = {
    Role.COORDINATOR: "C", Role.LINE_LEAD: "L", Role.DEPARTMENT: "D", Role.TOWN: "T",
    Role.INSPECTOR: "I", Role.VIEWER: "V", Role.DEVICE: "E", Role.SYSTEM: "S",
}  # fmt: skip
BODIES: dict[str, dict[str, Any]] = {
    "change": {"owner": "张三", "reason": "换人"},
    "report": {"text": "已完成一半"},
    "rebase": {"due": "2027-06-30", "reason": "工期顺延"},
    "end": {"reason": "方案调整"},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("command", ROLES)
def test_roles(command: str, role: Role) -> None:
    entry = made(PACK)
    if LETTERS[role] in ROLES[command]:
        after = do(entry, command, ACTORS[role], **BODIES[command])
        assert after.updated_by == ACTORS[role]
    else:
        no = refusal_of(do, entry, command, ACTORS[role], **BODIES[command])
        assert no.type == "role-not-allowed"


def test_the_table_has_these_commands() -> None:
    assert set(TASK_RULES) - {"escalate"} == set(ROLES) and TASK_RULES["escalate"].internal
    assert [c for c, rule in TASK_RULES.items() if rule.own_unit] == ["report"]
    assert [c for c, rule in TASK_RULES.items() if not rule.needs_version] == ["report", "escalate"]
    unknown = refusal_of(do, made(), "approve")
    assert unknown.type == "not-found" and "rebase" in unknown.detail


@pytest.mark.parametrize("role", Role)
def test_who_may_create(role: Role) -> None:
    if LETTERS[role] in "CLS":
        assert made(ACTORS[role]).edited == (role is not Role.SYSTEM)
    else:
        assert refusal_of(made, ACTORS[role]).type == "role-not-allowed"


def test_a_new_task() -> None:
    entry = made()
    assert (entry.item, entry.clause, entry.version) == ("14", "14.2", 1)
    assert entry.departments == ("housing", "transport")
    assert made(departments=[]).departments == ("housing",)
    assert made(starts="", due=None, at=LATE_EVENING).starts == TODAY
    assert made(clause="S1.1").item == "S1"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"clause": "99.1"}, "/clause"),
        ({"department": "ghost"}, "/department"),
        ({"departments": ["housing", "ghost"]}, "/departments/1"),
        ({"town": "ghost"}, "/town"),
        ({"due": "2025-12-31"}, "/due"),
        ({"due": "2026-12"}, "/due"),
        ({"frequency": "hourly"}, "/frequency"),
        ({"indicator": {**RATE, "operator": ">"}}, "/indicator/operator"),
        ({"indicator": {**RATE, "target": float("inf")}}, "/indicator/target"),
    ],
)
def test_a_wrong_task(fields: dict[str, Any], pointer: str) -> None:
    assert pointers(refusal_of(made, **fields)) == [pointer]


def test_the_pack_may_add_what_is_already_due() -> None:
    """An item that changes its line brings its old deadlines along."""
    entry = made(PACK, starts="2026-11-01", due="2025-12-31")
    assert entry.status(TODAY) is TaskStatus.OVERDUE_UNMET


def test_a_report_counts_in_its_periods() -> None:
    entry = report(made(), date="2026-11-20", value=70)
    assert entry.reported_periods == ("2026-W47", "2026-11", "2026-Q4")
    entry = report(entry)
    assert entry.reported_periods == ("2026-W47", "2026-11", "2026-Q4", "2026-W48")
    assert entry.report is not None and entry.report.on == TODAY and entry.report.by == WORKER
    assert (entry.report_count, entry.edited) == (2, True)
    assert not report(made(PACK)).edited, "a report is no edit"
    late = report(made(), at=LATE_EVENING)
    assert late.report is not None and late.report.on == TODAY


def test_periods_are_bounded() -> None:
    entry = made(starts="2010-01-01")
    for week in range(200):
        entry = report(entry, date=(date(2020, 1, 1) + timedelta(weeks=week)).isoformat())
    assert len(entry.reported_periods) == PERIODS_KEPT
    assert entry.reported_periods[-1] == "2023-W43"


def test_an_earlier_days_value_does_not_replace_a_later_one() -> None:
    entry = report(report(made(), value=80, date="2026-11-20"), value=70, date="2026-11-10")
    assert entry.indicator is not None
    assert (entry.indicator.latest, entry.indicator.latest_on) == (80, date(2026, 11, 20))
    same = report(entry, value=81, date="2026-11-20")
    assert same.indicator is not None and same.indicator.latest == 81


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"date": "2026-11-24"}, "/date"),
        ({"value": float("nan")}, "/value"),
        ({"text": " "}, "/text"),
        ({"progress": 5}, "/progress"),
    ],
)
def test_a_wrong_report(body: dict[str, Any], pointer: str) -> None:
    assert pointers(refusal_of(report, made(), **body)) == [pointer]


def test_a_value_needs_something_to_count() -> None:
    no = refusal_of(report, made(indicator=None), value=3)
    assert pointers(no) == ["/value"]


def test_reports_are_bounded_and_for_the_own_unit() -> None:
    full = made().model_copy(update={"report_count": 2000})
    assert refusal_of(report, full).type == "limit-reached"
    for unit, role in (("water", Role.DEPARTMENT), ("370828101", Role.TOWN)):
        stranger = Actor(id="s", role=role, unit=unit)
        assert refusal_of(do, made(), "report", stranger, text="x").type == "not-your-unit"
    for unit, role in (("transport", Role.DEPARTMENT), ("370828003", Role.TOWN)):
        do(made(), "report", Actor(id="s", role=role, unit=unit), text="x")


def test_a_floor_is_done_when_it_is_reached_and_undone_when_it_is_lost() -> None:
    entry = report(made(), value=85, date="2026-11-20")
    assert (entry.done_on, entry.status(TODAY)) == (date(2026, 11, 20), TaskStatus.DONE)
    assert report(entry, value=90).done_on == date(2026, 11, 20), "since when stays"
    assert report(entry, value=84).done_on is None


def test_a_ceiling_is_kept_only_when_its_period_is_over() -> None:
    entry = made(indicator=DAYS)
    assert report(entry, value=2).done_on is None
    over = datetime.fromisoformat("2027-01-02T09:00:00+08:00")
    assert report(entry, value=2, at=over).done_on == date(2027, 1, 2)
    assert report(entry, value=2, at=over, date="2026-12-31").done_on == date(2026, 12, 31)
    assert report(entry, value=5, at=over).status(date(2027, 1, 2)) is TaskStatus.OVERDUE_UNMET


def test_done_stays_done_while_reports_go_on() -> None:
    entry = report(made(indicator=None), done=True)
    assert entry.done_on == TODAY
    week_later = report(entry, at=NOW + timedelta(days=60), text="保持")
    assert week_later.status(date(2027, 2, 1)) is TaskStatus.DONE
    assert report(week_later, done=False, text="又出现").done_on is None
    by_word = report(made(), done=True, value=80)
    assert by_word.done_on == TODAY, "a person may say so although the number is short"
    assert report(by_word, text="无新数值").done_on == TODAY
    assert report(by_word, value=79).done_on is None


def test_behind_is_what_the_last_report_says() -> None:
    entry = report(made(), behind=True, difficulty="缺车", next_step="采购")
    assert entry.status(TODAY) is TaskStatus.BEHIND
    after = report(entry)
    assert not after.said_behind
    assert (after.difficulty, after.next_step) == ("缺车", "采购"), "kept until replaced"


def test_rebasing_asks_whether_it_is_still_met() -> None:
    done = report(made(), value=88)
    assert do(done, "rebase", target=88, reason="x").done_on == TODAY
    higher = do(done, "rebase", target=90, reason="省里提高要求")
    assert higher.indicator is not None
    assert (higher.indicator.target, higher.indicator.latest, higher.done_on) == (90, 88, None)
    ceiling = report(made(indicator=DAYS, due="2026-11-20"), value=1)
    assert ceiling.done_on == TODAY
    assert do(ceiling, "rebase", due="2027-12-31", reason="滚动").done_on is None
    words = report(made(indicator=None), done=True)
    assert do(words, "rebase", due="2027-12-31", reason="x").done_on == TODAY


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"due": "2025-12-31"}, "/due"),
        ({"target": float("nan")}, "/target"),
        ({"due": "2027-01-01", "reason": ""}, "/reason"),
    ],
)
def test_a_wrong_rebase(body: dict[str, Any], pointer: str) -> None:
    assert pointers(refusal_of(do, made(), "rebase", **{"reason": "x", **body})) == [pointer]


def test_without_a_number_only_the_day_is_rebased() -> None:
    for indicator in (None, {"name": "x", "operator": "by"}):
        no = refusal_of(do, made(indicator=indicator), "rebase", target=3, reason="x")
        assert pointers(no) == ["/target"]


def test_a_change_changes_only_what_is_given() -> None:
    entry = report(made(PACK), value=70)
    after = do(entry, "change", owner="李四", reason="x")
    assert after.edited and after.owner == "李四"
    assert after.model_copy(
        update={"owner": None, "edited": False, "version": entry.version,
                "updated_at": entry.updated_at, "updated_by": entry.updated_by}
    ) == entry  # fmt: skip
    counted = do(entry, "change", indicator={**RATE, "name": "新口径"}, reason="x")
    assert counted.indicator is not None
    assert (counted.indicator.name, counted.indicator.latest) == ("新口径", 70)
    assert do(entry, "change", indicator=None, reason="x").indicator is None
    alone = do(entry, "change", department="water", departments=[], reason="x")
    assert alone.departments == ("water",)


def test_a_changed_target_asks_whether_it_is_still_met() -> None:
    done = report(made(PACK), value=88)
    assert do(done, "change", PACK, indicator={**RATE, "target": 90}, reason="x").done_on is None
    assert do(done, "change", PACK, indicator={**RATE, "target": 88}, reason="x").done_on == TODAY
    assert do(done, "change", PACK, text="新文字", reason="x").done_on == TODAY


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"department": "ghost"}, "/department"),
        ({"departments": ["ghost"]}, "/departments/0"),
        ({"town": "ghost"}, "/town"),
        ({"text": None}, "/text"),
        ({"starts": None}, "/starts"),
        ({"due": "2025-12-31"}, "/due"),
        ({"starts": "2027-01-01"}, "/due"),
    ],
)
def test_a_wrong_change(body: dict[str, Any], pointer: str) -> None:
    assert pointers(refusal_of(do, made(), "change", **{"reason": "x", **body})) == [pointer]


def test_the_pack_does_not_write_over_a_person() -> None:
    edited = do(made(PACK), "change", owner="李四", reason="x")
    for command in ("change", "end"):
        no = refusal_of(do, edited, command, PACK, **BODIES[command])
        assert (no.type, no.status) == ("edited-by-person", 409)
    assert do(made(PACK), "rebase", COORDINATOR, due="2027-01-01", reason="x").edited


def test_an_ended_task_is_left_alone() -> None:
    ended = do(made(), "end", reason="x")
    assert ended.ended_on == TODAY and ended.status(TODAY) is TaskStatus.ENDED
    for command in ROLES:
        no = refusal_of(do, ended, command, **BODIES[command])
        assert (no.type, no.facts) == ("illegal-transition", {"state": "ended", "possible": []})
    later = do(made(), "end", ended_on="2026-12-01", reason="x")
    assert report(later).report_count == 1, "it lives until then"
    assert refusal_of(report, later, at=NOW + timedelta(days=8)).type == "illegal-transition"
