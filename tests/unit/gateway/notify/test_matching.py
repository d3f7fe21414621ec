"""Who hears of what: the filters, the table of whom an event concerns, and what is told."""

from datetime import timedelta
from typing import Any

import pytest

from services.gateway.notify.concerns import ADDRESSEES, CONCERNS, EVENTS
from services.gateway.notify.matching import could_want, wants
from services.gateway.notify.telling import event_of
from shared.application.changes import difference
from shared.domain.actor import Role
from shared.domain.entry import Kind
from shared.domain.escalation import LEVEL_NAMES, EscalationLevel
from shared.domain.problem import Status
from shared.domain.problem_rules import RULES
from shared.domain.reading import Severity
from tests.contract.samples import problem
from tests.unit.domain.world import HOUR, SmallCounty, do, register
from tests.unit.domain.world import NOW as BEGUN
from tests.unit.gateway.notify.world import DIRECTORY, NOW, change, event, webhook

DAY_8 = BEGUN + 24 * 7 * HOUR + 2 * HOUR


def test_every_rule_is_an_event_and_concerns_somebody() -> None:
    assert {rule.id for rule in RULES.values()} <= set(EVENTS)
    assert set(EVENTS) == set(CONCERNS)
    assert all(roles and set(roles) <= set(ADDRESSEES) for roles in CONCERNS.values())


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, True),
        ({"active": False}, False),
        ({"since": NOW + timedelta(milliseconds=1)}, False),
        ({"events": ("problem.assign",)}, True),
        ({"events": ("problem.submit",)}, False),
        ({"events": ("problem.submit", "*")}, True),
        ({"lines": ("dust", "coal")}, True),
        ({"lines": ("coal",)}, False),
    ],
)
def test_what_can_be_said_without_the_problem(fields: dict[str, Any], wanted: bool) -> None:
    assert could_want(webhook(**fields), change()) is wanted


def test_tasks_are_nobodys_news() -> None:
    assert not could_want(webhook(), change(kind=Kind.TASK))


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, True),
        ({"towns": ("370828105",)}, True),
        ({"towns": ("370828103",)}, False),
        ({"units": ("housing",)}, True),
        ({"units": ("370828105",)}, True),
        ({"units": ("ecology",)}, False),
        ({"roles": (Role.TOWN,)}, True),
        ({"roles": (Role.INSPECTOR, Role.COORDINATOR)}, False),
        ({"severity": Severity.GENERAL}, True),
        ({"severity": Severity.SERIOUS}, True),
        ({"severity": Severity.CRITICAL}, False),
        ({"towns": ("370828105",), "units": ("ecology",)}, False),
    ],
)
def test_all_fields_must_hold(fields: dict[str, Any], wanted: bool) -> None:
    assert wants(webhook(**fields), event()) is wanted


def test_an_event_without_a_town_is_not_for_those_who_ask_for_one() -> None:
    nowhere = event(town=None, towns=(), units=("housing",), severity=None)
    assert not wants(webhook(towns=("370828105",)), nowhere)
    assert not wants(webhook(severity=Severity.GENERAL), nowhere)
    assert wants(webhook(), nowhere)


def test_the_change_itself_counts_where_the_problem_has_gone_on() -> None:
    later = problem("p1", 5, status=Status.CLOSED, unit="other", town="370828105")
    told = event_of(change(), later, DIRECTORY)
    assert (told.status, told.status_name, told.unit) == ("assigned", "交办", "housing")
    assert (told.town_name, told.unit_name) == ("鱼山街道", "县住房城乡建设局")
    assert told.roles == (Role.DEPARTMENT, Role.TOWN)


def test_whoever_just_lost_it_is_concerned_too() -> None:
    taken = change("problem.return", changed={"unit": ["housing", None]})
    told = event_of(taken, problem("p1", 2), DIRECTORY)
    assert told.unit is None and "housing" in told.units
    assert wants(webhook(units=("housing",)), told)


def test_a_department_is_concerned_only_where_there_is_one() -> None:
    for unit, roles in (("housing", (Role.DEPARTMENT,)), ("370828105", (Role.TOWN,))):
        told = event_of(change(changed={"unit": [None, unit]}), problem("p1", 2), DIRECTORY)
        assert told.roles == roles


def test_an_escalation_says_itself_who_is_told() -> None:
    """As the ledger tells it: missed steps are recorded, one is sent, and it names its roles."""
    assigned = do(register(source="patrol"), "assign")
    late = do(assigned, "escalate", at=DAY_8)
    again = do(late, "escalate", at=DAY_8 + timedelta(days=4))
    for before, after, level, roles in (
        (assigned, late, "urged", (Role.LINE_LEAD, Role.DEPARTMENT, Role.TOWN)),
        (late, again, "listed", (Role.LINE_LEAD, Role.DEPARTMENT, Role.TOWN, Role.COORDINATOR)),
    ):
        raised = change("problem.escalate", changed=difference(before, after))
        told = event_of(raised, after, SmallCounty())
        assert (told.rule_name, told.level) == (LEVEL_NAMES[EscalationLevel(level)], level)
        assert told.roles == roles


def test_no_person_is_in_what_is_told() -> None:
    stored = problem("p1", 2, title="张先生(电话13812345678,0537-8721234)举报\n工地")
    raw = event_of(change(), stored, DIRECTORY).model_dump_json()
    for private in ("zhang.san", "张三", "13812345678", "8721234", "clerk", "请"):
        assert private not in raw
    assert "工地" in raw


def test_without_its_problem_a_change_is_told_by_itself() -> None:
    said = {"title": "裸土", "severity": "serious"}
    told = event_of(change("problem.register", said=said, changed={}), None, DIRECTORY)
    assert (told.title, told.severity, told.number) == ("裸土", "serious", "扬尘-2026-00012")
