"""Reads from a PromQL expression which metrics it names, and by which labels it sorts them.

Only as much of the language as our dashboards use; what it does not understand it reports as a
metric, so that a test fails rather than passes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
_RANGE = re.compile(r"\[[^\]]*\]")
_MATCHERS = re.compile(r"\{([^}]*)\}")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
_FUNCTION = re.compile(r"\b[a-zA-Z_]\w*\s*(?=\()")
_WORD = re.compile(r"[a-zA-Z_:][\w:]*")
_KEYWORDS = {"and", "or", "unless", "bool", "offset", "sum", "max", "min", "avg", "count"}


@dataclass(frozen=True)
class Named:
    metrics: frozenset[str]
    labels: frozenset[str]


def named(expr: str) -> Named:
    """The metrics and the labels that `expr` names."""
    bare = _RANGE.sub("", _STRING.sub('""', expr))
    labels = [name for inside in _MATCHERS.findall(bare) for name in _WORD.findall(inside)]
    bare = _MATCHERS.sub("", bare)
    labels += [name for inside in _GROUPING.findall(bare) for name in _WORD.findall(inside)]
    bare = _FUNCTION.sub("", _GROUPING.sub("", bare))
    words = set(_WORD.findall(re.sub(r"\b\d[\w.]*", "", bare)))
    return Named(frozenset(words - _KEYWORDS), frozenset(labels))
