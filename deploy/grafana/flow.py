"""Flow and health: from signals to the gateway, for whoever is on call."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana import asking as ask
from deploy.grafana.panels import (
    CALM,
    GREEN,
    ORANGE,
    RED,
    Look,
    bars,
    matrix,
    number,
    page,
    series,
)
from deploy.grafana.words import Words

_LIGHTS = {"0": ("离线", RED), "1": ("在线", GREEN)}
_MINUTE_LATE = ((None, "transparent"), (60, RED))
_SMALL = (4, 4)
_BY_PEOPLE = 'route!~"/metrics|/healthz|/readyz.*|/v1/stream"'
"""Machines ask most often, and a stream lasts for hours."""


def flow(words: Words, gateway: str) -> Dashboard:
    """`dashboards/flow.json`."""
    lines, processes = words.lines, {**words.lines, "gateway": "网关"}

    def age(metric: str) -> dict[str, str]:
        return {"{{line}}": ask.quantile(0.95, metric, "line", over="[5m]")}

    return page(
        "tenlines-flow",
        "流转与健康",
        "信号怎样走到网关,哪里卡住 / From signal to gateway, and what is stuck where",
        [],
        {
            "此刻 Now": [
                number(
                    "正在告警",
                    "规则和处理步骤见 docs/runbooks / Alerts that fire now",
                    ask.or_zero('count(ALERTS{alertstate="firing"})'),
                    Look(_SMALL, steps=((None, GREEN), (1, RED))),
                ),
                number(
                    "死信(24 小时)",
                    "放弃处理的消息,可重放 / Messages given up in 24 hours",
                    ask.or_zero(ask.risen("tenlines_dead_letters_total", over="24h")),
                    Look(_SMALL, steps=CALM, decimals=0),
                ),
                number(
                    "网关落后",
                    "读模型尚未读取的记录 / Records that the gateway has yet to read",
                    'max(sum by (instance) (tenlines_topic_lag{service="gateway"}))',
                    Look(_SMALL, steps=((None, GREEN), (100, ORANGE), (1000, RED))),
                ),
                number(
                    "最久未发布",
                    "各线发件箱最早一条的等待 / Age of the oldest change not yet published",
                    "max(tenlines_relay_oldest_seconds)",
                    Look(_SMALL, "s", ((None, GREEN), (15, ORANGE), (60, RED))),
                ),
                number(
                    "重启(1 小时)",
                    "所有进程的启动次数变化 / Restarts of our processes in an hour",
                    "sum(changes(tenlines_start_time_seconds[1h]))",
                    Look(_SMALL, steps=((None, GREEN), (1, ORANGE), (5, RED))),
                ),
                number(
                    "磁盘剩余",
                    "数据所在磁盘中最少的 / Free share of the fullest disk",
                    "min(tenlines_disk_free_bytes / tenlines_disk_size_bytes)",
                    Look(
                        _SMALL,
                        "percentunit",
                        ((None, RED), (0.1, ORANGE), (0.33, GREEN)),
                        decimals=0,
                    ),
                ),
                number(
                    "服务在线",
                    "Prometheus 能否读到该服务的指标;离线时先看其日志 / Services that answer",
                    'min by (service) (up{job="tenlines"})',
                    Look((24, 5), values=_LIGHTS, steps=((None, RED), (1, GREEN)), names=processes),
                    legend="{{service}}",
                ),
                matrix(
                    "就绪检查",
                    "1 正常,0 不正常;/readyz 说明原因 / Each check of /readyz",
                    "service",
                    "check",
                    "min by (service, check) (tenlines_ready)",
                    Look((12, 11), names=processes),
                ),
                series(
                    "版本与副本",
                    "升级之后应只剩一个版本 / Replicas by version",
                    {"{{version}}": "count by (version) (tenlines_build_info)"},
                    Look((12, 11)),
                ),
            ],
            "信号 Signals": [
                series(
                    "信号(每秒,按工作线)",
                    "采纳的信号 / Signals taken a second",
                    {
                        "{{line}}": "sum by (line) "
                        f'(rate(tenlines_signals_total{{outcome="taken"}}{ask.RATE}))'
                    },
                    Look((8, 8), names=lines),
                ),
                series(
                    "读不懂与重复(每小时)",
                    "格式不对的转入死信 / Unreadable signals and copies, an hour",
                    {
                        "{{line}} {{outcome}}": ask.risen(
                            "tenlines_signals_total",
                            "line",
                            "outcome",
                            where='outcome!="taken"',
                            over="1h",
                        )
                    },
                    Look((8, 8)),
                ),
                series(
                    "信号处理时的年龄 P95",
                    "观测到处理 / Age of signals when rules take them",
                    age("tenlines_signal_age_seconds"),
                    Look((8, 8), "s", names=lines),
                ),
                series(
                    "发现(每小时,按去向)",
                    "立案、并入、误报等 / Findings an hour by what became of them",
                    {"{{outcome}}": ask.risen("tenlines_findings_total", "outcome", over="1h")},
                    Look((8, 8)),
                ),
                series(
                    "主题积压(按主题)",
                    "消费组已提交位置之后的记录,前十 / Records past the committed offset, top ten",
                    {
                        "{{service}} ← {{topic}}": "topk(10, sum by (service, topic) "
                        "(max by (service, topic, partition) (tenlines_topic_lag)))"
                    },
                    Look((8, 8)),
                ),
                series(
                    "已提交(每秒,按主题)",
                    "提交位置的前进,前十 / Progress of committed offsets, top ten",
                    {
                        "{{service}} ← {{topic}}": "topk(10, sum by (service, topic) "
                        "(max by (service, topic, partition) "
                        f"(rate(tenlines_topic_committed_offset{ask.RATE}))))"
                    },
                    Look((8, 8)),
                ),
            ],
            "命令与变更 Commands and changes": [
                series(
                    "命令(每秒,按结果)",
                    "处理器的答复 / Answers of the handler a second",
                    {
                        "{{line}} {{outcome}}": "sum by (line, outcome) "
                        f"(rate(tenlines_commands_total{ask.RATE}))"
                    },
                    Look((8, 8)),
                ),
                series(
                    "处理一条命令 P95",
                    "读、定、写 / Time to read, decide and write",
                    age("tenlines_command_seconds"),
                    Look((8, 8), "s", names=lines),
                ),
                series(
                    "待处理(按工作线)",
                    "本副本尚未读取的和在手的 / Records to read and in hand",
                    {
                        "{{line}} 未读": "sum by (line) (tenlines_stream_lag)",
                        "{{line}} 在手": "sum by (line) (tenlines_stream_in_hand)",
                    },
                    Look((8, 8)),
                ),
                series(
                    "距上次进展",
                    "有积压而此值上升即停滞 / Seconds since a part last got on",
                    # Of relays one leads and the others wait; of streams each has its own share.
                    {
                        "{{line}} {{part}}": "min by (line, part) "
                        '(tenlines_last_progress_seconds{part="relay"}) or max by (line, part) '
                        '(tenlines_last_progress_seconds{part!="relay"})'
                    },
                    Look((8, 8), "s", _MINUTE_LATE),
                ),
                series(
                    "发件箱:最早一条",
                    "已生效而尚未发布;超过一分钟即告警 / Oldest change that is not yet published",
                    {"{{line}}": "max by (line) (tenlines_relay_oldest_seconds)"},
                    Look((8, 8), "s", _MINUTE_LATE, names=lines),
                ),
                series(
                    "发件箱:条目数",
                    "有变更尚待发布的条目 / Entries with changes to publish",
                    {"{{line}}": "max by (line) (tenlines_relay_backlog)"},
                    Look((8, 8), names=lines),
                ),
                series(
                    "提醒和督办迟到",
                    "最早一个到时未办的步骤 / How late the earliest due step is",
                    {"{{line}}": "max by (line) (tenlines_sweeper_late_seconds)"},
                    Look((8, 8), "s", ((None, "transparent"), (120, RED)), names=lines),
                ),
                series(
                    "死信(每小时)",
                    "tenlines dead-letters list 线名 / Dead letters an hour by line",
                    {"{{line}}": ask.risen("tenlines_dead_letters_total", "line", over="1h")},
                    Look((8, 8), names=processes),
                ),
                series(
                    "客户端错误(每小时)",
                    "访问 MongoDB、Kafka 的失败 / Failed calls to the engines, an hour",
                    {
                        "{{client}} {{error}}": ask.risen(
                            "tenlines_client_errors_total", "client", "error", over="1h"
                        )
                    },
                    Look((8, 8)),
                ),
            ],
            "网关 Gateway": [
                series(
                    "写入读模型(每秒)",
                    "网关的吞吐 / Records a second into the read model",
                    {"记录 records": f"sum(rate(tenlines_projected_total{ask.RATE}))"},
                    Look((8, 8)),
                ),
                series(
                    "变更到可见 P95",
                    "从变更到网关可见 / From a change to its being visible",
                    age("tenlines_visible_age_seconds"),
                    Look((8, 8), "s", names=lines),
                ),
                series(
                    "推送(每小时,按结果)",
                    "delivered 送达;failed、dead 看对方答复 / Messages to webhooks, an hour",
                    {
                        "{{format}} {{outcome}}": ask.risen(
                            "tenlines_webhook_tries_total", "format", "outcome", over="1h"
                        ),
                        "待推送 waiting": "max(tenlines_webhook_waiting)",
                    },
                    Look((8, 8)),
                ),
                series(
                    "请求(每秒,按路由和状态码)",
                    "5xx 是我们的错;503 数据库或消息系统暂不可达 / Requests a second, top ten",
                    {
                        "{{route}} {{status}}": "topk(10, sum by (route, status) "
                        f"(rate(tenlines_http_requests_total{ask.RATE})))"
                    },
                    Look((8, 8), "reqps"),
                ),
                series(
                    "请求耗时",
                    "半数、95%、99% 的请求在此时间内答复,不计探测和实时流 / Time to answer",
                    {
                        f"P{share:.0f}": ask.quantile(
                            share / 100, "tenlines_http_request_seconds", where=_BY_PEOPLE
                        )
                        for share in (50, 95, 99)
                    },
                    Look((8, 8), "s"),
                ),
                series(
                    "程序异常(每小时)",
                    "应始终为零;日志中的 request crashed / Requests that crashed, an hour",
                    {
                        "异常 crashes": ask.or_zero(
                            ask.risen("tenlines_http_crashes_total", over="1h")
                        )
                    },
                    Look((8, 8), steps=((None, "transparent"), (1, RED))),
                ),
            ],
            "机器 Machine": [
                bars(
                    "磁盘剩余",
                    "database 是 MongoDB 的磁盘,uploads 是网关暂存上传处 / Free share of each disk",
                    "{{of}}",
                    "min by (of) (tenlines_disk_free_bytes / tenlines_disk_size_bytes)",
                    Look(
                        (8, 8),
                        "percentunit",
                        ((None, RED), (0.1, ORANGE), (0.33, GREEN)),
                        names={"database": "数据库", "uploads": "上传暂存"},
                    ),
                ),
                series(
                    "内存(按服务)",
                    "常驻内存;持续上升须重启并报告 / Resident memory of each process",
                    {
                        "{{service}}": "max by (service) "
                        '(process_resident_memory_bytes{job="tenlines"})'
                    },
                    Look((8, 8), "bytes", names=processes),
                ),
                series(
                    "CPU(按服务)",
                    "占用的核数 / Cores used by each process",
                    {
                        "{{service}}": "sum by (service) (rate(process_cpu_seconds_total"
                        f'{{job="tenlines"}}{ask.RATE}))'
                    },
                    Look((8, 8), names=processes),
                ),
            ],
        },
        since="now-3h",
    )
