"""What others look up in the county."""

from collections import Counter
from datetime import date

from shared.declaration.county import County
from shared.declaration.county.keys import LINE_KEYS
from shared.domain.context import Directory

EXTRA = {"episode": {"meteorology"}}
"""Departments of a line beyond those of its clauses: 气象局 comes from safeguard 四."""


def test_lines_stand_in_their_order_with_the_desk_apart(county: County) -> None:
    assert tuple(line.key for line in county.lines) == LINE_KEYS
    assert county.desk.key == "coordination"
    assert county.line("coordination") is county.desk
    assert county.line("noise") is None


def test_every_clause_stands_on_one_line(county: County) -> None:
    held = Counter(
        clause.id for line in county.lines_and_desk() for clause in county.clauses_of_line(line.key)
    )
    assert held == Counter(clause.id for clause in county.plan.clauses())
    found = county.line_of_clause("15.1")
    assert found is not None
    assert found.key == "dust"
    assert county.line_of_clause("15.9") is None


def test_a_line_names_exactly_the_departments_of_its_clauses(county: County) -> None:
    for line in county.lines:
        named = {
            code for clause in county.clauses_of_line(line.key) for _, code in clause.parts()
        } | EXTRA.get(line.key, set())
        assert {*line.leads, *line.co_leads, *line.support} == named, line.key


def test_the_desk_watches_all_other_clauses(county: County) -> None:
    own = {clause.id for clause in county.clauses_of_line("coordination")}
    assert {clause.id for clause in county.co_watched("coordination")} == {
        clause.id for clause in county.plan.clauses()
    } - own
    assert [clause.id for clause in county.co_watched("mobile")] == ["14.3", "23.1", "25.1"]


def test_it_answers_the_domain(county: County) -> None:
    directory: Directory = county
    assert directory.town_name("370828103") == "霄云镇"
    assert directory.town_name("370828103000") is None  # another form could pass for another unit
    assert directory.town_name("370828999") is None
    assert directory.unit_name("housing") == "县住房和城乡建设局"
    assert directory.unit_name("370828101") == "羊山镇"
    assert directory.unit_name("nobody") is None
    assert directory.has_clause("S3.2")
    assert not directory.has_clause("26.1")
    assert directory.line_name("dust") == "扬尘污染防治"
    assert directory.contains(116.31, 35.07)
    assert not directory.contains(117.12, 36.65)  # Jinan
    assert not directory.contains(35.07, 116.31)  # latitude first


def test_names_and_aliases_find_their_owner(county: County) -> None:
    town = county.town_named("宵云镇")
    assert town is not None
    assert town.code == "370828103"
    department = county.department_named("住建局")
    assert department is not None
    assert department.code == "housing"
    assert county.town_named("济南") is None


def test_thirteen_towns(county: County) -> None:
    assert len(county.towns) == 13
    assert {town.code[:6] for town in county.towns} == {"370828"}


def test_a_row_is_one_clause_one_department_one_role(county: County) -> None:
    rows = {row.id: row for row in county.rows()}
    row = rows["14.1-housing-shared"]
    assert (row.line, row.item, row.clause) == ("dust", "14", "14.1")
    assert row.department_name == "县住房和城乡建设局"
    assert row.effective_from == date(2024, 11, 1)
    mechanism = [row for row in county.rows() if row.clause == "22.1"]
    assert [(row.id, row.line) for row in mechanism] == [("22.1-all-lines-shared", "coordination")]


def test_every_clause_gives_a_task_and_every_target_one_of_its_own(county: County) -> None:
    tasks = county.tasks()
    assert len({task.id for task in tasks}) == len(tasks)
    assert {task.clause for task in tasks} == {clause.id for clause in county.plan.clauses()}
    targets = [target for clause in county.plan.clauses() for target in clause.targets]
    targets += county.plan.goals.targets
    assert {f"T{target.id}" for target in targets} == {
        task.id for task in tasks if task.indicator is not None
    }


def test_a_target_is_a_task_with_an_indicator(county: County) -> None:
    tasks = {task.id: task for task in county.tasks()}
    sweeping = tasks["T14.2-2"]
    assert sweeping.line == "dust"
    assert sweeping.department == "housing"
    assert sweeping.departments == ("housing", "sanitation")
    assert sweeping.due == date(2025, 12, 31)
    assert sweeping.indicator is not None
    assert (sweeping.indicator.operator, sweeping.indicator.target) == (">=", 85)
    assert sweeping.indicator.unit == "%"
    assert tasks["T16.1-1"].due is None
    assert tasks["T9.1-1"].indicator is None
    assert tasks["T9.1-1"].text.startswith("大宗货物")


def test_headline_targets_lie_on_the_desk(county: County) -> None:
    goals = [task for task in county.tasks() if task.id.startswith("TG-")]
    assert [task.indicator.target for task in goals if task.indicator] == [42, 66.6, 4]
    assert {(task.line, task.clause, task.department) for task in goals} == {
        ("coordination", "S1.1", "ecology")
    }


def test_joint_leads_are_seen(county: County) -> None:
    assert [clause.id for clause in county.plan.clauses() if clause.joint_lead] == [
        "20.1", "24.2", "25.1", "S3.1", "S4.3",
    ]  # fmt: skip
