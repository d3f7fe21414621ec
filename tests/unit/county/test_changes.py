"""What a new edition of the pack changes in the ledgers."""

from collections.abc import Callable
from datetime import date

import pytest

from shared.adapters.pack import load_pack
from shared.declaration.county import County
from shared.declaration.county.changes import (
    AppliedPack,
    Changes,
    PackRefused,
    Step,
    changes,
)
from tests.unit.county.conftest import Edit

EDITION = (
    "county.yaml",
    "number: 1\n  effective_date: 2024-11-01",
    "number: 2\n  effective_date: 2026-01-01",
)
SINCE = date(2024, 11, 1)
FROM = date(2026, 1, 1)

Next = Callable[..., Changes]


@pytest.fixture
def first(county: County) -> AppliedPack:
    """The pack in force, as it comes back from where it is stored."""
    return AppliedPack.model_validate_json(AppliedPack.of(county).model_dump_json())


@pytest.fixture
def next_edition(first: AppliedPack, edited: Edit) -> Next:
    def build(*edits: tuple[str, str, str]) -> Changes:
        return changes(first, load_pack(edited(EDITION, *edits)))

    return build


def steps(found: Changes) -> list[tuple[Step, str, str]]:
    return [(change.step, change.line, change.entry) for change in found.all()]


def test_the_first_start_adds_everything(county: County) -> None:
    found = changes(None, county)
    assert len(found.rows) == 120
    assert len(found.tasks) == len(county.tasks())
    assert {change.step for change in found.all()} == {Step.ADD}
    assert {change.on for change in found.rows} == {SINCE}


def test_the_same_pack_changes_nothing(first: AppliedPack, county: County) -> None:
    assert steps(changes(first, county)) == []


def test_a_new_edition_that_says_the_same_changes_nothing(next_edition: Next) -> None:
    assert steps(next_edition()) == []


def test_a_department_that_leaves_ends_on_the_first_day_of_the_new_edition(
    next_edition: Next,
) -> None:
    found = next_edition(
        ("plan.yaml", "shared: [housing, sanitation]", "shared: [housing]"),
        (
            "plan.yaml",
            "bracket: 县住房和城乡建设局、县市容环境卫生服务中心分工负责",
            "bracket: 县住房和城乡建设局分工负责",
        ),
    )
    (ended,) = found.rows
    assert (ended.step, ended.entry, ended.on) == (Step.END, "14.2-sanitation-shared", FROM)
    assert ended.before is not None
    assert ended.before.effective_from == SINCE
    assert ended.after is None
    assert [(change.step, change.entry, change.fields) for change in found.tasks] == [
        (Step.CHANGE, "T14.2-1", ("departments",)),
        (Step.CHANGE, "T14.2-2", ("departments",)),
    ]


def test_another_role_is_another_row(next_edition: Next) -> None:
    found = next_edition(
        (
            "plan.yaml",
            "bracket: 县交通运输局负责\n        lead:",
            "bracket: 县交通运输局负责\n        shared:",
        )
    )
    assert steps(found) == [
        (Step.END, "dust", "14.3-transport-lead"),
        (Step.ADD, "dust", "14.3-transport-shared"),
    ]
    assert [change.on for change in found.rows] == [FROM, FROM]


def test_a_new_number_changes_the_task_and_keeps_its_start(next_edition: Next) -> None:
    found = next_edition(("plan.yaml", "            value: 85\n", "            value: 90\n"))
    assert found.rows == ()
    (task,) = found.tasks
    assert (task.step, task.entry, task.fields) == (Step.CHANGE, "T14.2-2", ("indicator",))
    assert task.after is not None
    assert task.after.indicator is not None
    assert task.after.indicator.target == 90
    assert task.after.starts == SINCE


def test_a_renamed_department_changes_its_rows(next_edition: Next) -> None:
    found = next_edition(
        ("departments.yaml", "name: 县公路局", "name: 县公路事业发展中心"),
        ("plan.yaml", "县综合行政执法局、县公路局分工", "县综合行政执法局、县公路事业发展中心分工"),
    )
    (row,) = found.rows
    assert (row.step, row.entry, row.fields) == (
        Step.CHANGE,
        "14.1-highway-shared",
        ("department_name",),
    )


def test_an_item_that_moves_ends_on_one_line_and_begins_on_the_other(next_edition: Next) -> None:
    found = next_edition(
        ("lines.yaml", 'items: ["14", "15"]', 'items: ["14"]'),
        ("lines.yaml", 'items: ["1", "2", "3", "18"]', 'items: ["1", "2", "3", "15", "18"]'),
    )
    assert {(change.step, change.line) for change in found.all()} == {
        (Step.END, "dust"),
        (Step.ADD, "industry"),
    }
    assert len(found.rows) == 10
    assert {change.entry for change in found.tasks} == {"T15.1-1", "T15.1-2"}


def test_a_third_edition_knows_since_when_the_first_one_held(
    first: AppliedPack, edited: Edit
) -> None:
    sweeping = ("plan.yaml", "            value: 85\n", "            value: 90\n")
    second = AppliedPack.of(load_pack(edited(EDITION, sweeping)), first)
    assert {row.effective_from for row in second.rows} == {SINCE}
    assert {task.starts for task in second.tasks} == {SINCE}
    third = load_pack(
        edited((EDITION[0], EDITION[1], EDITION[2].replace("number: 2", "number: 3")))
    )
    (back,) = changes(second, third).tasks
    assert (back.step, back.entry) == (Step.CHANGE, "T14.2-2")


@pytest.mark.parametrize(
    ("edition", "says"),
    [
        ("number: 1\n  effective_date: 2026-01-01", "旧"),
        ("number: 3\n  effective_date: 2024-11-01", "早于"),
    ],
)
def test_a_step_back_is_refused(edited: Edit, edition: str, says: str) -> None:
    second = AppliedPack.of(load_pack(edited(EDITION)))
    with pytest.raises(PackRefused, match=says):
        changes(second, load_pack(edited((EDITION[0], EDITION[1], edition))))


def test_a_changed_pack_needs_a_new_number(first: AppliedPack, edited: Edit) -> None:
    sweeping = ("plan.yaml", "            value: 85\n", "            value: 90\n")
    with pytest.raises(PackRefused, match=r"pack\.number"):
        changes(first, load_pack(edited(sweeping)))


def test_another_countys_pack_is_refused(first: AppliedPack, county: County) -> None:
    elsewhere = first.model_copy(update={"county": "370829"})
    with pytest.raises(PackRefused, match="TENLINES_COUNTY"):
        changes(elsewhere, county)
