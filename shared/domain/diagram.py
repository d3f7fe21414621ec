"""The life of a problem as a page, made from the table, so that it can never say something else."""

from collections.abc import Iterator

from shared.domain.actor import ROLE_NAMES, Role
from shared.domain.problem import STATUS_NAMES, Status
from shared.domain.problem_rules import REGISTER_ROLES, RULES
from shared.domain.rule import Rule


def page() -> str:
    """Markdown with a Mermaid state diagram and the table of commands."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# 问题的一生 The life of a problem"
    yield ""
    yield "Made from the code by `tenlines transitions`; a test holds it to the table."
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for status in Status:
        yield f"    {status.value}: {STATUS_NAMES[status]} {status.value}"
    yield "    [*] --> registered: register 登记"
    for rule in _public():
        for source in Status:
            if rule.to is not None and source in rule.sources:
                yield f"    {source.value} --> {rule.to}: {rule.command} {rule.zh}"
    yield "```"
    yield ""
    yield "| 命令 command | 从 from | 到 to | 角色 roles | 限本单位 | If-Match |"
    yield "|---|---|---|---|---|---|"
    yield f"| `register` 登记 | — | registered 立案 | {_roles(REGISTER_ROLES)} |  |  |"
    for rule in _public():
        sources = "、".join(STATUS_NAMES[s] for s in Status if s in rule.sources)
        to = rule.to_varies or (f"{rule.to} {STATUS_NAMES[Status(rule.to)]}" if rule.to else "不变")
        own, version = ("是" if flag else "" for flag in (rule.own_unit, rule.needs_version))
        yield (
            f"| `{rule.command}` {rule.zh} | {sources} | {to} | {_roles(rule.roles)}"
            f" | {own} | {version} |"
        )


def _public() -> list[Rule]:
    return [rule for rule in RULES.values() if not rule.internal]


def _roles(roles: frozenset[Role]) -> str:
    return "、".join(ROLE_NAMES[role] for role in Role if role in roles)
