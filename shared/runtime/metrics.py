"""Every metric there is. Labels are bounded: lines, towns, routes, states; never an entry's id.

`docs/metrics.md` is written from here (`python -m deploy.metrics_page`).
"""

from shared.runtime.measuring import counter, gauge, histogram, table

_REQUEST = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_AGE = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 7200, 86400)

# What the county works on.
PROBLEMS = table(
    "tenlines_problems",
    "问题数:按工作线、状态、严重程度、镇街(none 为未定镇街) / Problems there are now.",
    ("line", "status", "severity", "town"),
    wrong="网关与该线自报之数长期不同:运行 tenlines verify;全部为零:看 /readyz 的 database 一项。",
)
PROBLEMS_OVERDUE = table(
    "tenlines_problems_overdue",
    "现在已超过整改时限的问题数 / Problems past their rectification deadline now.",
    ("line", "town"),
    wrong="打开网关 /v1/problems?overdue=true&line=…,催办责任单位;时限是否合理见 docs/clocks.md。",
)
PROBLEMS_ESCALATED = table(
    "tenlines_problems_escalated",
    "未销号问题数,按已达到的最高督办级别 / Open problems by the highest level of escalation reached.",
    ("line", "level"),
    wrong="listed 以上增加:GET /v1/problems?level=listed&line=…,由统筹逐个过问。",
)
TASKS = table(
    "tenlines_tasks",
    "未终止的任务数:按工作线和今天的状态 / Tasks that have not ended, as they stand today.",
    ("line", "status"),
    wrong="overdue_unmet 增加:GET /v1/tasks?status=overdue_unmet&line=…,催报进展或调整目标。",
)
INDICATOR_RATIO = table(
    "tenlines_indicator_ratio",
    "方案指标的完成率,1 为达到目标;另立的任务为 other / How far the plan's indicators are.",
    ("line", "clause", "indicator", "town"),
    wrong="低于时间进度:打开该条款的任务,看存在困难和下步措施;大于 3 多为单位填错。",
)
HANDLING_HOURS = histogram(
    "tenlines_problem_handling_hours",
    "从立案到销号的自然小时 / Hours from registering to closing, seen when it closed.",
    ("line", "severity"),
    buckets=(1, 4, 12, 24, 48, 72, 120, 168, 240, 360, 720, 1440, 2160),
    unit="hours",
    wrong="某线忽然变长:看该线的督办级别和镇街分布;多为验收积压(待验收不计单位时限)。",
)
CLOSED = counter(
    "tenlines_problems_closed_total",
    "销号的次数,in_time 为是否按期(yes/no) / Closings, by whether the unit was in time.",
    ("line", "in_time"),
    wrong="按期率下降:对照同期逾期和督办,查是否时限变短(重污染天气预警会缩短)。",
)
REOPENED = counter(
    "tenlines_problems_reopened_total",
    "销号后又重新打开的次数 / Closed problems that were opened again.",
    ("line",),
    wrong="反复增加:抽查验收质量(GET /v1/spot-checks),看异议(object)的理由。",
)
STEPS = counter(
    "tenlines_steps_total",
    "时间自己引起的变更:escalate 督办升级,shorten 缩短时限 / Changes that time itself made.",
    ("line", "what"),
    wrong="一天之内突增:多为停机后补记;只发最高一级,历史中逐级可查。",
)
SIGNALS = counter(
    "tenlines_signals_total",
    "收到的信号:taken 采纳,followed 采纳的别线信号,copy 重复,unreadable 读不懂 / Signals taken in.",
    ("line", "outcome"),
    wrong="unreadable 增加:tenlines dead-letters list 线名,看原因和来源设备;采纳停止:看设备与主题。",
)
SIGNAL_AGE = histogram(
    "tenlines_signal_age_seconds",
    "信号被处理时距观测时刻的秒数 / Age of a signal (observed to now) when rules take it.",
    ("line",),
    buckets=_AGE,
    wrong="变大而 tenlines_stream_lag 不大:设备或平台补传;两者都大:该线处理不过来。",
)
FINDINGS = counter(
    "tenlines_findings_total",
    "规则的发现及去向,rule 为 other 表示来自别的线 / Findings by rule and what became of them.",
    ("line", "rule", "outcome"),
    wrong="某规则突增:查看该规则的设备是否故障;refused 不应出现,见死信中的原因。",
)
STATION_AQI = table(
    "tenlines_station_aqi",
    "空气站最近一小时的 AQI / A station's AQI of its newest hour.",
    ("station",),
    wrong="某站长期不变或缺失:看该站最近的信号;高于周边:高值区线应已立案。",
)
STATION_VALUE = table(
    "tenlines_station_value",
    "空气站最近一小时的浓度,µg/m³,CO 为 mg/m³ / A station's newest hourly value, CO in mg/m³.",
    ("station", "pollutant"),
    wrong="同一数值不变:传感器故障;CO 大于 50:单位可能错用 µg/m³。",
)
STATION_HOUR = table(
    "tenlines_station_hour_seconds",
    "空气站最近一小时的结束时刻(Unix 秒) / When a station's newest hour ended, in Unix seconds.",
    ("station",),
    wrong="早于两小时前:该站没有上报,看 hotspot.station-silent 的问题。",
)
EPISODE_LEVEL = table(
    "tenlines_episode_level",
    "重污染天气预警级别:0 无,1 黄,2 橙,3 红 / Level of the heavy-pollution warning, 0 to 3.",
    (),
    wrong="与市里的通知不符:以 alert 信号补报该通知,见 docs/signals.md。",
)

# Commands and requests.
HANDLED = counter(
    "tenlines_commands_total",
    "处理器给出的答复,不论来自 HTTP 还是主题 / Answers of the handler: applied or refused.",
    ("line", "kind", "command", "outcome"),
    wrong="refused 占多数:看日志里的退回原因;某线归零而别线正常:看其 /readyz。",
)
HANDLER_SECONDS = histogram(
    "tenlines_command_seconds",
    "处理一条命令(读、定、写)的时间 / Time to read, decide and write one command.",
    ("line",),
    buckets=_REQUEST,
    wrong="P95 超过 1 秒:看 MongoDB 的负载与磁盘;同一问题的并发修改也会重试。",
)
HTTP_REQUESTS = counter(
    "tenlines_http_requests_total",
    "HTTP 请求:方法、路由模板、状态码 / HTTP requests by method, route template and status.",
    ("method", "route", "status"),
    wrong="503:数据库或 Kafka 暂不可达;500:程序错误,看日志 request crashed。",
)
HTTP_SECONDS = histogram(
    "tenlines_http_request_seconds",
    "从请求头到答复最后一个字节 / From a request's head to its answer's last byte.",
    ("method", "route"),
    buckets=_REQUEST,
    wrong="只有一条路由慢:看其筛选条件;全部慢:看 CPU 和 MongoDB。",
)
HTTP_CRASHES = counter(
    "tenlines_http_crashes_total",
    "以意外异常结束的请求 / Requests that ended in an unexpected exception.",
    (),
    wrong="应始终为零。日志中的 request crashed 说明路由和异常,按此报告缺陷。",
)
COMMANDS = counter(
    "tenlines_http_commands_total",
    "经 HTTP 的命令:applied、accepted(202)、unavailable 或退回类型 / Commands over HTTP.",
    ("kind", "command", "outcome"),
    wrong="accepted 多而 applied 少:目标工作线停机或落后;unavailable:数据库或 Kafka 不可达。",
)
FILES = counter(
    "tenlines_files_total",
    "上传的文件:stored、repeated 或退回类型 / Uploads, by what became of them.",
    ("outcome",),
    wrong="退回增多:把退回的原因告诉上传的单位(类型、大小、数量)。",
)

# How the machine runs.
READY = gauge(
    "tenlines_ready",
    "/readyz 的每一项:1 正常,0 不正常 / Each check of /readyz, looked at when scraped.",
    ("check",),
    wrong="打开该服务的 /readyz,它说明原因;database 与 stream 同时为 0 时先查主机与网络。",
)
STREAM_LAG = gauge(
    "tenlines_stream_lag",
    "本副本尚未读取的 Kafka 记录数(网关为 line=gateway) / Records this replica has yet to read.",
    ("line",),
    wrong="持续增长:看 tenlines_last_progress_seconds;在进展则加副本,不进展则看日志。",
)
TOPIC_LAG = table(
    "tenlines_topic_lag",
    "消费组在每个主题分区的积压,以已提交位置计 / Records past the group's committed offset.",
    ("topic", "partition"),
    wrong="一个分区独自增长:它的消息在等数据库,或每次都失败,看日志中的该主题。",
)
TOPIC_COMMITTED = table(
    "tenlines_topic_committed_offset",
    "消费组在每个主题分区已提交的位置 / Where the group's committed offset stands.",
    ("topic", "partition"),
    wrong="主题末端前进而它不动:该线停滞(LineStuck)。",
)
STREAM_IN_HAND = gauge(
    "tenlines_stream_in_hand",
    "已读取、效果尚未落库的记录数 / Records read whose effect is not durable yet.",
    ("line",),
    wrong="长期不归零:该线在等数据库或 Kafka,见 /readyz。",
)
LAST_PROGRESS = gauge(
    "tenlines_last_progress_seconds",
    "某环节上次前进至今的秒数(relay、stream、projector) / Seconds since a part last got on.",
    ("line", "part"),
    unit="seconds",
    wrong="超过 60 秒且有积压即为停滞:看日志,必要时重启该线(不会丢失)。",
)
RELAY_BACKLOG = gauge(
    "tenlines_relay_backlog",
    "变更尚未发布到 Kafka 的条目数 / Entries whose changes are not yet published.",
    ("line",),
    wrong="持续增长:Kafka 不可达或转发停滞;已生效的变更在 MongoDB 里,不会丢失。",
)
RELAY_OLDEST = gauge(
    "tenlines_relay_oldest_seconds",
    "最早一条未发布变更的等待秒数 / Age of the oldest change that is not yet published.",
    ("line",),
    unit="seconds",
    wrong="超过 60 秒:同上;达到 200 条的条目会拒绝新的修改(503)。",
)
SWEEPER_LATE = gauge(
    "tenlines_sweeper_late_seconds",
    "最早一个到时而未执行的提醒或督办已迟的秒数 / How late the earliest step that is due is.",
    ("line",),
    unit="seconds",
    wrong="超过 120 秒:看 tenlines_sweeper_stopped 和数据库;漏下的步骤会补记,只发最高一级。",
)
DEAD_LETTERS = counter(
    "tenlines_dead_letters_total",
    "放弃处理而转入死信的记录 / Records given up, by line.",
    ("line",),
    wrong="tenlines dead-letters list 线名 看原因;修好来源后 replay。",
)
PROJECTED = counter(
    "tenlines_projected_total",
    "网关写入读模型的记录数 / Records that the gateway took into its read model.",
    (),
    wrong="有变更而它不增:看网关 /readyz 的 projector 一项。",
)
VISIBLE_AGE = histogram(
    "tenlines_visible_age_seconds",
    "从变更发生到网关可见的秒数 / From a change to the moment the gateway shows it.",
    ("line",),
    buckets=_AGE,
    wrong="一条线大:看其 tenlines_relay_oldest_seconds;各线都大:网关落后,看 tenlines_stream_lag。",
)
SWEEPER_STOPPED = gauge(
    "tenlines_sweeper_stopped",
    "1 表示因系统时钟跳变而停止提醒和督办 / 1 once the sweeper stopped over a clock jump.",
    ("line",),
    wrong="校准主机时钟(NTP)后重启该线;停止期间的督办会补记。",
)
WEBHOOK_TRIES = counter(
    "tenlines_webhook_tries_total",
    "推送的结果:delivered、failed、limited、gone、dead、too_old / Messages to webhooks.",
    ("format", "outcome"),
    wrong="failed 与 dead 增加:GET /v1/webhooks/{id}/deliveries 看对方的答复。",
)
WEBHOOK_SECONDS = histogram(
    "tenlines_webhook_seconds",
    "推送对方答复的时间 / Time that a webhook's receiver took to answer.",
    ("format",),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    wrong="接近 10 秒:对方不答复;不影响工作线,但通知会迟到。",
)
WEBHOOK_WAITING = gauge(
    "tenlines_webhook_waiting",
    "尚待推送的消息数 / Deliveries that are still to be made.",
    wrong="持续增长:对方不可达或限流;超过保留时间的会标为 too_old。",
)
BUILD = gauge(
    "tenlines_build_info",
    "恒为 1;版本与副本见标签 / Always 1; version and replica stand in the labels.",
    ("version", "replica"),
    wrong="同一服务有两个版本超过升级所需的时间:有副本没有更新。",
)
STARTED = gauge(
    "tenlines_start_time_seconds",
    "本进程启动的时刻(Unix 秒);changes() 即重启次数 / When this process started, Unix seconds.",
    unit="seconds",
    wrong="一小时内变化多次:进程反复崩溃,看其日志最后的 crashed。",
)
CLIENT_ERRORS = counter(
    "tenlines_client_errors_total",
    "访问 MongoDB 或 Kafka 的失败,按错误类别 / Failed calls to MongoDB or Kafka by kind of error.",
    ("client", "error"),
    wrong="偶发即重试过;持续增加:看该引擎的日志、磁盘与网络,/readyz 说明影响。",
)
SPANS = counter(
    "tenlines_spans_total",
    "交给采集器的追踪片段:sent 或 lost / Spans that the collector took, or that were lost.",
    ("outcome",),
    wrong="lost 增长:采集器(TENLINES_TRACES)不在或太慢;只丢追踪,业务不受影响。",
)
DISK_FREE = table(
    "tenlines_disk_free_bytes",
    "数据所在磁盘的剩余字节,of 为 database 或 uploads / Free bytes of the disk under the data.",
    ("of",),
    wrong="低于一成:扩容,或按 deploy/README.md 移走备份;Kafka 与 MongoDB 磁盘满即停写。",
)
DISK_SIZE = table(
    "tenlines_disk_size_bytes",
    "数据所在磁盘的总字节 / Size in bytes of the disk under the data.",
    ("of",),
    wrong="与预期的卷不同:数据可能没有落在挂载的卷上。",
)
