"""One work line, chosen above the dashboard: what its department looks at in the morning."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana import asking as ask
from deploy.grafana.county import OVERDUE_OF_TOWN, TIMELY_STEPS, TOWN_OF_SERIES
from deploy.grafana.panels import (
    CALM,
    GREEN,
    ORANGE,
    RED,
    Look,
    address,
    bars,
    choice,
    matrix,
    number,
    page,
    series,
)
from deploy.grafana.words import Words

_LINE = 'line="$line"'
_SMALL = (4, 5)
_OVERDUE = ("逾期清单 the overdue", "${gateway}/v1/problems?line=${line}&overdue=true&sort=due_at")
_OPEN = ("未销号清单 the open", "${gateway}/v1/problems?line=${line}&open=true&sort=next_due")


def line(words: Words, gateway: str) -> Dashboard:
    """`dashboards/line.json`."""
    return page(
        "tenlines-line",
        "工作线",
        "一条线的问题、任务和信号 / One line: its problems, tasks and signals",
        [choice("line", "工作线", words.lines), address("gateway", "网关地址", gateway)],
        {
            "问题 Problems": [
                number(
                    "未销号",
                    "该线正在办的问题 / Problems of the line that are open",
                    ask.or_zero(ask.open_problems(where=_LINE)),
                    Look(_SMALL, steps=((None, "blue"),), links=[_OPEN]),
                ),
                number(
                    "逾期",
                    "已过整改时限 / Past their deadline",
                    ask.or_zero(ask.overdue(where=_LINE)),
                    Look(_SMALL, steps=((None, GREEN), (1, ORANGE), (10, RED)), links=[_OVERDUE]),
                ),
                number(
                    "督办以上",
                    "督办、挂牌督办、约谈、通报 / Escalated to 督办 or beyond",
                    ask.or_zero(ask.pressed(where=_LINE)),
                    Look(_SMALL, steps=CALM),
                ),
                number(
                    "按期销号率(30 天)",
                    "按期申请销号的份额 / Share closed in time, 30 days",
                    ask.in_time(where=_LINE),
                    Look(
                        _SMALL, "percentunit", TIMELY_STEPS, decimals=1, no_value="近 30 天无销号"
                    ),
                ),
                number(
                    "反弹(30 天)",
                    "销号后又打开的次数 / Reopened in 30 days",
                    ask.or_zero(ask.risen("tenlines_problems_reopened_total", where=_LINE)),
                    Look(_SMALL, steps=CALM, decimals=0),
                ),
                number(
                    "在线副本",
                    "该线服务中能被读到的副本数 / Replicas of the line that answer",
                    'sum(up{job="tenlines",service="$line"})',
                    Look(_SMALL, steps=((None, RED), (1, GREEN))),
                ),
                matrix(
                    "状态 × 等级",
                    "该线的问题各在哪一步 / Problems by state and severity",
                    "status",
                    "severity",
                    ask.problems("status", "severity", where=_LINE),
                    Look((8, 10), names={**words.statuses, **words.severities}),
                ),
                bars(
                    "未销号(按镇街)",
                    "点开看该镇街 / Open problems by town",
                    "{{town}}",
                    f"sort_desc({ask.open_problems('town', where=_LINE)})",
                    Look(
                        (8, 10),
                        steps=((None, "blue"),),
                        names=words.towns,
                        links=[TOWN_OF_SERIES, OVERDUE_OF_TOWN],
                    ),
                ),
                series(
                    "办理用时",
                    "从立案到销号的自然小时,近 30 天 / Hours from registering to closing, 30 days",
                    {
                        name: ask.quantile(
                            share, "tenlines_problem_handling_hours", where=_LINE, over="[30d]"
                        )
                        for name, share in {"中位数 median": 0.5, "九成 P90": 0.9}.items()
                    },
                    Look((8, 10), "h", no_value="近 30 天无销号"),
                ),
                series(
                    "销号与反弹(每天)",
                    "按期、逾期销号和反弹的次数 / Closings in time or late, and reopenings, a day",
                    {
                        "按期": ask.risen(
                            "tenlines_problems_closed_total",
                            where=f'{_LINE},in_time="yes"',
                            over="1d",
                        ),
                        "逾期": ask.risen(
                            "tenlines_problems_closed_total",
                            where=f'{_LINE},in_time="no"',
                            over="1d",
                        ),
                        "反弹": ask.risen(
                            "tenlines_problems_reopened_total", where=_LINE, over="1d"
                        ),
                    },
                    Look((12, 8)),
                ),
                series(
                    "时间引起的变更(每小时)",
                    "提醒、督办和预警缩短时限 / Escalations and shortened clocks, an hour",
                    {
                        "督办升级": ask.risen(
                            "tenlines_steps_total", where=f'{_LINE},what="escalate"', over="1h"
                        ),
                        "缩短时限": ask.risen(
                            "tenlines_steps_total", where=f'{_LINE},what="shorten"', over="1h"
                        ),
                    },
                    Look((12, 8)),
                ),
            ],
            "任务 Tasks": [
                bars(
                    "任务(按状态)",
                    "今天的状态 / Tasks as they stand today",
                    "{{status}}",
                    'max by (status) (tenlines_tasks{service="gateway",line="$line"})',
                    Look((8, 8), steps=((None, "blue"),), names=words.task_statuses),
                ),
                bars(
                    "指标完成率",
                    "1 为达到目标;没有报数的不显示 / How far the line's numbers are",
                    "{{clause}} {{indicator}}",
                    "sort(min by (clause, indicator) "
                    '(tenlines_indicator_ratio{service="gateway",line="$line"}))',
                    Look(
                        (16, 8),
                        "percentunit",
                        ((None, RED), (0.7, ORANGE), (1, GREEN)),
                        no_value="还没有报数",
                    ),
                ),
            ],
            "信号与规则 Signals and rules": [
                series(
                    "信号(每秒)",
                    "采纳、重复、读不懂 / Signals a second, by what became of them",
                    {
                        "{{outcome}}": "sum by (outcome) "
                        f"(rate(tenlines_signals_total{{{_LINE}}}{ask.RATE}))"
                    },
                    Look(
                        (8, 9),
                        names={"taken": "采纳", "copy": "重复", "unreadable": "读不懂"},
                        no_value="该线不收信号,或没有信号",
                    ),
                ),
                series(
                    "发现(每小时,按规则)",
                    "规则的发现及去向 / Findings an hour by rule and what became of them",
                    {
                        "{{rule}} {{outcome}}": ask.risen(
                            "tenlines_findings_total", "rule", "outcome", where=_LINE, over="1h"
                        )
                    },
                    Look((8, 9)),
                ),
                series(
                    "命令(每分钟,按结果)",
                    "处理器的答复 / Commands a minute by name and outcome",
                    {
                        "{{command}} {{outcome}}": ask.risen(
                            "tenlines_commands_total", "command", "outcome", where=_LINE, over="5m"
                        )
                        + " / 5"
                    },
                    Look((8, 9)),
                ),
            ],
        },
    )
