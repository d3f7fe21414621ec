"""What may happen to a responsibility: created, changed from a day on, ended on a day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import Field, model_validator

from shared.domain.actor import Role
from shared.domain.context import Context
from shared.domain.moments import shanghai_day
from shared.domain.problem_bodies import Body, Code, Reason, Text
from shared.domain.refusal import invalid, refuse
from shared.domain.responsibility import TERMS_KEPT, Part, Responsibility, Term
from shared.domain.rule import Fields, Rule
from shared.domain.task_rules import check_clause, check_department, check_town, not_over_a_person

_KEEPERS = frozenset({Role.COORDINATOR, Role.LINE_LEAD, Role.SYSTEM})
_TERM_FIELDS = ("text", "department_name", "person", "section", "phone", "leader")


class People(Body):
    """Who it is in person; empty in the plan, filled by the office."""

    person: str | None = Field(default=None, max_length=80)
    section: str | None = Field(default=None, max_length=80)
    phone: str | None = Field(default=None, max_length=40)
    leader: str | None = Field(default=None, max_length=80)


class CreateResponsibility(People):
    clause: Code
    text: Text
    department: Code
    role: Part
    town: Code | None = None
    effective_from: date | None = None


class ChangeResponsibility(People):
    """Only the fields that are given change, from `effective_from` (today if left out)."""

    text: Text | None = None
    effective_from: date | None = None
    reason: Reason

    @model_validator(mode="after")
    def _changes_something(self) -> "ChangeResponsibility":
        if not self.model_fields_set - {"reason", "effective_from"}:
            raise ValueError("请至少写明一个要更改的字段")
        return self


class EndResponsibility(Body):
    effective_to: date | None = None
    reason: Reason


def first_responsibility(
    entry_id: str, body: CreateResponsibility, context: Context
) -> Responsibility:
    check_clause(body.clause, context)
    check_department(body.department, "/department", context)
    check_town(body.town, context)
    name = context.directory.unit_name(body.department)
    assert name is not None, "checked above"
    since = body.effective_from or shanghai_day(context.now)
    people = {field: getattr(body, field) for field in People.model_fields}
    return Responsibility(
        id=entry_id,
        line=context.line.key,
        version=1,
        created_at=context.now,
        updated_at=context.now,
        updated_by=context.actor,
        item=body.clause.split(".")[0],
        clause=body.clause,
        text=body.text,
        department=body.department,
        department_name=name,
        role=body.role,
        town=body.town,
        effective_from=since,
        terms=(Term(since=since, text=body.text, department_name=name, **people),),
        edited=context.actor.role is not Role.SYSTEM,
        **people,
    )


def _change(row: Responsibility, body: ChangeResponsibility, context: Context) -> Fields:
    not_over_a_person(row.edited, context)
    if row.effective_to is not None:
        raise refuse("illegal-transition", "责任已终止,不能再改", state="ended", possible=[])
    if "text" in body.model_fields_set and body.text is None:
        raise invalid("/text", "工作内容不能清空")
    since = body.effective_from or shanghai_day(context.now)
    last = row.terms[-1]
    if since < last.since:
        raise invalid("/effective_from", f"生效日期不能早于现行内容的生效日期 {last.since}")
    given: dict[str, Any] = {
        name: getattr(body, name) for name in _TERM_FIELDS if name in body.model_fields_set
    }
    renamed = context.directory.unit_name(row.department)
    if renamed is not None and renamed != row.department_name:
        given["department_name"] = renamed
    term = last.model_copy(update={**given, "since": since})
    kept = row.terms[:-1] if since == last.since else (*row.terms[:-1], _ended(last, since))
    return {
        **given,
        "terms": (*kept, term)[-TERMS_KEPT:],
        "edited": context.actor.role is not Role.SYSTEM,
    }


def _ended(term: Term, until: date) -> Term:
    return term.model_copy(update={"until": until})


def _end(row: Responsibility, body: EndResponsibility, context: Context) -> Fields:
    not_over_a_person(row.edited, context)
    if row.effective_to is not None:
        raise refuse("illegal-transition", "责任已终止", state="ended", possible=[])
    until = body.effective_to or shanghai_day(context.now)
    if until < row.terms[-1].since:
        raise invalid("/effective_to", f"失效日期不能早于生效日期 {row.terms[-1].since}")
    return {
        "effective_to": until,
        "terms": (*row.terms[:-1], _ended(row.terms[-1], until)),
        "edited": context.actor.role is not Role.SYSTEM,
    }


RESPONSIBILITY_RULES: Mapping[str, Rule] = {
    rule.command: rule
    for rule in (
        Rule(
            "responsibility.change", "change", "调整责任", _KEEPERS, ChangeResponsibility, _change
        ),
        Rule("responsibility.end", "end", "终止责任", _KEEPERS, EndResponsibility, _end),
    )
}
RESPONSIBILITY_KEEPERS = _KEEPERS
