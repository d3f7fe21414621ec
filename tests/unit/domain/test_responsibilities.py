"""Who was responsible on which day: terms, changes from a day on, corrections, ends."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.actor import Actor, Role
from shared.domain.context import Context
from shared.domain.decide import check_create, create, decide
from shared.domain.entry import Kind
from shared.domain.responsibility import TERMS_KEPT, Part, Responsibility
from shared.domain.responsibility_rules import RESPONSIBILITY_RULES
from tests.unit.domain.world import (
    ACTORS,
    HOUR,
    LEAD,
    NOW,
    SmallCounty,
    context,
    facts,
    pointers,
    refusal_of,
)

PACK = ACTORS[Role.SYSTEM]
SINCE, TODAY, DAY = date(2024, 11, 1), date(2026, 11, 23), timedelta(days=1)
NEW = {
    "clause": "14.1", "text": "扬尘管控", "department": "housing", "role": "lead",
    "effective_from": "2024-11-01",
}  # fmt: skip


def made(actor: Actor = LEAD, **fields: Any) -> Responsibility:
    who = context(actor)
    said = {k: v for k, v in {**NEW, **fields}.items() if v != ""}
    entry = create(Kind.RESPONSIBILITY, "r1", "", check_create(Kind.RESPONSIBILITY, said, who), who)
    assert isinstance(entry.entry, Responsibility)
    return entry.entry


def do(
    entry: Responsibility,
    command: str,
    actor: Actor = LEAD,
    at: datetime | None = None,
    who: Context | None = None,
    **body: Any,
) -> Responsibility:
    who = who or context(actor, at or entry.updated_at + HOUR)
    after = decide(entry, command, {"reason": "调整", **body}, entry.version, who).entry
    assert isinstance(after, Responsibility) and after.version == entry.version + 1
    return after


@pytest.mark.parametrize("role", Role)
def test_roles(role: Role) -> None:
    if role in (Role.COORDINATOR, Role.LINE_LEAD, Role.SYSTEM):
        assert made(ACTORS[role]).edited == (role is not Role.SYSTEM)
        assert do(made(PACK), "change", ACTORS[role], person="甲").edited == (
            role is not Role.SYSTEM
        )
        assert do(made(PACK), "end", ACTORS[role]).effective_to == TODAY
        return
    assert refusal_of(made, ACTORS[role]).type == "role-not-allowed"
    for command in RESPONSIBILITY_RULES:
        no = refusal_of(do, made(), command, ACTORS[role], person="甲")
        assert no.type == "role-not-allowed"


def test_a_new_row() -> None:
    row = made(person="王某", phone="0537-8700000")
    assert (row.item, row.role, row.department_name) == ("14", Part.LEAD, "县住房城乡建设局")
    assert row.effective_from == SINCE and row.effective_to is None
    (term,) = row.terms
    assert (term.since, term.until, term.person, term.phone) == (
        SINCE,
        None,
        "王某",
        "0537-8700000",
    )
    assert made(effective_from="").effective_from == TODAY


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"clause": "99.9"}, "/clause"),
        ({"department": "ghost"}, "/department"),
        ({"town": "ghost"}, "/town"),
        ({"role": "boss"}, "/role"),
        ({"phone": "1" * 41}, "/phone"),
    ],
)
def test_a_wrong_row(fields: dict[str, Any], pointer: str) -> None:
    assert pointers(refusal_of(made, **fields)) == [pointer]


def test_who_was_it_on_that_day() -> None:
    row = do(made(person="甲"), "change", person="乙", effective_from="2025-03-01")
    row = do(row, "change", person="丙", text="新文字", effective_from="2026-01-01")
    row = do(row, "end", effective_to="2026-12-31")
    for day, person in (
        (SINCE - DAY, None), (SINCE, "甲"), (date(2025, 2, 28), "甲"), (date(2025, 3, 1), "乙"),
        (date(2025, 12, 31), "乙"), (date(2026, 1, 1), "丙"), (date(2026, 12, 30), "丙"),
        (date(2026, 12, 31), None), (date(2030, 1, 1), None),
    ):  # fmt: skip
        term = row.term_on(day)
        assert (term.person if term else None) == person, day
    early = row.term_on(SINCE)
    assert early is not None and early.text == "扬尘管控"
    assert (row.person, row.text, row.effective_from) == ("丙", "新文字", SINCE)
    assert row.effective_to == date(2026, 12, 31)


def test_terms_join_without_gap() -> None:
    row = made()
    for days in range(1, 80):
        row = do(row, "change", section=f"第 {days} 科", effective_from=str(SINCE + days * DAY))
    assert len(row.terms) == TERMS_KEPT and row.effective_from == SINCE
    for earlier, later in zip(row.terms, row.terms[1:], strict=False):
        assert earlier.until == later.since
    assert row.terms[-1].until is None


def test_a_second_change_on_the_same_day_corrects() -> None:
    row = do(made(person="甲"), "change", person="已", effective_from="2025-03-01")
    row = do(row, "change", person="乙", effective_from="2025-03-01")
    assert [(t.since, t.until, t.person) for t in row.terms] == [
        (SINCE, date(2025, 3, 1), "甲"), (date(2025, 3, 1), None, "乙"),
    ]  # fmt: skip


def test_only_what_is_given_changes_and_people_can_be_cleared() -> None:
    row = do(made(person="甲", phone="1"), "change", phone=None)
    assert (row.person, row.phone, row.text) == ("甲", None, "扬尘管控")
    assert row.terms[-1].since == TODAY, "from today where no day is given"
    assert (row.terms[0].phone, row.terms[-1].phone) == ("1", None)


def test_a_renamed_department_takes_its_name_along() -> None:
    who = Context(LEAD, NOW + HOUR, facts(), SmallCounty({"housing": "县住建局"}))
    row = do(made(), "change", who=who, text="扬尘管控", effective_from="2026-01-01")
    assert row.department_name == "县住建局"
    before, now = row.term_on(date(2025, 1, 1)), row.term_on(TODAY)
    assert before is not None and before.department_name == "县住房城乡建设局"
    assert now is not None and now.department_name == "县住建局"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"effective_from": "2026-01-01"}, ""),
        ({"text": None}, "/text"),
        ({"person": "乙", "effective_from": "2024-10-31"}, "/effective_from"),
        ({"person": "乙", "reason": " "}, "/reason"),
        ({"role": "support"}, "/role"),
    ],
)
def test_a_wrong_change(body: dict[str, Any], pointer: str) -> None:
    assert pointers(refusal_of(do, made(), "change", **body)) == [pointer]


def test_an_end_is_an_end() -> None:
    assert pointers(refusal_of(do, made(), "end", effective_to="2024-10-31")) == ["/effective_to"]
    never = do(made(), "end", effective_to="2024-11-01")
    assert never.term_on(SINCE) is None
    ended = do(made(), "end", effective_to="2027-01-01")
    assert ended.term_on(date(2026, 12, 31)) is not None
    for command in ("change", "end"):
        no = refusal_of(do, ended, command, **({"person": "乙"} if command == "change" else {}))
        assert (no.type, no.facts) == ("illegal-transition", {"state": "ended", "possible": []})


def test_the_pack_does_not_write_over_a_person() -> None:
    edited = do(made(PACK), "change", phone="1")
    assert refusal_of(do, edited, "change", PACK, text="新").type == "edited-by-person"
    assert refusal_of(do, edited, "end", PACK).type == "edited-by-person"


def test_as_of_today_is_the_day_in_shanghai() -> None:
    late = datetime.fromisoformat("2026-11-24T00:30:00+08:00")
    assert do(made(), "end", at=late).effective_to == TODAY + DAY
