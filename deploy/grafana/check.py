"""Asks a running Prometheus every query of the dashboards: `python -m deploy.grafana.check`.

Prints dashboard, panel, query and the number of series; ends with 1 where a query fails or where a
panel shows nothing without a word for it. 没有逾期 (nothing is overdue) is such a word.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import click
import httpx
from rich.console import Console
from rich.table import Table

from deploy.grafana.queries import Query, queries


@dataclass(frozen=True)
class Shown:
    """What one query gives now."""

    query: Query
    series: int
    """With a number that can be drawn."""
    trouble: str = ""
    """Why it cannot be drawn: refused, or a series without a label that names it."""


def ask(prometheus: httpx.Client, query: Query) -> Shown:
    """Raises httpx errors where Prometheus cannot be reached."""
    said = prometheus.get("/api/v1/query", params={"query": query.expr}).json()
    if said["status"] != "success":
        return Shown(query, 0, said.get("error", "refused"))
    if said["data"]["resultType"] not in ("vector", "scalar"):
        return Shown(query, 0, f"gives a {said['data']['resultType']}")
    found: list[Mapping[str, Any]] = said["data"]["result"]
    drawn = [each for each in found if not math.isnan(float(each["value"][1]))]
    unnamed = {label for each in drawn for label in query.labels - set(each["metric"])}
    trouble = f"series without {', '.join(sorted(unnamed))}" if unnamed else ""
    return Shown(query, len(drawn), trouble)


def printed(shown: Iterable[Shown]) -> Table:
    table = Table("dashboard", "panel", "query", "series", box=None)
    for each in shown:
        calm = f"0: {each.query.calm}" if each.query.calm and not each.series else ""
        count = each.trouble or calm or str(each.series)
        table.add_row(each.query.dashboard, each.query.panel, each.query.expr, count)
    return table


@click.command()
@click.option("--prometheus", default="http://127.0.0.1:9090", show_default=True)
@click.option("--line", help="The line that is chosen (a key).")
@click.option("--town", help="The town that is chosen (a code).")
def main(prometheus: str, line: str | None, town: str | None) -> None:
    """Ask every query of the dashboards and print how many series each gives."""
    chosen = {name: value for name, value in (("line", line), ("town", town)) if value}
    try:
        with httpx.Client(base_url=prometheus, timeout=30) as client:
            shown = [ask(client, query) for query in queries(chosen)]
    except httpx.HTTPError as error:
        raise click.ClickException(
            f"Prometheus does not answer at {prometheus}: {error}. Name it with --prometheus."
        ) from None
    Console(width=None if sys.stdout.isatty() else 260).print(printed(shown))
    wrong = [each for each in shown if each.trouble]
    nothing = [each for each in shown if not each.series]
    calm = [each for each in nothing if each.query.calm]
    print(
        f"{len(shown)} queries, {len(nothing)} show nothing, "
        f"{len(calm)} of them with a word for it, {len(wrong)} wrong"
    )
    sys.exit(1 if wrong or len(nothing) > len(calm) else 0)


if __name__ == "__main__":
    main()
