"""How the work stands, counted for the metrics: what is escalated, and the tasks in force."""

from datetime import datetime

from pymongo import ASCENDING, IndexModel

from shared.adapters.mongo.client import Collection
from shared.adapters.mongo.documents import entry_of
from shared.application.reads import Standing, standing_of
from shared.domain.entry import Kind
from shared.domain.escalation import EscalationLevel
from shared.domain.moments import shanghai_day
from shared.domain.task import Task

_PRESSED = {"find.open": True, "entry.escalation.level": {"$in": [*EscalationLevel]}}
_TASKS = {"entry.kind": Kind.TASK.value}


def standing_indexes() -> list[IndexModel]:
    """What is closed costs nothing here, and neither does a task that ended in another year."""
    return [
        IndexModel(
            [("entry.escalation.level", ASCENDING), ("entry.line", ASCENDING)],
            name="pressed",
            partialFilterExpression={"find.open": True},
        ),
        IndexModel(
            [("entry.ended_on", ASCENDING)], name="tasks_in_force", partialFilterExpression=_TASKS
        ),
    ]


async def standing(entries: Collection, now: datetime) -> Standing:
    pressed = entries.aggregate(
        [
            {"$match": _PRESSED},
            {
                "$group": {
                    "_id": {"line": "$entry.line", "level": "$entry.escalation.level"},
                    "n": {"$sum": 1},
                }
            },
        ]
    )
    escalated = {
        (each["_id"]["line"], each["_id"]["level"]): int(each["n"]) async for each in pressed
    }
    today = shanghai_day(now)
    in_force = entries.find(
        {
            **_TASKS,
            "$or": [{"entry.ended_on": None}, {"entry.ended_on": {"$gt": today.isoformat()}}],
        },
        {"entry": 1},
    )
    tasks = [entry_of(document) async for document in in_force]
    return standing_of((task for task in tasks if isinstance(task, Task)), today, escalated)
