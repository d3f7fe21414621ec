"""Tasks as a pipeline: how a task stands is computed in the query, so that pages are exact.

The expressions say the same as `Task.status` and `Indicator.ratio`; a test holds them together.
"""

from datetime import date
from typing import Any

from shared.adapters.mongo.client import Document
from shared.adapters.mongo.reads_plan_order import CLAUSE_ORDER
from shared.adapters.mongo.reads_problems import any_of
from shared.application.reads import Period, TaskFilter
from shared.domain.entry import Kind
from shared.domain.task import BEHIND_MARGIN, TaskStatus

Expression = Any


def task_stages(which: TaskFilter, today: date) -> list[Document]:
    """Matching tasks with `order` and `rank`, their place in the plan."""
    stages: list[Document] = [
        {"$match": {"$and": _match(which)}},
        # Ids of the pack are numbered within a clause: T14.2-9 comes before T14.2-10.
        {"$set": {"order": CLAUSE_ORDER, "rank": {"$strLenCP": "$_id"}}},
    ]
    if which.statuses:
        wanted = [status.value for status in which.statuses]
        stages.append({"$match": {"$expr": {"$in": [status_of(today), wanted]}}})
    return stages


def _match(which: TaskFilter) -> list[Document]:
    return [
        {"entry.kind": Kind.TASK.value},
        *any_of("entry.line", which.lines),
        *any_of("entry.item", which.items),
        *any_of("entry.clause", which.clauses),
        *_departments(which),
        *_towns(which),
        *({"find.tokens": token} for token in which.tokens),
        *(in_force(which.as_of, which.as_of) if which.as_of else ()),
        *(_unreported(which.unreported) if which.unreported else ()),
    ]


def _departments(which: TaskFilter) -> list[Document]:
    if not which.departments:
        return []
    wanted = {"$in": list(which.departments)}
    return [{"$or": [{"entry.department": wanted}, {"entry.departments": wanted}]}]


def _towns(which: TaskFilter) -> list[Document]:
    if not which.towns:
        return []
    by_rule = {"entry.town": None, "entry.clause": {"$in": list(which.town_clauses)}}
    return [{"$or": [{"entry.town": {"$in": list(which.towns)}}, by_rule]}]


def in_force(first: date, last: date) -> list[Document]:
    """Begun by the last day and not ended before or on the first."""
    return [
        {"entry.starts": {"$lte": last.isoformat()}},
        {"$or": [{"entry.ended_on": None}, {"entry.ended_on": {"$gt": first.isoformat()}}]},
    ]


def _unreported(period: Period) -> list[Document]:
    first = period.first.isoformat()
    return [
        *in_force(period.first, period.last),
        {"entry.frequency": {"$in": list(period.owed_by)}},
        {"entry.reported_periods": {"$ne": period.key}},
        {"$or": [{"entry.done_on": None}, {"entry.done_on": {"$gte": first}}]},
    ]


def _given(field: str) -> Expression:
    # A missing parent makes the field missing, which is not null to `$ne`.
    return {"$ne": [{"$ifNull": [field, None]}, None]}


def status_of(today: date) -> Expression:
    """How a task stands on `today` (Asia/Shanghai)."""
    day = today.isoformat()
    passed = {"$and": [_given("$entry.due"), {"$lt": ["$entry.due", day]}]}
    ended = {"$and": [_given("$entry.ended_on"), {"$lte": ["$entry.ended_on", day]}]}
    cases = (
        (ended, TaskStatus.ENDED),
        (_given("$entry.done_on"), TaskStatus.DONE),
        (passed, TaskStatus.OVERDUE_UNMET),
        ({"$or": ["$entry.said_behind", _lags(day)]}, TaskStatus.BEHIND),
        ({"$gt": ["$entry.report_count", 0]}, TaskStatus.IN_PROGRESS),
    )
    return {
        "$switch": {
            "branches": [{"case": case, "then": status.value} for case, status in cases],
            "default": TaskStatus.NOT_STARTED.value,
        }
    }


def _days(start: Expression, end: Expression) -> Expression:
    def at(day: Expression) -> Expression:
        return {"$dateFromString": {"dateString": day, "onNull": None, "onError": None}}

    return {"$dateDiff": {"startDate": at(start), "endDate": at(end), "unit": "day"}}


def _lags(day: str) -> Expression:
    span, gone = _days("$entry.starts", "$entry.due"), _days("$entry.starts", day)
    numbers = ("baseline", "target", "latest")
    drawn = {
        "$and": [
            _given("$entry.due"),
            *(_given(f"$entry.indicator.{name}") for name in numbers),
            {"$gt": [span, 0]},
        ]
    }
    return {
        "$cond": [
            drawn,
            {
                "$let": {
                    "vars": {"way": _ratio()},
                    "in": {
                        "$and": [
                            {"$ne": ["$$way", None]},
                            {
                                "$lt": [
                                    "$$way",
                                    {"$subtract": [{"$divide": [gone, span]}, BEHIND_MARGIN]},
                                ]
                            },
                        ]
                    },
                }
            },
            False,
        ]
    }


def _ratio() -> Expression:
    """`Indicator.ratio` where baseline, target and latest are given."""
    baseline, target, latest = (
        f"$entry.indicator.{name}" for name in ("baseline", "target", "latest")
    )

    def share(part: Expression, whole: Expression) -> Expression:
        return {"$cond": [{"$eq": [whole, 0]}, None, {"$divide": [part, whole]}]}

    way = {"$divide": [{"$subtract": [latest, baseline]}, {"$subtract": [target, baseline]}]}
    ceiling = {"$eq": ["$entry.indicator.operator", "<="]}
    level = {"$cond": [ceiling, share(target, latest), share(latest, target)]}
    return {"$cond": [{"$ne": [baseline, target]}, way, level]}
