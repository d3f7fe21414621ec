"""`tenlines signals`: what every line listens to and which rules judge it, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

import click

from deploy.launcher.usual import settings
from deploy.lines import line_of
from shared.adapters.pack import load_pack
from shared.declaration.county import County
from shared.declaration.county.keys import LINE_KEYS
from shared.declaration.county.rules_file import RuleNumbers
from shared.declaration.signal import Signal, SignalData

_COMMON = frozenset(SignalData.model_fields)


@click.command()
def signals() -> None:
    """Print every line's signals, rules and their numbers (docs/signals.md)."""
    click.echo(page(load_pack(settings().county)), nl=False)


def page(county: County) -> str:
    """docs/signals.md, whole."""
    return "\n".join(_page(county)) + "\n"


def _page(county: County) -> Iterator[str]:
    yield "# 信号与规则 Signals and rules"
    yield ""
    yield (
        "由 `tenlines signals` 从代码和配置包生成。每条信号都带 "
        + "、".join(f"`{name}`" for name in SignalData.model_fields)
        + ";下面只列各自的字段。数值取自 `rules.yaml`,限值取自 `standards.yaml`,"
        "标记:plan 方案原文 · S 公开来源 · H、M 凭记忆 · D 产品默认 · U 不确定。"
    )
    for key in LINE_KEYS:
        line = line_of(key)
        named = county.line(key)
        yield ""
        yield f"## {named.name if named else key} `{key}`"
        yield ""
        yield "| 信号 | 名称 | 字段(单位) |"
        yield "|---|---|---|"
        for signal in line.signals:
            yield f"| `{signal.code}` | {signal.zh} {signal.en} | {_fields(signal)} |"
        yield ""
        yield "| 规则 | 名称 | 读取 | 数值 |"
        yield "|---|---|---|---|"
        numbers = {each.rule: each for each in county.rules.rules}
        for rule in line.rules:
            reads = "、".join(f"`{name}`" for name in sorted(rule.reads))
            said = _numbers(numbers.get(rule.code))
            yield f"| `{rule.code}` | {rule.zh} {rule.en} | {reads} | {said} |"


def _fields(signal: Signal) -> str:
    told = []
    for name, field in signal.model.model_fields.items():
        if name in _COMMON:
            continue
        extra = field.json_schema_extra
        unit = extra.get("unit") if isinstance(extra, dict) else None
        told.append(f"`{name}`" + (f" {unit}" if unit else ""))
    return "、".join(told).replace("|", "\\|")


def _numbers(numbers: RuleNumbers | None) -> str:
    if numbers is None:
        return ""
    said = "、".join(f"{name} {value:g}" for name, value in numbers.numbers.items())
    return f"{said} [{numbers.mark}]"
