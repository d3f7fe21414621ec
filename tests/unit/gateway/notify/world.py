"""Changes, webhooks and a receiver for tests of being told."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.application.notifying.delivery import Event
from shared.application.notifying.webhook import Filters, Format, Webhook
from shared.contract.messages import Change
from shared.domain.actor import Actor, Role
from shared.domain.entry import Kind
from shared.domain.reading import Severity
from tests.contract.world import County as Directory

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CLERK = Actor(id="zhang.san", role=Role.LINE_LEAD, unit="housing", name="张三")
DIRECTORY = Directory()


def change(rule: str = "problem.assign", **fields: Any) -> Change:
    base: dict[str, Any] = {
        "entry": "p1",
        "kind": Kind.PROBLEM,
        "line": "dust",
        "version": 2,
        "before": 1,
        "rule": rule,
        "command": "c1",
        "actor": CLERK,
        "reason": "请张三 13812345678 联系",
        "changed": {"status": ["registered", "assigned"], "unit": [None, "housing"]},
        "number": "扬尘-2026-00012",
        "at": NOW,
    }
    return Change(**{**base, **fields})


def event(**fields: Any) -> Event:
    base: dict[str, Any] = {
        "entry": "p1",
        "version": 2,
        "rule": "problem.assign",
        "rule_name": "交办",
        "at": NOW,
        "line": "dust",
        "line_name": "扬尘",
        "number": "扬尘-2026-00012",
        "title": "工地裸土未覆盖",
        "status": "assigned",
        "status_name": "交办",
        "severity": Severity.SERIOUS,
        "town": "370828105",
        "town_name": "鱼山街道",
        "unit": "housing",
        "unit_name": "县住房城乡建设局",
        "due_at": NOW + timedelta(days=2),
        "towns": ("370828105",),
        "units": ("housing", "370828105"),
        "roles": (Role.DEPARTMENT, Role.TOWN),
    }
    return Event(**{**base, **fields})


def webhook(
    format_: Format = Format.TENLINES, url: str = "https://example.com/h", **fields: Any
) -> Webhook:
    known = {name: fields.pop(name) for name in list(fields) if name in Filters.model_fields}
    base: dict[str, Any] = {
        "id": "w1",
        "name": "值班群",
        "url": url,
        "format": format_,
        "filters": Filters(**known),
        "secret": None,
        "created_at": NOW,
        "updated_at": NOW,
        "since": NOW,
    }
    return Webhook(**{**base, **fields})
