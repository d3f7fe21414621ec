"""Every metric there is. Labels are bounded: lines, routes, states; never an entry's id."""

from prometheus_client import Counter, Gauge, Histogram

HTTP_REQUESTS = Counter(
    "tenlines_http_requests_total",
    "HTTP requests by method, route template and status.",
    ("method", "route", "status"),
)
HTTP_SECONDS = Histogram(
    "tenlines_http_request_seconds",
    "Time from a request's head to its answer's last byte.",
    ("method", "route"),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
HTTP_CRASHES = Counter(
    "tenlines_http_crashes_total", "Requests that ended in an unexpected exception.", ("route",)
)
COMMANDS = Counter(
    "tenlines_http_commands_total",
    "Commands given over HTTP by what became of them: applied, accepted (202), "
    "unavailable, or the type of the refusal.",
    ("kind", "command", "outcome"),
)
FILES = Counter("tenlines_files_total", "Uploads, by what became of them.", ("outcome",))
PROBLEMS = Gauge("tenlines_problems", "Problems by line and state.", ("line", "status"))
PROBLEMS_OVERDUE = Gauge("tenlines_problems_overdue", "Problems overdue now, by line.", ("line",))
DEAD_LETTERS = Counter("tenlines_dead_letters_total", "Records given up, by line.", ("line",))
RELAY_BACKLOG = Gauge(
    "tenlines_relay_backlog", "Entries whose changes are not yet published, by line.", ("line",)
)
SIGNALS = Counter(
    "tenlines_signals_total",
    "Signals by line and what became of them: taken, copy, unreadable.",
    ("line", "outcome"),
)
FINDINGS = Counter(
    "tenlines_findings_total",
    "Findings by line, rule (`other`: another line's) and what became of them.",
    ("line", "rule", "outcome"),
)
STEPS = Counter(
    "tenlines_steps_total",
    "Entries that time itself changed, by line and what was done: escalate, shorten.",
    ("line", "what"),
)
SWEEPER_STOPPED = Gauge(
    "tenlines_sweeper_stopped",
    "1 once the sweeper stopped because the wall clock jumped, by line.",
    ("line",),
)
LAST_PROGRESS = Gauge(
    "tenlines_last_progress_seconds",
    "Seconds since a part of a line last got on (relay, stream).",
    ("line", "part"),
)
WEBHOOK_TRIES = Counter(
    "tenlines_webhook_tries_total",
    "Messages to webhooks by format and outcome: delivered, failed, limited, gone; and the "
    "deliveries that were given up (dead) or were too old to be sent (too_old).",
    ("format", "outcome"),
)
WEBHOOK_SECONDS = Histogram(
    "tenlines_webhook_seconds",
    "Time that a webhook's receiver took to answer, by format.",
    ("format",),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
WEBHOOK_WAITING = Gauge("tenlines_webhook_waiting", "Deliveries that are still to be made.")
