"""The pack against the plan's own text, which is read here a second time and in another way.

`plan.txt` beside this file is the published text, extracted page by page: its lines break anywhere,
so everything is compared without white space.
"""

import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from shared.declaration.county import County
from shared.declaration.county.plan import Target

HERE = Path(__file__).parent
ORIGINAL = HERE.parents[3] / "shared" / "plan.txt"
"""Where the source plan lies while the project is made; a clone has only the copy."""

ROLES = (("牵头", "lead"), ("分工负责", "shared"), ("负责", "lead"), ("配合", "support"))
NOT_TARGETS = {
    "7.1": Counter({"30": 2}),  # 30 万千瓦, 30 公里: which boilers are meant
    "14.1": Counter({"5000": 1}),  # 5000 平方米: which sites are meant
    "20.1": Counter({"2020": 1}),  # the baseline
}
DATE = re.compile(r"(?:到(\d{4})年底?|(\d{4})年年底前)")


def bare(text: str) -> str:
    return "".join(text.split())


class Bracket(NamedTuple):
    clause: str
    text: str
    pairs: frozenset[tuple[str, str]]
    """Full name of the department, role."""
    is_open: bool


def plan_text() -> str:
    return bare((HERE / "plan.txt").read_text(encoding="utf-8"))


def items_of(text: str) -> dict[str, str]:
    """Number of every item and safeguard → title and body, found by counting upwards."""
    tasks, safeguards = text.split("二、重点任务")[1].split("三、保障措施")
    starts: list[tuple[str, int, int]] = []
    position, number = 0, 1
    while found := re.compile(rf"(?<=[动）]){number}\.").search(tasks, position):
        starts.append((str(number), found.start(), found.end()))
        position, number = found.end(), number + 1
    found_items = {}
    for (key, _, start), following in zip(starts, [*starts[1:], None], strict=True):
        body = tasks[start : following[1] if following else len(tasks)]
        found_items[key] = re.sub(r"（[一二三四五六七]）[^。（）]*行动$", "", body)
    for key, body in zip("一二三四五", re.split(r"（[一二三四五]）", safeguards)[1:], strict=True):
        found_items[f"S{'一二三四五'.index(key) + 1}"] = body
    return found_items


def brackets_of(item: str, body: str) -> list[Bracket]:
    """Every responsibility bracket with the text since the one before it."""
    _, body = body.split("。", 1)
    found: list[Bracket] = []
    start = 0
    for match in re.finditer(r"（[^（）]*）", body):
        words = match.group()[1:-1]
        pairs, is_open = set(), False
        for phrase in words.split("，"):
            role = next((role for ending, role in ROLES if phrase.endswith(ending)), None)
            if role is None:
                continue
            names = re.sub("(牵头|分工负责|负责|配合)$", "", phrase)
            is_open = is_open or names.endswith("等")
            pairs |= {(name, role) for name in names.removesuffix("等").split("、")}
        if pairs:
            number = f"{item}.{len(found) + 1}"
            found.append(Bracket(number, body[start : match.start()], frozenset(pairs), is_open))
            start = match.end()
    assert body[start:] == "", f"text of item {item} after its last bracket"
    return found


BRACKETS = [
    bracket for item, body in items_of(plan_text()).items() for bracket in brackets_of(item, body)
]
GOALS = plan_text().split("一、总体要求")[1].split("二、重点任务")[0]


def test_the_copy_is_the_source() -> None:
    if not ORIGINAL.exists():
        pytest.skip("the source plan lies outside the checkout")
    assert (HERE / "plan.txt").read_bytes() == ORIGINAL.read_bytes()


def test_the_plan_has_25_items_5_safeguards_49_brackets_and_120_pairs() -> None:
    assert list(items_of(plan_text())) == [*map(str, range(1, 26)), "S1", "S2", "S3", "S4", "S5"]
    assert len(BRACKETS) == 49
    assert sum(len(bracket.pairs) for bracket in BRACKETS) == 120


def test_items_have_the_plans_titles(county: County) -> None:
    titles = {key: body.split("。")[0] for key, body in items_of(plan_text()).items()}
    assert {item.id: bare(item.title) for item in county.plan.all_items()} == titles


def test_items_stand_in_the_plans_sections(county: County) -> None:
    text = plan_text()
    for item in county.plan.items:
        before = text[: text.index(f"{item.id}.{bare(item.title)}。")]
        last = re.findall(r"（[一二三四五六七]）([^。（）]*?行动)", before)[-1]
        assert item.section == last


def test_every_clause_is_the_plans_text(county: County) -> None:
    assert {clause.id: bare(clause.text) for clause in county.plan.clauses()} == {
        bracket.clause: bracket.text for bracket in BRACKETS
    }
    assert bare(county.plan.goals.text) == GOALS


def test_every_department_and_role_is_the_plans(county: County) -> None:
    rows = county.rows()
    assert len(rows) == len({row.id for row in rows}) == 120
    assert {(row.clause, row.department_name, row.role.value) for row in rows} == {
        (bracket.clause, name, role) for bracket in BRACKETS for name, role in bracket.pairs
    }


def test_open_lists_are_the_plans(county: County) -> None:
    assert [clause.id for clause in county.plan.clauses() if clause.open_list] == [
        bracket.clause for bracket in BRACKETS if bracket.is_open
    ]


@pytest.mark.parametrize("word", ["鼓励", "力争", "基本", "原则上"])
def test_softening_words_are_kept(county: County, word: str) -> None:
    assert [clause.id for clause in county.plan.clauses() if word in clause.wording] == [
        bracket.clause for bracket in BRACKETS if word in bracket.text
    ]


def texts_with_targets(county: County) -> list[tuple[str, str, tuple[Target, ...]]]:
    held = {clause.id: clause.targets for clause in county.plan.clauses()}
    return [
        ("goals", GOALS, county.plan.goals.targets),
        *((bracket.clause, bracket.text, held[bracket.clause]) for bracket in BRACKETS),
    ]


def test_every_number_of_the_plan_is_a_target_and_every_target_a_number(county: County) -> None:
    for where, text, targets in texts_with_targets(county):
        numbers = Counter(re.findall(r"\d+(?:\.\d+)?", DATE.sub("", text.replace("PM2.5", "PM"))))
        numbers -= NOT_TARGETS.get(where, Counter())
        held = Counter(f"{target.value:g}" for target in targets if target.value)
        assert held == numbers, where


def test_zero_is_only_where_the_plan_says_so(county: County) -> None:
    for where, text, targets in texts_with_targets(county):
        zeros = [target for target in targets if target.value == 0]
        assert len(zeros) == text.count("清零"), where
        assert all("清零" in target.quote and target.operator == "=" for target in zeros), where


def test_every_date_of_the_plan_is_a_deadline(county: County) -> None:
    """A target's day is the last one that the plan names before it in the same clause."""
    for where, text, targets in texts_with_targets(county):
        for target in targets:
            end = text.index(bare(target.quote)) + len(bare(target.quote))
            years = [a or b for a, b in DATE.findall(text[:end])]
            expected = date(int(years[-1]), 12, 31) if years else None
            assert target.deadline == expected, target.id
        dates = {a or b for a, b in DATE.findall(text)}
        assert dates == {str(target.deadline.year) for target in targets if target.deadline}, where


def test_values_stand_with_their_unit_and_operator(county: County) -> None:
    for where, text, targets in texts_with_targets(county):
        for target in targets:
            if not target.value:
                continue
            words = f"{target.value:g}{target.unit}"
            assert words in bare(target.quote), target.id
            around = re.search(rf"(.{{3}}){re.escape(words)}(.{{0,2}})", text)
            assert around is not None, where
            if around.group(2) == "以内" or target.id == "G-1":
                assert target.operator == "<=", target.id
            else:
                # 以上, 不低于, 达到, 下降: a floor, also where the plan only says 达到
                assert target.operator == ">=", target.id


def test_towns_and_parks_carry_out_the_items(county: County) -> None:
    assert bare(county.plan.towns_and_parks.wording) in plan_text()
    assert [clause.id for clause in county.clauses_of_towns()] == [
        bracket.clause for bracket in BRACKETS if not bracket.clause.startswith("S")
    ]
