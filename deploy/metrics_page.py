"""Writes the page of metrics anew: `python -m deploy.metrics_page`. A test holds them equal."""

from __future__ import annotations

from deploy.launcher.places import ROOT
from shared.runtime import metrics  # noqa: F401  # what it declares is the catalogue
from shared.runtime.measuring import CATALOGUE

FILE = ROOT / "docs/metrics.md"
_HEAD = """# 指标 Metrics

每个服务在 `/metrics` 给出的指标:含义,以及看起来不对时怎么办。标签的取值有限,从不含问题编号或人名。
Written by `python -m deploy.metrics_page` from `shared/runtime/metrics.py`.

| 指标 metric | 类型 type | 标签 labels | 含义 meaning | 不对时 when it looks wrong |
|---|---|---|---|---|
"""


def text() -> str:
    rows = (
        f"| `{each.name}` | {each.kind}{f' ({each.unit})' if each.unit else ''} "
        f"| {', '.join(each.labels) or '—'} | {each.meaning} | {each.wrong} |\n"
        for each in CATALOGUE
    )
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
