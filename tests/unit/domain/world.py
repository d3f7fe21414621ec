"""A small county, its people, and problems brought to any state by the commands themselves."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.actor import Actor, Role, system
from shared.domain.context import Context, LineFacts
from shared.domain.decide import check_create, create, decide
from shared.domain.entry import Kind
from shared.domain.problem import Problem, Status
from shared.domain.refusal import Refusal, Refused
from shared.domain.verification import Verification
from tests.fakes.timing import TIMING

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""09:00 on a Monday in Shanghai."""
HOUR = timedelta(hours=1)

TOWNS = {"370828003": "鱼山街道", "370828101": "羊山镇"}
UNITS = {
    "housing": "县住房城乡建设局",
    "transport": "县交通运输局",
    "water": "县水务局",
    "ecology": "市生态环境局金乡县分局",
}
LINES = {"dust": "扬尘污染防治", "coal": "散煤管控", "coordination": "统筹协调"}


class SmallCounty:
    """Implements the domain's Directory."""

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        self._units = {**UNITS, **(names or {})}

    timing = TIMING
    verification = Verification()

    def town_name(self, code: str) -> str | None:
        return TOWNS.get(code)

    def unit_name(self, code: str) -> str | None:
        return self._units.get(code) or self.town_name(code)

    def has_clause(self, clause: str) -> bool:
        return clause in ("14.1", "14.2", "S1.1")

    def contains(self, lon: float, lat: float) -> bool:
        return 116.0 <= lon <= 116.6 and 34.8 <= lat <= 35.3

    def line_name(self, key: str) -> str | None:
        return LINES.get(key)


def facts(key: str = "dust") -> LineFacts:
    return LineFacts(
        key=key,
        number_prefix={"dust": "扬尘", "coal": "散煤", "coordination": "统筹"}[key],
        categories=frozenset({"bare_soil", "road_dust", "other"} if key == "dust" else {"other"}),
        sources=frozenset({"report", "patrol"}),
    )


WORKER = Actor(id="worker", role=Role.DEPARTMENT, unit="housing")
TOWN = Actor(id="town", role=Role.TOWN, unit="370828003")
LEAD = Actor(id="lead", role=Role.LINE_LEAD, unit="ecology")
COORDINATOR = Actor(id="coordinator", role=Role.COORDINATOR, unit="ecology")
INSPECTOR = Actor(id="inspector", role=Role.INSPECTOR, unit="water")
ACTORS: Mapping[Role, Actor] = {
    Role.COORDINATOR: COORDINATOR,
    Role.LINE_LEAD: LEAD,
    Role.DEPARTMENT: WORKER,
    Role.TOWN: TOWN,
    Role.INSPECTOR: INSPECTOR,
    Role.VIEWER: Actor(id="viewer", role=Role.VIEWER, unit="water"),
    Role.DEVICE: Actor(id="camera-7", role=Role.DEVICE),
    Role.SYSTEM: system("test"),
}
"""One of each role; the department and the town are those of every problem made here."""


def context(actor: Actor = LEAD, at: datetime = NOW, line: str = "dust") -> Context:
    return Context(actor=actor, now=at, line=facts(line), directory=SmallCounty())


SIGHTED: Mapping[str, Any] = {
    "sightings": {
        "count": 1,
        "first_at": "2026-11-23T09:30:00+08:00",
        "last_at": "2026-11-23T09:30:00+08:00",
    },
    "severity": "general",
}
CHILD: Mapping[str, Any] = {
    "child": {
        "id": "c1", "line": "coal", "number": "散煤-2026-00001", "status": "registered", "version": 1,
    }
}  # fmt: skip
PROOF: Mapping[str, Any] = {
    "proof": {
        "since": "2026-11-23T10:00:00+08:00",
        "until": "2026-11-23T14:00:00+08:00",
        "readings": 48,
    }
}
AFTER = {"kind": "after", "sha256": "a" * 64}
BODIES: Mapping[str, Mapping[str, Any]] = {
    "assign": {"unit": "housing", "town": "370828003", "co_units": ["transport"]},
    "accept": {},
    "return": {"reason": "不属本单位", "suggested_unit": "water"},
    "start": {},
    "report-progress": {"text": "已覆盖一半"},
    "submit": {},
    "approve": {"result": "qualified", "evidence": [AFTER]},
    "inspect": {"result": "qualified"},
    "object": {"reason": "又见扬尘"},
    "send-back": {"reason": "仍有裸土"},
    "extend": {"due_at": "2027-01-31T18:00:00+08:00", "reason": "等待材料"},
    "ask-extension": {"due_at": "2027-01-31T18:00:00+08:00", "reason": "等待材料"},
    "decline-extension": {"reason": "可按期完成"},
    "escalate": {},
    "shorten": {"episode": "2026-11-20", "level": "orange", "reason": "橙色预警"},
    "suspend": {"reason": "冬季停工"},
    "resume": {},
    "reject": {"reason": "现场无此情况"},
    "merge": {"into": "another"},
    "reopen": {"reason": "复查又见裸土"},
    "transfer": {"line": "coal", "reason": "属散煤"},
    "comment": {"text": "请尽快"},
    "attach-evidence": {"kind": "before", "sha256": "b" * 64},
    "change-severity": {"severity": "critical", "reason": "面积很大"},
    "absorb": {"problem": "another", "number": "扬尘-2026-00009"},
    "observe": SIGHTED,
    "prove": PROOF,
    "relapse": SIGHTED,
    "add-child": CHILD,
    "child-changed": CHILD,
}
"""One right body for every command."""
INTERNAL = (
    "absorb",
    "observe",
    "prove",
    "relapse",
    "add-child",
    "child-changed",
    "escalate",
    "shorten",
)
"""Commands that only the product itself gives."""

REPORT: Mapping[str, Any] = {
    "title": "工地裸土未覆盖",
    "description": "约两亩",
    "category": "bare_soil",
    "severity": "general",
    "location": {"lon": 116.31, "lat": 35.07, "town": "370828003"},
}


def register(actor: Actor = WORKER, line: str = "dust", **fields: Any) -> Problem:
    """A problem as reported at NOW; `fields` replace those of REPORT, None leaves one out."""
    said = {key: value for key, value in {**REPORT, **fields}.items() if value is not None}
    where = context(actor, line=line)
    body = check_create(Kind.PROBLEM, said, where)
    entry = create(Kind.PROBLEM, "p1", "扬尘-2026-00001", body, where).entry
    assert isinstance(entry, Problem)
    return entry


def do(
    entry: Problem,
    command: str,
    actor: Actor | None = None,
    at: datetime | None = None,
    line: str = "dust",
    **body: Any,
) -> Problem:
    """The entry after a command by somebody who may give it, an hour after the last one."""
    moment = at or entry.updated_at + HOUR
    said = {**BODIES[command], **body}
    who = context(actor or _USUAL[command], moment, line)
    after = decide(entry, command, said, entry.version, who).entry
    assert isinstance(after, Problem)
    return after


_USUAL: Mapping[str, Actor] = {
    **dict.fromkeys(BODIES, COORDINATOR),
    **dict.fromkeys(("accept", "return", "start", "report-progress", "submit"), WORKER),
    "approve": INSPECTOR,
    **dict.fromkeys(INTERNAL, ACTORS[Role.SYSTEM]),
}

WAYS: Mapping[Status, tuple[str, ...]] = {
    Status.REGISTERED: (),
    Status.ASSIGNED: ("assign",),
    Status.ACCEPTED: ("assign", "accept"),
    Status.RECTIFYING: ("assign", "accept", "start"),
    Status.SUBMITTED: ("assign", "accept", "start", "submit"),
    Status.CLOSED: ("assign", "accept", "start", "submit", "approve"),
    Status.REJECTED: ("reject",),
    Status.MERGED: ("merge",),
    Status.SUSPENDED: ("assign", "suspend"),
    Status.MOVED: ("transfer",),
}
"""The shortest way of every state from registration."""


def problem_in(status: Status, **fields: Any) -> Problem:
    entry = register(**fields)
    for command in WAYS[status]:
        entry = do(entry, command)
    assert entry.status is status
    return entry


def refusal_of(run: Any, *args: Any, **kwargs: Any) -> Refusal:
    """What `run` is refused with."""
    with pytest.raises(Refused) as caught:
        run(*args, **kwargs)
    return caught.value.refusal


def pointers(refusal: Refusal) -> list[str]:
    return [error.pointer for error in refusal.errors]
