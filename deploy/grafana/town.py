"""One town or park, chosen above the dashboard."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana import asking as ask
from deploy.grafana.county import LINE_OF_SERIES
from deploy.grafana.panels import (
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

_TOWN = 'town="$town"'
_SMALL = (6, 5)
_OPEN = ("未销号清单 the open", "${gateway}/v1/problems?town=${town}&open=true&sort=next_due")
_OVERDUE = ("逾期清单 the overdue", "${gateway}/v1/problems?town=${town}&overdue=true&sort=due_at")
_OF_LINE = (
    "该线在本镇街的清单 the list",
    "${gateway}/v1/problems?town=${town}&line=${__field.labels.line}&open=true",
)


def town(words: Words, gateway: str) -> Dashboard:
    """`dashboards/town.json`."""
    return page(
        "tenlines-town",
        "镇街",
        "一个镇街在十条线上的问题 / One town over all ten lines",
        [choice("town", "镇街", words.towns), address("gateway", "网关地址", gateway)],
        {
            "此刻 Now": [
                number(
                    "未销号",
                    "属于该镇街、正在办的 / Open problems of the town",
                    ask.or_zero(ask.open_problems(where=_TOWN)),
                    Look(_SMALL, steps=((None, "blue"),), links=[_OPEN]),
                ),
                number(
                    "逾期",
                    "已过整改时限 / Past their deadline",
                    ask.or_zero(ask.overdue(where=_TOWN)),
                    Look(_SMALL, steps=((None, GREEN), (1, ORANGE), (5, RED)), links=[_OVERDUE]),
                ),
                number(
                    "严重问题",
                    "未销号的严重问题 / Critical problems that are open",
                    ask.or_zero(ask.open_problems(where=f'{_TOWN},severity="critical"')),
                    Look(_SMALL, steps=((None, GREEN), (1, RED))),
                ),
                number(
                    "已销号",
                    "累计 / Closed, in all",
                    ask.or_zero(ask.problems(where=f'{_TOWN},status="closed"')),
                    Look(_SMALL, steps=((None, "blue"),)),
                ),
            ],
            "在哪里 Where": [
                bars(
                    "未销号(按工作线)",
                    "点开看该线,或该线在本镇街的清单 / Open problems of the town by line",
                    "{{line}}",
                    f"sort_desc({ask.open_problems('line', where=_TOWN)})",
                    Look(
                        (12, 10),
                        steps=((None, "blue"),),
                        names=words.lines,
                        links=[LINE_OF_SERIES, _OF_LINE],
                    ),
                ),
                bars(
                    "逾期(按工作线)",
                    "哪条线欠得最多 / Overdue problems of the town by line",
                    "{{line}}",
                    f"sort_desc({ask.overdue('line', where=_TOWN)})",
                    Look(
                        (12, 10),
                        steps=((None, ORANGE), (5, RED)),
                        names=words.lines,
                        links=[LINE_OF_SERIES, _OVERDUE],
                        no_value="没有逾期",
                    ),
                ),
                matrix(
                    "工作线 × 状态",
                    "各在哪一步 / Problems of the town by line and state",
                    "line",
                    "status",
                    ask.problems("line", "status", where=_TOWN),
                    Look((24, 10), names={**words.lines, **words.statuses}),
                ),
            ],
            "走势 Course": [
                series(
                    "未销号与逾期",
                    "积压是升是降 / Open and overdue problems over time",
                    {
                        "未销号": ask.or_zero(ask.open_problems(where=_TOWN)),
                        "逾期": ask.or_zero(ask.overdue(where=_TOWN)),
                    },
                    Look((12, 9)),
                ),
                series(
                    "未销号(按等级)",
                    "严重的是多是少 / Open problems of the town by severity",
                    {"{{severity}}": ask.open_problems("severity", where=_TOWN)},
                    Look((12, 9), names=words.severities),
                    stacked=True,
                ),
            ],
        },
        since="now-7d",
    )
