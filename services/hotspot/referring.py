"""Which other lines get a part of a high value to look into, and with which reasons."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from services.hotspot.hints import Hint
from services.hotspot.numbers import CODE
from services.hotspot.sources import Candidate
from services.hotspot.telling import described
from shared.declaration.rule import Facts
from shared.domain.finding import Finding
from shared.domain.reading import Severity

CATEGORY = "other"
"""Every line has it: only the line itself can say what it finds there."""
NAMED = 5


def refer(
    parent: Finding,
    hinted: Sequence[Hint],
    near: Sequence[Candidate],
    referred: Mapping[str, datetime],
    facts: Facts,
) -> tuple[list[Finding], dict[str, datetime]]:
    """At most one child a line, and again only after the pack's hours; and when each was sent.

    A line gets one where something of its own exceeded a limit and the wind does not speak against
    it, where the air hints at it and something of it is near, and where the hint alone is strong.
    """
    at = parent.seen_at
    again = timedelta(hours=facts.number(CODE, "referral_hours"))
    strong = facts.number(CODE, "strong_hint")
    sent = {key: when for key, when in referred.items() if at - when < again}
    hints = {hint.line: hint for hint in reversed(hinted)}  # the strongest of a line wins
    children = []
    for line in sorted({*hints, *(one.line for one in near)}):
        key = f"{parent.subject}:{line}"
        hint = hints.get(line)
        fitting = [
            one
            for one in near
            if one.line == line and one.upwind is not False and (hint or one.why is not None)
        ]
        if key in sent or not (fitting or (hint and hint.strength >= strong)):
            continue
        sent[key] = at
        children.append(_child(parent, line, hint, fitting[:NAMED]))
    return children, sent


def _child(parent: Finding, line: str, hint: Hint | None, near: Sequence[Candidate]) -> Finding:
    said = [f"高值区 {parent.site} 转来线索,请排查:{parent.description.split('。')[0]}"]
    if hint:
        said.append(f"类型提示:{hint.reason_zh}")
    said.extend(f"疑似来源:{described(one)}" for one in near)
    return parent.model_copy(
        update={
            "line": line,
            "parent": parent.subject,
            "category": CATEGORY,
            "severity": Severity.GENERAL,
            "title": f"{parent.site} 周边疑似来源排查",
            "description": "。".join(said)[:2000],
            "site": near[0].name if near else parent.site,
            "clause": None,
            "facts": {
                "hint": hint.reason_zh if hint else None,
                "candidates": [described(one) for one in near],
            },
        }
    )
