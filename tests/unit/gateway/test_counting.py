"""Medians from histograms, and summaries from cells."""

from collections import Counter
from statistics import median as exact

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.counting import median, summarize


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=200))
def test_the_median_of_a_histogram_is_the_median_of_its_values(values: list[int]) -> None:
    assert median(Counter(values)) == exact(values)


def test_nothing_has_no_median() -> None:
    assert median({}) is None


def test_overdue_cells_are_summed_by_the_dimensions_asked_for() -> None:
    sums = [
        {"by": {"town": "A"}, "status": "assigned", "count": 3, "timely": 0, "hours": [[]]},
        {
            "by": {"town": ""},
            "status": "closed",
            "count": 2,
            "timely": 1,
            "hours": [[[4, 1], [6, 1]]],
        },
    ]
    late = {"dust|A|u|general|c|s||assigned|": 2, "dust|A|v|general|c|s||accepted|": 1}
    rows, total = summarize(["town"], sums, late)
    assert [(row["town"], row["open"], row["overdue"]) for row in rows] == [
        (None, 0, 0),
        ("A", 3, 3),
    ]
    assert rows[0]["median_hours"] == 5 and rows[0]["closed_in_time"] == 1
    assert (total["count"], total["overdue"], total["closed"]) == (5, 3, 2)
