"""A spoilt pack names file, line and field, and says what would be right."""

from pathlib import Path
from typing import NamedTuple

import pytest

from shared.adapters.pack import PackError, Problem, load_pack
from tests.unit.county.conftest import Edit


class Case(NamedTuple):
    file: str
    old: str
    new: str
    line_says: str
    """What stands on the line that the problem names."""
    field: str
    right: str
    """A part of what it says would be right."""
    reported_in: str | None = None


SPOILT = {
    "misspelt key": Case(
        "plan.yaml", "open_list: true", "openlist: true",
        "openlist", "items[18].clauses[0].openlist", "是否 open_list",
    ),
    "unknown department": Case(
        "plan.yaml", "shared: [housing, sanitation]", "shared: [housing, sanitaton]",
        "sanitaton", "items[13].clauses[1].shared[1]", "是否 sanitation",
    ),
    "a department that the bracket does not name": Case(
        "plan.yaml", "shared: [housing, sanitation]", "shared: [housing, sanitation, water]",
        "water", "items[13].clauses[1].shared[2]", "按括号原文写部门",
    ),
    "a department left out": Case(
        "plan.yaml", "shared: [housing, sanitation]", "shared: [housing]",
        "县市容环境卫生服务中心", "items[13].clauses[1].bracket", "加上 sanitation",
    ),
    "a department twice": Case(
        "plan.yaml", "shared: [housing, sanitation]", "shared: [housing, sanitation, housing]",
        "housing", "items[13].clauses[1].shared[2]", "只留一处",
    ),
    "a gap in the clauses": Case(
        "plan.yaml", 'id: "14.3"', 'id: "14.4"',
        '"14.4"', "items[13].clauses[2].id", '这里应为 "14.3"',
    ),
    "a number instead of text": Case(
        "plan.yaml", 'id: "14.3"', "id: 14.3",
        "14.3", "items[13].clauses[2].id", '加上引号："14.3"',
    ),
    "a target of another clause": Case(
        "plan.yaml", 'id: "14.2-2"', 'id: "14.1-2"',
        '"14.1-2"', "items[13].clauses[1].targets[1].id", '写成 "14.2-1" 的样子',
    ),
    "a target number twice": Case(
        "plan.yaml", 'id: "14.2-2"', 'id: "14.2-1"',
        '"14.2-1"', "items[13].clauses[1].targets[1].id", "换一个未用过的编号",
    ),
    "a target without its number": Case(
        "plan.yaml", "            value: 85\n", "",
        '"14.2-2"', "items[13].clauses[1].targets[1]", "写明 value",
    ),
    "no such operator": Case(
        "plan.yaml", 'operator: "<="\n            value: 1200', 'operator: "<"\n            value: 1200',
        'operator: "<"', "items[12].clauses[0].targets[1].operator", "'<='",
    ),
    "no such day": Case(
        "plan.yaml", "deadline: 2024-12-31", 'deadline: "2024-12-32"',
        "2024-12-32", "items[1].clauses[1].targets[0].deadline", "写成 2025-12-31",
    ),
    "words that the plan does not say": Case(
        "plan.yaml", "quote: 县城建成区道路机械化清扫率", "quote: 城区道路机械化清扫率",
        "城区道路", "items[13].clauses[1].targets[1].quote", "逐字引用原文",
    ),
    "a flag that the text does not bear": Case(
        "plan.yaml", "wording: [力争]\n        work", "wording: [鼓励]\n        work",
        "鼓励", "items[9].clauses[0].targets[1].wording[0]", "去掉这个标记",
    ),
    "headline targets on no clause": Case(
        "plan.yaml", 'carried_by: "S1.1"', 'carried_by: "S9.1"',
        "S9.1", "goals.carried_by", "是否",
    ),
    "an item on no line": Case(
        "lines.yaml", 'items: ["14", "15"]', 'items: ["14"]',
        'id: "15"', "items[14].id", "写进 lines.yaml 某条线的 items", "plan.yaml",
    ),
    "an item on two lines": Case(
        "lines.yaml", 'items: ["16"]', 'items: ["16", "15"]',
        '"15"', "lines[3].items[1]", "每条只归一条线",
    ),
    "an eleventh line": Case(
        "lines.yaml", "key: episode", "key: noise",
        "noise", "lines[9].key", "dust、mobile",
    ),
    "an unknown clause to co-watch": Case(
        "lines.yaml", 'co_watch: ["10.1"]', 'co_watch: ["10.7"]',
        "10.7", "lines[0].co_watch[0]", "是否 10.1",
    ),
    "an own clause to co-watch": Case(
        "lines.yaml", 'co_watch: ["10.1"]', 'co_watch: ["14.1"]',
        "14.1", "lines[0].co_watch[0]", "从 co_watch 去掉",
    ),
    "a number prefix used twice": Case(
        "lines.yaml", "prefix: 散煤", "prefix: 扬尘",
        "扬尘", "lines[2].prefix", "每条线各用一个",
    ),
    "two codes that disagree": Case(
        "towns.yaml", 'code12: "370828103000"', 'code12: "370828104000"',
        '"370828103"', "towns[6]", '写成 "370828103000"',
    ),
    "a town of another county": Case(
        "towns.yaml", '"370828101", code12: "370828101000"', '"370827101", code12: "370827101000"',
        "370827101", "towns[4].code", "以 370828 开头",
    ),
    "an alias of another town": Case(
        "towns.yaml", "aliases: [宵云镇]", "aliases: [羊山镇]",
        "霄云镇", "towns[6].aliases[0]", "各用一个",
    ),
    "a park without our kind of code": Case(
        "county.yaml", "parks: []", "parks: [{code: park-1, name: 化工园}]",
        "park-1", "parks[0].code", "P01",
    ),
    "a department code twice": Case(
        "departments.yaml", "code: power-grid", "code: finance",
        "国网", "departments[20].code", "换一个代码",
    ),
    "an empty box": Case(
        "county.yaml", "east: 116.52", "east: 116.02",
        "boundary:", "boundary", "west < east",
    ),
    "a pack number that is no number": Case(
        "county.yaml", "number: 1\n", "number: 第一号\n",
        "第一号", "pack.number", "整数",
    ),
    "another time zone": Case(
        "county.yaml", "Asia/Shanghai", "Asia/Tokyo",
        "Asia/Tokyo", "timezone", "'Asia/Shanghai'",
    ),
    "a missing value": Case(
        "county.yaml", "  issuer: 金乡县人民政府\n", "",
        "document:", "document.issuer", "补上 issuer",
    ),
    "broken YAML": Case(
        "departments.yaml", "{code: water, name: ", "{code: water, name: ]",
        "code: water", "", "检查缩进",
    ),
    "a key twice": Case(
        "county.yaml", "name_en: Jinxiang County", "name: Jinxiang County",
        "name: Jinxiang", "", "重复的键",
    ),
}  # fmt: skip
"""What is spoilt, and the one problem that must then be listed among all."""


@pytest.mark.parametrize("case", SPOILT.values(), ids=SPOILT.keys())
def test_a_fault_is_named_with_file_line_and_field(case: Case, edited: Edit) -> None:
    folder = edited((case.file, case.old, case.new))
    file = case.reported_in or case.file
    said = (folder / file).read_text(encoding="utf-8").splitlines()
    found = [
        problem
        for problem in problems_of(folder)
        if (problem.file, problem.field) == (file, case.field) and case.right in problem.right
    ]
    assert len(found) == 1, "\n".join(map(str, problems_of(folder)))
    assert case.line_says in said[found[0].line - 1]


def test_all_faults_of_all_files_are_listed_at_once(edited: Edit) -> None:
    folder = edited(
        ("county.yaml", "east: 116.52", "east: far"),
        ("plan.yaml", 'id: "14.3"', 'id: "14.4"'),
        ("plan.yaml", "shared: [housing, sanitation]", "shared: [housing, sanitaton]"),
        ("lines.yaml", "key: episode", "key: noise"),
        ("towns.yaml", "aliases: [宵云镇]", "alias: [宵云镇]"),
    )
    fields = {(problem.file, problem.field) for problem in problems_of(folder)}
    assert fields >= {
        ("county.yaml", "boundary.east"),
        ("plan.yaml", "items[13].clauses[2].id"),
        ("plan.yaml", "items[13].clauses[1].shared[1]"),
        ("lines.yaml", "lines[9].key"),
        ("towns.yaml", "towns[6].alias"),
    }


def test_a_problem_prints_as_one_line(edited: Edit) -> None:
    folder = edited(("county.yaml", "east: 116.52", "east: far"))
    line = (folder / "county.yaml").read_text(encoding="utf-8").splitlines().index(
        "  east: far"
    ) + 1
    assert [str(problem) for problem in problems_of(folder)] == [
        f"county.yaml:{line}: boundary.east: 'far' 不是数字 / not a number"
        " (写成不带引号的数字，例如 66.6)"
    ]


def test_a_missing_and_an_unknown_file_are_named(edited: Edit) -> None:
    folder = edited()
    (folder / "towns.yaml").rename(folder / "town.yaml")
    assert {(problem.file, problem.right) for problem in problems_of(folder)} == {
        ("towns.yaml", "每个配置包都要有这个文件"),
        ("town.yaml", "是否 towns.yaml"),
    }


@pytest.mark.parametrize(
    "content",
    [b"", b"- a list", "name: 金乡".encode("gbk"), b"a: &a {b: *a}", b"a: !!binary aGk=", b"\x00"],
    ids=["empty", "list", "gbk", "recursive", "binary", "nul"],
)
def test_a_file_that_is_no_pack_file_is_one_problem(edited: Edit, content: bytes) -> None:
    folder = edited()
    (folder / "towns.yaml").write_bytes(content)
    assert [problem.file for problem in problems_of(folder)] == ["towns.yaml"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert [problem.message for problem in problems_of(tmp_path / "no")] == [
        "没有这个文件夹 / no such folder"
    ]


def problems_of(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    return caught.value.problems
