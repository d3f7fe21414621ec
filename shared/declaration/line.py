"""What a line may say of itself in code. Names, leads and items come from the county pack."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from shared.declaration.rule import Rule, by_county
from shared.declaration.showing import Showing
from shared.declaration.signal import PROBLEM, Signal

_CODE = re.compile(r"^[a-z][a-z0-9_-]{0,39}$")


@dataclass(frozen=True)
class Term:
    """A code with its Chinese and English names: a problem category, a source, a signal."""

    code: str
    zh: str
    en: str

    def __post_init__(self) -> None:
        if not _CODE.match(self.code):
            raise ValueError(f"code {self.code!r}: lower-case letters, digits, '-' and '_' only")
        if not self.zh or not self.en:
            raise ValueError(f"code {self.code!r}: both names are needed")


_PROBLEMS = f".{PROBLEM}"

OTHER = Term("other", "其他", "Other")

SOURCES: tuple[Term, ...] = (
    Term("report", "举报/上报", "Report"),
    Term("patrol", "巡查", "Patrol"),
    Term("satellite", "卫星", "Satellite"),
    Term("video", "视频", "Video"),
    Term("micro_station", "微站", "Micro-station"),
    Term("online_monitor", "在线监测", "Online monitor"),
    Term("superior", "上级交办", "Handed down"),
    Term("inspectorate", "督察", "Inspectorate"),
)
"""How problems become known (问题来源): the same for all lines."""


@dataclass(frozen=True)
class Line:
    """One work line: its key and the words for its problems."""

    key: str
    categories: tuple[Term, ...]
    kind: Literal["line", "desk"] = "line"
    sources: tuple[Term, ...] = SOURCES
    signals: tuple[Signal, ...] = ()
    rules: tuple[Rule[Any], ...] = ()
    showings: tuple[Showing[Any], ...] = ()
    """What of its rules' memories is shown to those who watch."""

    def __post_init__(self) -> None:
        if not _CODE.match(self.key):
            raise ValueError(f"line key {self.key!r}: lower-case letters, digits, '-' and '_' only")
        if OTHER not in self.categories:
            object.__setattr__(self, "categories", (*self.categories, OTHER))
        for what, codes in (
            ("category", [term.code for term in self.categories]),
            ("source", [term.code for term in self.sources]),
            ("signal", [signal.code for signal in self.signals]),
            ("rule", [rule.code for rule in self.rules]),
        ):
            if double := {code for code in codes if codes.count(code) > 1}:
                raise ValueError(f"line {self.key}: {what} declared twice: {sorted(double)}")
        for rule in self.rules:
            self._check_rule(rule)
        by_code = {rule.code: rule for rule in self.rules}
        for showing in self.showings:
            shown = by_code.get(showing.rule)
            if shown is None or shown.key is not by_county:
                raise ValueError(f"line {self.key} shows {showing.rule}: no rule over the county")

    def _check_rule(self, rule: Rule[Any]) -> None:
        if rule.line != self.key:
            raise ValueError(f"rule {rule.code}: its code must begin with {self.key!r}")
        own = {f"{self.key}.{signal.code}" for signal in self.signals}
        unknown = {name for name in rule.reads if name.startswith(f"{self.key}.")} - own
        if unknown:
            raise ValueError(f"rule {rule.code} reads undeclared signals: {sorted(unknown)}")
        if strange := rule.categories - {term.code for term in self.categories}:
            raise ValueError(f"rule {rule.code} finds undeclared categories: {sorted(strange)}")

    @property
    def follows(self) -> tuple[str, ...]:
        """Other lines whose signals its rules read."""
        return _others(self.key, (name for name in self._read if not name.endswith(_PROBLEMS)))

    @property
    def follows_problems(self) -> tuple[str, ...]:
        """Other lines whose problems its rules read."""
        return _others(self.key, (name for name in self._read if name.endswith(_PROBLEMS)))

    @property
    def _read(self) -> Iterable[str]:
        return (name for rule in self.rules for name in rule.reads)

    def signal(self, code: str) -> Signal | None:
        return next((signal for signal in self.signals if signal.code == code), None)


def _others(key: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name.split(".", 1)[0] for name in names} - {key}))
