"""The clocks of a county as a page: what commands do to them, how long they run, how they press."""

from collections.abc import Iterator

from deploy.lines import all_lines
from shared.declaration.county.clocks_file import AllowanceLine
from shared.declaration.county.county import County
from shared.declaration.line import SOURCES
from shared.domain.actor import ROLE_NAMES, Role
from shared.domain.deadlines import CLOCK_NAMES, ClockKind
from shared.domain.escalation import LEVEL_NAMES, StepRule
from shared.domain.problem_clocks import KINDS, TABLE
from shared.domain.problem_rules import RULES
from shared.domain.reading import SEVERITY_NAMES

_ZH = {"register": "登记", "receive": "接到转办"}
_LEVELS = {"yellow": "黄色", "orange": "橙色", "red": "红色"}
_SOURCES = {term.code: term.zh for term in SOURCES}
_OWNER = "该谁办谁(工作线 / 承办单位和镇街 / 核查员)"


def page(county: County) -> str:
    """Markdown, made from the code and the county's clocks.yaml."""
    return "\n".join([*_head(county), *_commands(), *_rows(county), *_steps(county)]) + "\n"


def _head(county: County) -> Iterator[str]:
    hours = "、".join(f"{each.begin:%H:%M}–{each.end:%H:%M}" for each in county.calendar.hours)
    yield f"# 时限与督办 Clocks and escalation({county.about.name})"
    yield ""
    yield "Made from the code and the county's `clocks.yaml` by `tenlines clocks`; a test holds it to them."
    yield ""
    yield (
        "一个问题最多同时走三只钟:该谁动手,钟就对谁走;轮到别人时,自己的钟停着。"
        f"自然时间一直走;工作时间只在上班时间走({hours},按国家公布的节假日和调休,"
        "县里另有安排的写在 `calendar.yaml`)。尚未公布放假安排的年份先按周末推算,标为“暂定”。"
    )
    yield ""


def _commands() -> Iterator[str]:
    yield "## 各操作怎样影响计时 What each command does"
    yield ""
    yield "| 操作 | " + " | ".join(CLOCK_NAMES[kind] for kind in KINDS) + " | 说明 |"
    yield "|---" * (len(KINDS) + 2) + "|"
    for command, row in TABLE.items():
        zh = _ZH.get(command) or RULES[command].zh
        does = " | ".join(row.of(kind).value for kind in KINDS)
        yield f"| `{command}` {zh} | {does} | {row.why} |"
    yield ""
    yield (
        "其他操作不影响计时。等级调整(不论谁调):加重时,最多给从现在起的新时限;减轻时,按起算时就是新等级计;"
        "人指定的、上级规定的时限不变。申请延期(`ask-extension`)不停钟,批准(`extend`)前按原时限。"
        "同一过程的预警,每只钟只缩短一次;预警解除后不再恢复。"
    )
    yield ""


def _rows(county: County) -> Iterator[str]:
    kinds = [kind for kind in ClockKind if kind is not ClockKind.TASK]
    yield "## 时限 How long"
    yield ""
    yield "自上而下,先符合的一行为准。标注 mark:S 公开来源,H/M 凭记忆,D 默认,plan 方案规定。"
    yield ""
    yield "| 适用 | " + " | ".join(CLOCK_NAMES[kind] for kind in kinds) + " | 标注 | 来源 |"
    yield "|---" * (len(kinds) + 3) + "|"
    for row in county.clocks.rows:
        said = row.allowances
        cells = " | ".join(said[kind].zh if kind in said else "" for kind in kinds)
        yield f"| {_fits(row, county)} | {cells} | {row.mark} | {row.source or ''} |"
    yield ""
    for each in county.clocks.shortening:
        lines = "、".join(county.line_name(line) or line for line in each.lines)
        clocks = "、".join(CLOCK_NAMES[kind] for kind in each.clocks)
        levels = "、".join(_LEVELS[level] for level in each.levels)
        yield (
            f"重污染天气预警({levels})期间:{lines} 的 {clocks} 时限,剩余时间 × {each.factor:g}({each.mark})。"
        )
    yield ""


def _fits(row: AllowanceLine, county: County) -> str:
    parts = [
        *(county.line_name(line) or line for line in row.lines or ()),
        *(SEVERITY_NAMES[severity] for severity in row.severities or ()),
        *(f"来源“{_SOURCES[source]}”" for source in row.sources or ()),
        *(f"“{_category(category, row)}”" for category in row.categories or ()),
    ]
    return "、".join(parts) or "全部"


def _category(code: str, row: AllowanceLine) -> str:
    among = [line for line in all_lines() if row.lines is None or line.key in row.lines]
    return next((term.zh for line in among for term in line.categories if term.code == code), code)


def _steps(county: County) -> Iterator[str]:
    yield "## 督办 Escalation"
    yield ""
    yield "督办级别记在状态旁边,不是状态。每一步只办一次;错过的步骤补记,只发最高的一级。"
    yield ""
    yield "| 级别 | 何时 | 哪些钟 | 告知 |"
    yield "|---|---|---|---|"
    ladder = county.timing.ladder
    for step in ladder.steps:
        clocks = "、".join(CLOCK_NAMES[kind] for kind in ClockKind if kind in step.clocks)
        told = "、".join(_OWNER if who == "owner" else ROLE_NAMES[Role(who)] for who in step.told)
        name = f"{LEVEL_NAMES[step.level]} `{step.level.value}`"
        yield f"| {name} | {_when(step, ladder.share)} | {clocks} | {told} |"


def _when(step: StepRule, share: float) -> str:
    if step.after is None:
        return f"剩余时间还有 {share:.0%}"
    hours = step.after.total_seconds() / 3600
    return "到期" if not hours else f"超期 {hours:g} 小时"
