"""The county at a glance: the wall screen of the coordinator."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana import asking as ask
from deploy.grafana.panels import (
    CALM,
    GREEN,
    ORANGE,
    RED,
    YELLOW,
    Column,
    Look,
    address,
    bars,
    listing,
    matrix,
    number,
    page,
    series,
)
from deploy.grafana.words import Words

TO_LINE = ("打开该线 open the line", "/d/tenlines-line?var-line=${__value.raw}")
LINE_OF_SERIES = ("打开该线 open the line", "/d/tenlines-line?var-line=${__field.labels.line}")
OVERDUE_OF_LINE = (
    "逾期清单 the overdue",
    "${gateway}/v1/problems?line=${__field.labels.line}&overdue=true&sort=due_at",
)
TOWN_OF_SERIES = ("打开该镇街 open the town", "/d/tenlines-town?var-town=${__field.labels.town}")
OVERDUE_OF_TOWN = (
    "逾期清单 the overdue",
    "${gateway}/v1/problems?town=${__field.labels.town}&overdue=true&sort=due_at",
)
WARNINGS = {
    "0": ("无预警", GREEN),
    "1": ("黄色预警", YELLOW),
    "2": ("橙色预警", ORANGE),
    "3": ("红色预警", RED),
}
AQI_STEPS = (
    (None, GREEN), (51, YELLOW), (101, ORANGE), (151, RED), (201, "purple"), (301, "dark-red"),
)  # fmt: skip
TIMELY_STEPS = ((None, RED), (0.8, ORANGE), (0.95, GREEN))
_SMALL = (4, 5)


def county(words: Words, gateway: str) -> Dashboard:
    """`dashboards/county.json`."""
    return page(
        "tenlines-county",
        f"{words.county} · 十条工作线",
        "一屏看全县:预警、逾期、督办、镇街、指标 / The county's wall screen",
        [address("gateway", "网关地址", gateway)],
        {
            "此刻 Now": [
                number(
                    "重污染天气预警",
                    "重污染天气应对线认定的级别 / The warning in force, by the episode line",
                    "max(tenlines_episode_level)",
                    Look(_SMALL, values=WARNINGS, steps=((None, GREEN), (1, YELLOW), (2, RED))),
                ),
                number(
                    "未销号问题",
                    "全县正在办的问题 / Problems that are still open",
                    ask.or_zero(ask.open_problems()),
                    Look(_SMALL, steps=((None, "blue"),)),
                ),
                number(
                    "逾期问题",
                    "已过整改时限、轮到整改单位的 / Past their deadline, with the unit",
                    ask.or_zero(ask.overdue()),
                    Look(_SMALL, steps=((None, GREEN), (1, ORANGE), (20, RED))),
                ),
                number(
                    "督办以上",
                    "督办、挂牌督办、约谈、通报 / Escalated to 督办 or beyond",
                    ask.or_zero(ask.pressed()),
                    Look(_SMALL, steps=((None, GREEN), (1, ORANGE), (10, RED))),
                ),
                number(
                    "按期销号率(30 天)",
                    "30 天内销号的问题中按期申请的份额 / Share closed in time, 30 days",
                    ask.in_time(),
                    Look(
                        _SMALL, "percentunit", TIMELY_STEPS, decimals=1, no_value="近 30 天无销号"
                    ),
                ),
                number(
                    "最高 AQI",
                    "各站最近一小时 AQI 的最大值 / Highest station AQI of the newest hour",
                    "max(tenlines_station_aqi)",
                    Look(_SMALL, steps=AQI_STEPS),
                ),
            ],
            "十条线 The ten lines": [
                listing(
                    "十条线并列",
                    "逾期、未销号、督办以上,近 30 天反弹,近 7、30 天按期率;点线名看该线 "
                    "/ The lines side by side; click one to open it",
                    "line",
                    "工作线",
                    [
                        Column("逾期", ask.each_line(ask.overdue("line")), steps=CALM),
                        Column("未销号", ask.each_line(ask.open_problems("line"))),
                        Column("督办以上", ask.each_line(ask.pressed("line")), steps=CALM),
                        Column(
                            "反弹(30 天)",
                            ask.each_line(ask.risen("tenlines_problems_reopened_total", "line")),
                        ),
                        Column("按期率(7 天)", ask.in_time("line", over="7d"), "percentunit"),
                        Column("按期率(30 天)", ask.in_time("line"), "percentunit"),
                    ],
                    # A line that closed nothing has no share of it.
                    Look((12, 11), names=words.lines, links=[TO_LINE], no_value="–"),
                ),
                bars(
                    "各线逾期",
                    "有颜色的线有逾期;点开看清单 / Overdue problems by line; click for the list",
                    "{{line}}",
                    ask.each_line(ask.overdue("line")),
                    Look(
                        (12, 11),
                        steps=((None, GREEN), (1, ORANGE), (10, RED)),
                        names=words.lines,
                        links=[LINE_OF_SERIES, OVERDUE_OF_LINE],
                    ),
                ),
                matrix(
                    "问题:工作线 × 状态",
                    "从立案到销号,各在哪一步 / Problems by line and state",
                    "line",
                    "status",
                    ask.problems("line", "status"),
                    Look((12, 11), names={**words.lines, **words.statuses}),
                ),
                matrix(
                    "督办:工作线 × 级别",
                    "未销号问题已达到的最高级别 / Open problems by highest level of escalation",
                    "line",
                    "level",
                    "sum by (line, level) (max by (line, level) "
                    '(tenlines_problems_escalated{service="gateway"}))',
                    Look((12, 11), names={**words.lines, **words.levels}),
                ),
            ],
            "镇街与指标 Towns and targets": [
                bars(
                    "逾期最多的镇街",
                    "前五名;点开看该镇街 / The five towns with most overdue problems",
                    "{{town}}",
                    f"topk(5, {ask.overdue('town')})",
                    Look(
                        (8, 10),
                        steps=((None, ORANGE), (10, RED)),
                        names=words.towns,
                        links=[TOWN_OF_SERIES, OVERDUE_OF_TOWN],
                        no_value="没有逾期",
                    ),
                ),
                bars(
                    "方案指标完成率",
                    "1 为达到目标,最低的在前;没有报数的不显示 "
                    "/ How far the plan's numbers are, 100 % being the target",
                    "{{clause}} {{indicator}}",
                    "sort(min by (clause, indicator) (max by (line, clause, indicator, town) "
                    '(tenlines_indicator_ratio{service="gateway"})))',
                    Look(
                        (8, 10),
                        "percentunit",
                        ((None, RED), (0.7, ORANGE), (1, GREEN)),
                        no_value="还没有报数",
                    ),
                ),
                matrix(
                    "任务:工作线 × 状态",
                    "今天的状态;到期未完成的须催报 / Tasks as they stand today",
                    "line",
                    "status",
                    'max by (line, status) (tenlines_tasks{service="gateway"})',
                    Look((8, 10), names={**words.lines, **words.task_statuses}),
                ),
            ],
            "空气与走势 Air and course": [
                matrix(
                    "各站最近一小时",
                    "µg/m³,CO 为 mg/m³ / Newest hourly values by station",
                    "station",
                    "pollutant",
                    "max by (station, pollutant) (tenlines_station_value)",
                    Look((8, 9), names=words.stations),
                ),
                series(
                    "各站 AQI",
                    "每小时一个值 / Hourly AQI by station",
                    {"{{station}}": "max by (station) (tenlines_station_aqi)"},
                    Look((8, 9), steps=AQI_STEPS, names=words.stations),
                ),
                series(
                    "未销号问题(按工作线)",
                    "积压是升是降 / Open problems over time, by line",
                    {"{{line}}": ask.open_problems("line")},
                    Look((8, 9), names=words.lines, links=[LINE_OF_SERIES]),
                    stacked=True,
                ),
            ],
        },
        since="now-7d",
    )
