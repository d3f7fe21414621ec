"""The catalogue of metrics: complete, bounded, and the same in code, page and exposition."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from deploy.metrics_page import FILE, text
from services.vocs.line import LINE as VOCS
from shared.domain.problem import Problem, Severity, Status
from shared.runtime.line.noticing import from_zero, notice
from shared.runtime.measuring import CATALOGUE, Described, table

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)
BOUNDED = {
    "line", "town", "severity", "status", "what", "outcome", "rule", "kind", "command", "method",
    "route", "check", "part", "format", "in_time", "version", "replica", "level", "clause",
    "indicator", "station", "pollutant", "topic", "partition", "client", "error", "of",
}  # fmt: skip


def test_the_page_is_what_the_code_writes() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "run `python -m deploy.metrics_page`"


@pytest.mark.parametrize("each", CATALOGUE, ids=lambda each: each.name)
def test_each_is_named_and_explained(each: Described) -> None:
    assert each.name.startswith("tenlines_")
    assert each.name.endswith("_total") is (each.kind == "counter")
    assert not each.unit or each.name.endswith(each.unit)
    assert set(each.labels) <= BOUNDED, "a new label needs a bound"
    assert " / " in each.meaning and any("\u4e00" <= letter <= "\u9fff" for letter in each.meaning)
    assert len(each.wrong) > 10 and "|" not in each.meaning + each.wrong


def test_no_metric_is_declared_beside_the_catalogue() -> None:
    ours = {family.name for family in REGISTRY.collect() if family.name.startswith("tenlines_")}
    named = {each.name.removesuffix("_total") for each in CATALOGUE}
    assert {name for name in ours if "_test_" not in name} == named


def test_a_table_shows_what_is_there_now() -> None:
    shown = table("tenlines_test_table", "表 / A table.", ("line", "town"), wrong="")
    CATALOGUE.pop()
    try:
        shown.show({("dust", "a"): 2, ("dust", "b"): 1})
        assert REGISTRY.get_sample_value("tenlines_test_table", {"line": "dust", "town": "a"}) == 2
        shown.show({("dust", "b"): 5})
        assert (
            REGISTRY.get_sample_value("tenlines_test_table", {"line": "dust", "town": "a"}) is None
        )
        assert REGISTRY.get_sample_value("tenlines_test_table", {"line": "dust", "town": "b"}) == 5
    finally:
        REGISTRY.unregister(shown)


def _problem(status: Status, **more: object) -> Problem:
    facts = {"line": "coal", "severity": Severity.SERIOUS, "reported_at": NOON, "due_at": None}
    return Problem.model_construct(status=status, **(facts | more))  # type: ignore[arg-type]


def _value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, {"line": "coal", **labels}) or 0.0


@pytest.mark.parametrize(("submitted", "in_time"), [(1, "yes"), (3, "no"), (None, "no")])
def test_a_closing_is_counted_by_the_units_time(submitted: int | None, in_time: str) -> None:
    hours = [NOON + timedelta(hours=number) for number in range(6)]
    late = _problem(
        Status.CLOSED,
        closed_at=hours[5],
        due_at=hours[2],
        submitted_at=hours[submitted] if submitted is not None else None,
    )
    counted = _value("tenlines_problems_closed_total", in_time=in_time)
    hours_before = _value("tenlines_problem_handling_hours_sum", severity="serious")
    notice(_problem(Status.SUBMITTED), late)
    assert _value("tenlines_problems_closed_total", in_time=in_time) == counted + 1
    taken = _value("tenlines_problem_handling_hours_sum", severity="serious") - hours_before
    assert taken == pytest.approx(5)
    notice(late, late)
    assert _value("tenlines_problems_closed_total", in_time=in_time) == counted + 1


def test_a_reopening_is_counted() -> None:
    before = _value("tenlines_problems_reopened_total")
    notice(_problem(Status.CLOSED, closed_at=NOON), _problem(Status.REGISTERED))
    assert _value("tenlines_problems_reopened_total") == before + 1
    notice(None, _problem(Status.REGISTERED))
    assert _value("tenlines_problems_reopened_total") == before + 1


def test_what_is_rare_is_shown_as_zero_from_the_start() -> None:
    from_zero(VOCS)
    first = VOCS.rules[0].code
    for name, labels in (
        ("tenlines_problems_closed_total", {"in_time": "no"}),
        ("tenlines_problems_reopened_total", {}),
        ("tenlines_problem_handling_hours_count", {"severity": "critical"}),
        ("tenlines_signals_total", {"outcome": "unreadable"}),
        ("tenlines_findings_total", {"rule": first, "outcome": "registered"}),
    ):
        assert REGISTRY.get_sample_value(name, {"line": "vocs", **labels}) == 0, name
