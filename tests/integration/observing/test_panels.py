"""Every panel and every alert of what we ship, asked for real: a panel that shows nothing fails."""

from __future__ import annotations

import re

import httpx
import pytest

from deploy.grafana.asking import open_problems, overdue, pressed, problems
from deploy.grafana.check import ask, printed
from deploy.grafana.queries import queries
from tests.integration.observing.busy import Busy
from tests.integration.observing.conftest import EVERY
from tests.unit.deploy.promql import named
from tests.unit.deploy.test_alerts import alerts
from tests.waiting import until

RATE_SECONDS = 20 * EVERY
CHOSEN = {"line": "dust", "town": "370828001"}
SECONDS = 120
_BESIDE = re.compile(r"\boffset\s+\w+|\[\w+\]")


@pytest.fixture(scope="module")
def lived(busy: Busy) -> Busy:
    busy.live()
    return busy


def test_every_panel_shows_something(lived: Busy) -> None:
    """Asked again and again: what is counted on a slow timer comes a little later."""
    waiting = list(queries(CHOSEN, RATE_SECONDS))
    assert len(waiting) > 60
    told: list[str] = []

    def all_shown() -> bool:
        asked = [ask(lived.prometheus.http, query) for query in waiting]
        lacking = [each for each in asked if each.trouble or not each.series]
        waiting[:] = [each.query for each in lacking]
        told[:] = [f"{e.query}: {e.trouble or 'nothing'}: {e.query.expr}" for e in lacking]
        return not waiting

    try:
        until(all_shown, SECONDS)
    except AssertionError:
        raise AssertionError("panels that show nothing:\n" + "\n".join(told)) from None


@pytest.mark.parametrize("alert", [each["alert"] for each in alerts()])
def test_every_alert_is_looked_at_and_all_it_names_is_there(lived: Busy, alert: str) -> None:
    """An alert is quiet when all is well, so it is its parts that are asked: a metric that nobody
    exposes, or a label that it does not have, would make it quiet for ever."""
    until(lambda: lived.prometheus.alerts()[alert]["health"] == "ok", 30, "the rule is looked at")
    rule = next(each for each in alerts() if each["alert"] == alert)
    parts = re.findall(r"\w+\{[^}]*\}", rule["expr"]) or sorted(named(rule["expr"]).metrics)
    assert parts
    for part in parts:
        assert lived.prometheus.ask(f"count({_BESIDE.sub('', part)})"), f"{part} has no series"


def _value(lived: Busy, expr: str) -> float:
    found = lived.prometheus.ask(expr)
    return float(found[0]["value"][1]) if found else -1.0


@pytest.mark.parametrize(
    ("expr", "wanted"),
    [
        ("max(tenlines_episode_level)", 2),
        ('max(tenlines_station_aqi{station="JX-1"})', 119),
        ("sum(tenlines_problems_closed_total)", 3),
        ("sum(tenlines_problems_reopened_total)", 1),
    ],
)
def test_what_happened_is_what_the_screen_says(lived: Busy, expr: str, wanted: float) -> None:
    until(lambda: _value(lived, expr) == wanted, 60, f"{expr} is {wanted}")


@pytest.mark.parametrize(
    ("expr", "where"),
    [
        (open_problems(), {"open": "true"}),
        (overdue(where='line="dust"'), {"overdue": "true", "line": "dust"}),
        (
            pressed(),
            {"open": "true", "level": ["supervised", "listed", "talked", "published"]},
        ),
        (problems(where='status="closed"'), {"status": "closed"}),
    ],
)
def test_the_screen_and_the_list_say_the_same(
    lived: Busy, expr: str, where: dict[str, str | list[str]]
) -> None:
    """Time goes on between the two looks, so they are compared until they agree."""
    with httpx.Client(base_url=lived.world.address("gateway"), timeout=30) as gateway:

        def listed() -> int:
            answer = gateway.get("/v1/problems", params={"limit": 200, **where})
            assert answer.status_code == 200, answer.text
            return len(answer.json()["items"])

        assert listed() > 0
        until(lambda: _value(lived, expr) == listed(), 60, f"{expr} is the list's length")


def test_the_table_of_panels_can_be_printed(lived: Busy) -> None:
    table = printed(ask(lived.prometheus.http, query) for query in queries(CHOSEN, RATE_SECONDS))
    assert table.row_count == len(list(queries())) and len(table.columns) == 4
