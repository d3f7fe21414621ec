"""What may happen to a task: created, reported on, changed, re-based, ended."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import Field, model_validator

from shared.domain.actor import Role
from shared.domain.context import Context
from shared.domain.moments import shanghai_day
from shared.domain.problem_bodies import Body, Code, Nothing, Reason, Text
from shared.domain.refusal import invalid, refuse
from shared.domain.rule import Fields, Rule
from shared.domain.task import (
    PERIODS_KEPT,
    Alert,
    Frequency,
    Indicator,
    Operator,
    Report,
    Task,
    periods_of,
)
from shared.domain.task_clocks import escalate_task

REPORT_LIMIT = 2000
Day = date
"""The type, where a field is itself called `date`."""
_OFFICE = frozenset({Role.COORDINATOR, Role.LINE_LEAD})
_KEEPERS = _OFFICE | {Role.SYSTEM}
_REPORTERS = _OFFICE | {Role.DEPARTMENT, Role.TOWN}


class IndicatorBody(Body):
    name: Text
    operator: Operator
    target: float | None = Field(default=None, allow_inf_nan=False)
    unit: str | None = Field(default=None, max_length=40)
    baseline: float | None = Field(default=None, allow_inf_nan=False)


class CreateTask(Body):
    clause: Code
    text: Text
    department: Code
    departments: tuple[Code, ...] = Field(default=(), max_length=40)
    town: Code | None = None
    indicator: IndicatorBody | None = None
    starts: date | None = None
    due: date | None = None
    frequency: Frequency = "weekly"
    owner: str | None = Field(default=None, max_length=80)
    alert: Alert | None = None
    """只由系统填写 filled in by the product itself, where a warning ordered the task."""


class ChangeTask(Body):
    """Only the fields that are given change. The target and the due day are re-based instead."""

    text: Text | None = None
    department: Code | None = None
    departments: tuple[Code, ...] | None = Field(default=None, max_length=40)
    town: Code | None = None
    frequency: Frequency | None = None
    owner: str | None = Field(default=None, max_length=80)
    indicator: IndicatorBody | None = None
    starts: date | None = None
    due: date | None = None
    reason: Reason

    @model_validator(mode="after")
    def _changes_something(self) -> "ChangeTask":
        if not self.model_fields_set - {"reason"}:
            raise ValueError("请至少写明一个要更改的字段")
        return self


class ReportTask(Body):
    value: float | None = Field(default=None, allow_inf_nan=False)
    date: Day | None = None
    text: Text
    behind: bool = False
    done: bool | None = None
    """Left out: the number says it, or it stays as it was."""
    difficulty: Text | None = None
    next_step: Text | None = None


class RebaseTask(Body):
    """A new target, a new due day, or both, with the reason that will be asked for."""

    target: float | None = Field(default=None, allow_inf_nan=False)
    due: date | None = None
    reason: Reason

    @model_validator(mode="after")
    def _rebases_something(self) -> "RebaseTask":
        if self.target is None and self.due is None:
            raise ValueError("请写明新的目标值 target 或新的时限 due")
        return self


class EndTask(Body):
    ended_on: date | None = None
    reason: Reason


def check_department(code: str, pointer: str, context: Context) -> None:
    if context.directory.unit_name(code) is None:
        raise invalid(pointer, f"没有代码为“{code}”的单位,可用代码见 GET /v1/departments")


def _check_departments(
    first: str | None, all_of_them: tuple[str, ...] | None, context: Context
) -> None:
    if first is not None:
        check_department(first, "/department", context)
    for position, code in enumerate(all_of_them or ()):
        check_department(code, f"/departments/{position}", context)


def _check_due(due: date | None, starts: date, context: Context) -> None:
    """The pack may bring a deadline that has passed: an item that changes its line begins there
    on the edition's day and keeps its old deadline."""
    if due is not None and due < starts and context.actor.role is not Role.SYSTEM:
        raise invalid("/due", f"完成时限须不早于开始日期 {starts.isoformat()}")


def check_clause(clause: str, context: Context) -> None:
    if not context.directory.has_clause(clause):
        raise invalid("/clause", f"方案中没有条款“{clause}”,条款见 GET /v1/plan")


def check_town(code: str | None, context: Context) -> None:
    if code is not None and context.directory.town_name(code) is None:
        raise invalid("/town", f"没有代码为“{code}”的镇街或园区,可用代码见 GET /v1/towns")


def first_task(entry_id: str, body: CreateTask, context: Context) -> Task:
    if body.alert is not None and context.actor.role is not Role.SYSTEM:
        raise invalid("/alert", "alert 只由系统填写;请删去 only the product fills this in")
    check_clause(body.clause, context)
    _check_departments(body.department, body.departments, context)
    check_town(body.town, context)
    today = shanghai_day(context.now)
    starts = body.starts or today
    _check_due(body.due, starts, context)
    return Task(
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
        departments=body.departments or (body.department,),
        town=body.town,
        indicator=Indicator(**dict(body.indicator)) if body.indicator else None,
        starts=starts,
        due=body.due,
        frequency=body.frequency,
        owner=body.owner,
        alert=body.alert,
        edited=context.actor.role is not Role.SYSTEM,
    )


def _alive(task: Task, today: date) -> None:
    if task.ended_on is not None and task.ended_on <= today:
        raise refuse("illegal-transition", "任务已终止,不能再操作", state="ended", possible=[])


def not_over_a_person(edited: bool, context: Context) -> None:
    """What a person changed the pack lists as pending; decided here, since people are quick."""
    if edited and context.actor.role is Role.SYSTEM:
        raise refuse("edited-by-person", "有人改过该条目,配置包不覆盖,列为待定")


def _change(task: Task, body: ChangeTask, context: Context) -> Fields:
    not_over_a_person(task.edited, context)
    _alive(task, shanghai_day(context.now))
    given: dict[str, Any] = {
        name: getattr(body, name) for name in body.model_fields_set - {"reason", "indicator"}
    }
    _check_departments(body.department, body.departments, context)
    check_town(body.town, context)
    for name in ("text", "department", "frequency", "starts"):
        if name in given and given[name] is None:
            raise invalid(f"/{name}", "该字段不能清空")
    if "departments" in given:
        given["departments"] = given["departments"] or (given.get("department", task.department),)
    if {"due", "starts"} & given.keys():
        _check_due(given.get("due", task.due), given.get("starts", task.starts), context)
    if "indicator" in body.model_fields_set:
        given["indicator"] = _new_indicator(task.indicator, body.indicator)
        given["done_on"] = _still_done(task, given["indicator"])
    return {**given, "edited": context.actor.role is not Role.SYSTEM}


def _new_indicator(held: Indicator | None, body: IndicatorBody | None) -> Indicator | None:
    """What is counted may change; the last reported value stays."""
    if body is None:
        return None
    latest = {"latest": held.latest, "latest_on": held.latest_on} if held else {}
    return Indicator(**dict(body), **latest)


def _report(task: Task, body: ReportTask, context: Context) -> Fields:
    today = shanghai_day(context.now)
    _alive(task, today)
    on = body.date or today
    if on > today:
        raise invalid("/date", "进展日期不能晚于今天")
    if task.report_count >= REPORT_LIMIT:
        raise refuse("limit-reached", f"一项任务最多报 {REPORT_LIMIT} 次进展")
    indicator = task.indicator
    if body.value is not None:
        if indicator is None:
            raise invalid("/value", "该任务没有量化指标,请只填文字进展 text")
        if indicator.latest_on is None or on >= indicator.latest_on:
            indicator = indicator.model_copy(update={"latest": body.value, "latest_on": on})
    done = body.done or (indicator is not None and _reached(task, indicator, on))
    if body.done is None and (body.value is None or indicator is None or indicator.target is None):
        # Reports go on after the work is done; one without news of it does not undo it.
        done = done or task.done_on is not None
    periods = tuple(p for p in periods_of(on) if p not in task.reported_periods)
    return {
        "indicator": indicator,
        "report": Report(on=on, value=body.value, text=body.text, at=context.now, by=context.actor),
        "report_count": task.report_count + 1,
        "reported_periods": (*task.reported_periods, *periods)[-PERIODS_KEPT:],
        "said_behind": body.behind,
        "difficulty": body.difficulty if body.difficulty is not None else task.difficulty,
        "next_step": body.next_step if body.next_step is not None else task.next_step,
        "done_on": (task.done_on or on) if done else None,
    }


def _reached(task: Task, indicator: Indicator, on: date) -> bool:
    """A floor that is reached is done; a ceiling (`<=`) is kept only once its period is over."""
    if not indicator.met() or task.due is None:
        return False
    return indicator.operator in (">=", "=") or on >= task.due


def _rebase(task: Task, body: RebaseTask, context: Context) -> Fields:
    _alive(task, shanghai_day(context.now))
    indicator = task.indicator
    if body.target is not None:
        if indicator is None or indicator.target is None:
            raise invalid("/target", "该任务没有量化目标,只能调整时限 due")
        indicator = indicator.model_copy(update={"target": body.target})
    _check_due(body.due, task.starts, context)
    due = body.due or task.due
    return {
        "indicator": indicator,
        "due": due,
        "done_on": _still_done(task, indicator),
        "edited": True,
    }


def _still_done(task: Task, indicator: Indicator | None) -> date | None:
    """Since when it is done under a new target or deadline; a ceiling's period begins anew."""
    if indicator is None or indicator.target is None:
        return task.done_on
    return task.done_on if indicator.met() and indicator.operator in (">=", "=") else None


def _end(task: Task, body: EndTask, context: Context) -> Fields:
    not_over_a_person(task.edited, context)
    today = shanghai_day(context.now)
    _alive(task, today)
    return {
        "ended_on": body.ended_on or today,
        "edited": context.actor.role is not Role.SYSTEM,
    }


TASK_RULES: Mapping[str, Rule] = {
    rule.command: rule
    for rule in (
        Rule("task.change", "change", "调整任务", _KEEPERS, ChangeTask, _change),
        Rule(
            "task.report", "report", "报进展", _REPORTERS, ReportTask, _report,
            own_unit=True, needs_version=False,
        ),
        Rule("task.rebase", "rebase", "调整目标或时限", _OFFICE, RebaseTask, _rebase),
        Rule(
            "task.escalate", "escalate", "督办", frozenset({Role.SYSTEM}), Nothing, escalate_task,
            needs_version=False,
        ),
        Rule("task.end", "end", "终止任务", _KEEPERS, EndTask, _end),
    )
}  # fmt: skip
TASK_KEEPERS = _KEEPERS
