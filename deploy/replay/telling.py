"""What replayed signals came to, as people read it and as programs do."""

from collections.abc import Iterator
from typing import Any

from shared.domain.moments import SHANGHAI
from shared.domain.problem import Problem
from shared.runtime.rehearsal.rehearsal import Rehearsal

OUTCOMES = {
    "registered": "立案 new",
    "joined": "并入 joined",
    "relapsed": "反弹 relapsed",
    "cleared": "达标 cleared",
    "referred": "转办 referred",
}


def told(played: Rehearsal) -> Iterator[str]:
    """Lines for a terminal: each rule that found something, then how many problems each line has."""
    for key, line in played.lines.items():
        by_rule: dict[str, dict[str, int]] = {}
        for (rule, outcome), count in sorted(line.found.items()):
            by_rule.setdefault(rule, {})[outcome] = count
        for rule, outcomes in by_rule.items():
            said = ",".join(f"{OUTCOMES.get(name, name)} {n}" for name, n in outcomes.items())
            yield f"{rule}: {said}"
        if line.problems:
            yield f"  {key}: {len(line.problems)} 个问题 problems"


def one(line: str, problem: Problem) -> dict[str, Any]:
    """A problem with what somebody needs to judge it."""
    seen, origin = problem.sightings, problem.origin
    return {
        "line": line,
        "rule": origin and origin.rule,
        "subject": origin and origin.subject,
        "title": problem.title,
        "description": problem.description,
        "severity": problem.severity.value,
        "town": problem.town,
        "found_at": problem.found_at.astimezone(SHANGHAI).isoformat(),
        "last_at": seen and seen.last_at.astimezone(SHANGHAI).isoformat(),
        "times": seen and seen.count,
        "peak": seen and seen.peak and seen.peak.model_dump(mode="json"),
        "ready": problem.ready_since is not None,
        "parent": problem.parent and problem.parent.line,
        "facts": problem.facts,
    }
