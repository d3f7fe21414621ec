"""What the dashboards ask in common, as PromQL that Prometheus 2.42 and 3.x both read.

The gateway speaks of all lines at once and each of its replicas says the same, so `max` comes before
`sum`; counters are the lines' own and count apart in each replica, so they are summed.
"""

from __future__ import annotations

from shared.domain.problem import ENDED

RATE = "[$__rate_interval]"
_ENDED = "|".join(sorted(ENDED))
_EVERY_LINE = "0 * max by (line) (tenlines_sweeper_stopped)"
"""Every line says whether its sweeper stopped: a nought for the lines that have none of a thing."""


def problems(*by: str, where: str = "") -> str:
    """Problems by these labels, whatever their state."""
    labels = ", ".join(by)
    matching = ",".join(part for part in ('service="gateway"', where) if part)
    inner = f"max by (line, status, severity, town) (tenlines_problems{{{matching}}})"
    return f"sum by ({labels}) ({inner})" if by else f"sum({inner})"


def open_problems(*by: str, where: str = "") -> str:
    return problems(*by, where=",".join(part for part in (f'status!~"{_ENDED}"', where) if part))


def overdue(*by: str, where: str = "") -> str:
    labels = ", ".join(by)
    matching = ",".join(part for part in ('service="gateway"', where) if part)
    inner = f"max by (line, town) (tenlines_problems_overdue{{{matching}}})"
    return f"sum by ({labels}) ({inner})" if by else f"sum({inner})"


def pressed(*by: str, where: str = "") -> str:
    """Open problems that are at 督办 or above."""
    level = 'level=~"supervised|listed|talked|published"'
    matching = ",".join(part for part in ('service="gateway"', level, where) if part)
    labels = ", ".join(by)
    inner = f"max by (line, level) (tenlines_problems_escalated{{{matching}}})"
    return f"sum by ({labels}) ({inner})" if by else f"sum({inner})"


def risen(metric: str, *by: str, where: str = "", over: str = "30d") -> str:
    """How much a counter rose, over all replicas."""
    labels = ", ".join(by)
    inner = f"increase({metric}{{{where}}}[{over}])"
    return f"sum by ({labels}) ({inner})" if by else f"sum({inner})"


def in_time(*by: str, where: str = "", over: str = "30d") -> str:
    """The share of closings in which the unit was in time; nothing where nothing was closed."""
    closed = "tenlines_problems_closed_total"
    timely = ",".join(part for part in ('in_time="yes"', where) if part)
    all_ = risen(closed, *by, where=where, over=over)
    return f"{risen(closed, *by, where=timely, over=over)} / ({all_} > 0)"


def each_line(expr: str) -> str:
    """`expr` (by line) with a nought for the lines that it does not speak of."""
    return f"{expr} or {_EVERY_LINE}"


def or_zero(expr: str) -> str:
    return f"{expr} or vector(0)"


def quantile(share: float, metric: str, *by: str, where: str = "", over: str = RATE) -> str:
    labels = ", ".join(("le", *by))
    inner = f"sum by ({labels}) (rate({metric}_bucket{{{where}}}{over}))"
    return f"histogram_quantile({share:g}, {inner})"
