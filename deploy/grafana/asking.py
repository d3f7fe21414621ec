"""What the dashboards ask in common, as PromQL that Prometheus 2.42 and 3.x both read.

The gateway speaks of all lines at once and each of its replicas says the same, so `max` comes before
`sum`; counters are the lines' own and count apart in each replica, so they are summed.
"""

from __future__ import annotations

from shared.domain.problem import ENDED

RATE = "[$__rate_interval]"
_GATEWAY = 'service="gateway"'
_ENDED = "|".join(sorted(ENDED))
_PRESSED = 'level=~"supervised|listed|talked|published"'
_EVERY_LINE = "0 * max by (line) (tenlines_sweeper_stopped)"
"""Every line says whether its sweeper stopped: a nought for the lines that have none of a thing."""


def _summed(inner: str, by: tuple[str, ...]) -> str:
    return f"sum by ({', '.join(by)}) ({inner})" if by else f"sum({inner})"


def _matching(*parts: str) -> str:
    return ",".join(part for part in parts if part)


def problems(*by: str, where: str = "") -> str:
    """Problems by these labels, whatever their state."""
    said = f"tenlines_problems{{{_matching(_GATEWAY, where)}}}"
    return _summed(f"max by (line, status, severity, town) ({said})", by)


def open_problems(*by: str, where: str = "") -> str:
    return problems(*by, where=_matching(f'status!~"{_ENDED}"', where))


def overdue(*by: str, where: str = "") -> str:
    said = f"tenlines_problems_overdue{{{_matching(_GATEWAY, where)}}}"
    return _summed(f"max by (line, town) ({said})", by)


def pressed(*by: str, where: str = "") -> str:
    """Open problems that are at 督办 or above."""
    said = f"tenlines_problems_escalated{{{_matching(_GATEWAY, _PRESSED, where)}}}"
    return _summed(f"max by (line, level) ({said})", by)


def risen(metric: str, *by: str, where: str = "", over: str = "30d") -> str:
    """How much a counter rose, over all replicas."""
    return _summed(f"increase({metric}{{{where}}}[{over}])", by)


def in_time(*by: str, where: str = "", over: str = "30d") -> str:
    """The share of closings in which the unit was in time; nothing where nothing was closed."""
    closed = "tenlines_problems_closed_total"
    timely = _matching('in_time="yes"', where)
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
