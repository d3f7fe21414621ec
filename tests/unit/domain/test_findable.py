"""What a search finds, and the cell in which a problem is counted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.application.findable import CELL_FIELDS, cell, findable, query_tokens
from shared.domain.problem import Problem, Severity, Status
from tests.unit.domain.test_responsibilities import made as responsibility
from tests.unit.domain.test_task_rules import made as task
from tests.unit.domain.world import SmallCounty, do, problem_in, register

COUNTY = SmallCounty()
ENTRY = register(
    title="ABC花园二期工地裸土未覆盖",
    description="渣土车带泥上路，PM10 达 312.5；Site-7 北门",
    location={"lon": 116.31, "lat": 35.07, "town": "370828003", "address": "金乡县奎星路１０５号"},
    site="花园二期",
)


def finds(entry: Problem, q: str) -> bool:
    return set(query_tokens(q)) <= set(findable(entry, COUNTY)["tokens"])


@pytest.mark.parametrize(
    "q",
    [
        "裸土", "裸", "裸土未覆盖", "花园二期", "奎星路", "鱼山街道", "鱼山", "渣土车 奎星路",
        "abc", "ABC", "abc花园", "pm10", "PM10", "312", "site-7", "扬尘-2026-00001", "00001",
        "扬尘", "105", "１０５", "ＰＭ１０", "", "，。", "裸土！",
    ],
)  # fmt: skip
def test_found(q: str) -> None:
    assert finds(ENTRY, q)


@pytest.mark.parametrize(
    "q",
    ["土裸", "秸秆", "裸土 秸秆", "羊山", "县住房", "bc", "pm", "31", "扬尘-2026-00002", "盖渣"],
)
def test_not_found(q: str) -> None:
    assert not finds(ENTRY, q)


def test_units_are_found_by_their_names_once_they_have_it() -> None:
    assigned = do(ENTRY, "assign", unit="housing", co_units=["transport"], town="370828101")
    for q in ("县住房城乡建设局", "住房", "交通运输局", "羊山镇", "鱼山"):
        assert finds(assigned, q), q
    returned = do(assigned, "return")
    assert not finds(returned, "住房")


@settings(deadline=None, max_examples=200, print_blob=True)
@given(st.data())
def test_every_piece_of_a_run_of_chinese_is_found(data: st.DataObject) -> None:
    chinese = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1)
    title = data.draw(chinese.map(lambda text: text[:60]))
    start = data.draw(st.integers(0, len(title) - 1))
    end = data.draw(st.integers(start + 1, len(title)))
    assert finds(register(title=title), title[start:end])


@given(st.text(max_size=40))
def test_a_title_finds_itself(title: str) -> None:
    if title.strip():
        assert finds(register(title=title), title)


def test_tasks_and_responsibilities_are_found_by_their_text() -> None:
    for entry in (task(text="道路机械化清扫"), responsibility(text="道路机械化清扫")):
        found = findable(entry, COUNTY)
        assert set(found) - {"next_step_at"} == {"tokens"}
        assert set(query_tokens("机械化")) <= set(found["tokens"])


@pytest.mark.parametrize("status", Status)
def test_open_and_timed(status: Status) -> None:
    found = findable(problem_in(status), COUNTY)
    ended = {Status.CLOSED, Status.REJECTED, Status.MERGED, Status.MOVED}
    assert found["open"] == (status not in ended)
    assert found["timed"] == (status not in ended | {Status.SUSPENDED, Status.SUBMITTED})


def test_units_and_severity() -> None:
    found = findable(problem_in(Status.ASSIGNED), COUNTY)
    assert found["units"] == ["370828003", "housing", "transport"]
    assert findable(register(location={"address": "x"}), COUNTY)["units"] == []
    ranks = [findable(register(severity=s.value), COUNTY)["severity"] for s in Severity]
    assert ranks == [1, 2, 3]


def test_the_cell_names_every_dimension_in_order() -> None:
    entry = do(register(clause="14.1"), "assign")
    said = dict(zip(CELL_FIELDS, cell(entry).split("|"), strict=True))
    assert said == {
        "line": "dust", "town": "370828003", "department": "housing", "severity": "general",
        "category": "bare_soil", "source": "report", "clause": "14.1", "status": "assigned",
        "day": "",
    }  # fmt: skip


def test_a_closed_cell_is_cut_by_its_day_in_shanghai() -> None:
    submitted = problem_in(Status.SUBMITTED)
    late = submitted.updated_at.replace(hour=15, minute=59)
    assert cell(do(submitted, "approve", at=late)).endswith("|closed|2026-11-23")
    after = late.replace(hour=16, minute=0)
    assert cell(do(submitted, "approve", at=after)).endswith("|closed|2026-11-24")
    again = do(do(submitted, "approve", at=late), "reopen")
    assert cell(again).endswith("|assigned|")
