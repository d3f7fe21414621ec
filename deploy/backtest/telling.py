"""A backtest as people read it, and as programs do."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from deploy.backtest.comparing import Kind, Seen
from deploy.backtest.run import Backtest
from shared.domain.moments import SHANGHAI

WORDS: dict[Kind, str] = {
    "same": "相同 same",
    "different": "不同 different",
    "only_now": "仅现行 only now",
    "only_other": "仅另一配置 only other",
}
_SEVERITY = {"general": "一般", "serious": "较重", "critical": "严重"}


def told(found: Backtest) -> Iterator[str]:
    """Lines for a terminal: first the totals by rule, then each problem that is not the same."""
    yield f"信号 signals: {found.signals}"
    by_rule: dict[str, Counter[Kind]] = {}
    for pair in found.pairs:
        by_rule.setdefault(pair.first.rule, Counter())[pair.kind] += 1
    for rule in sorted(by_rule):
        said = ",".join(f"{WORDS[kind]} {by_rule[rule][kind]}" for kind in WORDS)
        yield f"{rule}: {said}"
    if not found.pairs:
        yield "两种配置下都没有问题 / no problem under either pack"
    for pair in found.pairs:
        if pair.kind != "same":
            yield f"[{WORDS[pair.kind]}] {pair.first.title} ({pair.first.subject})"
            if pair.now is not None:
                yield f"    现行 now:   {_said(pair.now)}"
            if pair.other is not None:
                yield f"    另一 other: {_said(pair.other)}"


def as_json(found: Backtest) -> dict[str, Any]:
    return {
        "signals": found.signals,
        "problems": [
            {
                "kind": pair.kind,
                "now": pair.now and asdict(pair.now),
                "other": pair.other and asdict(pair.other),
            }
            for pair in found.pairs
        ],
    }


def _said(one: Seen) -> str:
    peak = f",峰值 {one.peak:g} {one.unit or ''}".rstrip() if one.peak is not None else ""
    over = f",{_time(one.over_at)} 起达标" if one.over_at else ",未见达标"
    severity = _SEVERITY.get(one.severity.value, one.severity.value)
    return f"{_time(one.raised_at)} 发现,{severity},{one.times} 次{peak}{over}"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
