"""The dashboard that operations looks at first: does everything run, and does work get through."""

from __future__ import annotations

from typing import Any

from deploy.grafana.panels import bars, choice, lights, matrix, placed, series

_CHOSEN = 'service=~"$service"'
_RATE = "[$__rate_interval]"


def overview() -> dict[str, Any]:
    """`dashboards/overview.json`."""
    return {
        "uid": "tenlines-overview",
        "title": "十条工作线 · 运行总览",
        "tags": ["tenlines"],
        "timezone": "Asia/Shanghai",
        "schemaVersion": 41,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [choice("service", "服务", 'label_values(up{job="tenlines"}, service)')]
        },
        "panels": placed(
            [
                lights(
                    "服务在线",
                    "Prometheus 能否读到该服务的指标；离线时先看 docker compose ps 和该服务的日志。",
                    "{{service}}",
                    'up{job="tenlines"}',
                ),
                matrix(
                    "问题数（按工作线和状态）",
                    "各线当前的问题，从立案到销号，以网关所见为准。",
                    "line",
                    "status",
                    # The gateway speaks of all lines; `max`, as its replicas say the same.
                    "sum by (line, status) (max by (line, status, severity, town) "
                    '(tenlines_problems{service="gateway"}))',
                ),
                bars(
                    "逾期问题（按工作线）",
                    "现在已超过办理期限的问题。",
                    "{{line}}",
                    "sum by (line) (max by (line, town) "
                    '(tenlines_problems_overdue{service="gateway"}))',
                ),
                series(
                    "请求速率（按路由和状态码）",
                    "每秒请求数。5xx 是我们的错，503 表示数据库或消息系统暂时连不上。",
                    {
                        "{{route}} {{status}}": "sum by (route, status) "
                        f"(rate(tenlines_http_requests_total{{{_CHOSEN}}}{_RATE}))"
                    },
                    unit="reqps",
                ),
                series(
                    "请求耗时",
                    "半数、95%、99% 的请求在此时间内答复。",
                    {
                        f"P{share}": f"histogram_quantile(0.{share}, sum by (le) "
                        f"(rate(tenlines_http_request_seconds_bucket{{{_CHOSEN}}}{_RATE})))"
                        for share in (50, 95, 99)
                    },
                    unit="s",
                ),
                series(
                    "命令结果（按工作线，每 5 分钟）",
                    "applied 已生效，accepted 已受理待答复，unavailable 暂不可用，其余为退回的原因。",
                    {
                        "{{service}} {{outcome}}": "sum by (service, outcome) "
                        f"(increase(tenlines_http_commands_total{{{_CHOSEN}}}[5m]))"
                    },
                ),
                series(
                    "程序异常（按路由，每 5 分钟）",
                    "以意外的异常结束的请求；应始终为零，否则请看日志中的 request crashed。",
                    {
                        "{{service}} {{route}}": "sum by (service, route) "
                        f"(increase(tenlines_http_crashes_total{{{_CHOSEN}}}[5m]))"
                    },
                ),
                bars(
                    "死信（按工作线）",
                    "服务启动以来放弃处理的消息；用 tenlines dead-letters list 线名 查看原因并重放。",
                    "{{line}}",
                    "sum by (line) (tenlines_dead_letters_total)",
                ),
                series(
                    "发件箱积压（按工作线）",
                    "已生效但尚未发布到 Kafka 的事件；持续上升说明 Kafka 不可达或转发停滞。",
                    {"{{line}}": "max by (line) (tenlines_relay_backlog)"},
                ),
                series(
                    "距上次进展（按工作线和环节）",
                    "各环节上次向前推进至今的时间；有积压而此值持续上升即为停滞。",
                    {"{{line}} {{part}}": "min by (line, part) (tenlines_last_progress_seconds)"},
                    unit="s",
                ),
            ]
        ),
    }
