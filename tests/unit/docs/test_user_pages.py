"""The pages for users name what there is: files, commands, filters, roles."""

import re
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from pydantic import BaseModel

from shared.domain.actor import Role
from shared.domain.decide import ALL_RULES, CREATES
from shared.domain.entry import Kind
from shared.runtime.http.commands import public_commands
from shared.runtime.http.problem_query import ProblemParameters
from shared.runtime.http.task_query import TaskParameters

PAGES = sorted(Path("docs/users").glob("*.md"))
COMMANDS = {name for kind in Kind for name in [*public_commands(kind), CREATES[kind]]}
_INTERNAL = {name for kind in Kind for name, rule in ALL_RULES[kind].items() if rule.internal}


def test_there_is_one_for_each_kind_of_user() -> None:
    assert {page.stem for page in PAGES} == {
        "coordinator", "department", "inspector", "operations", "reporters-and-devices", "town",
    }  # fmt: skip
    readme = Path("README.md").read_text()
    assert all(f"docs/users/{page.name}" in readme for page in PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_and_roles_are_those_of_the_product(page: Path) -> None:
    text = page.read_text()
    called = re.findall(r"/v1/problems/\$id/([a-z-]+)", text)
    assert set(called) <= COMMANDS
    assert not set(re.findall(r"`([a-z]+-[a-z-]+)`", text)) & _INTERNAL
    assert set(re.findall(r"X-Role: (\w+)", text)) <= {role.value for role in Role}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_filters_are_those_of_the_lists(page: Path) -> None:
    models: dict[str, type[BaseModel]] = {"problems": ProblemParameters, "tasks": TaskParameters}
    for name, asked in re.findall(r"/v1/(problems|tasks)\?([^`\"\s]+)", page.read_text()):
        given = parse_qs(asked, strict_parsing=True)
        lists = {"line", "level", "town", "status"}
        raw = {key: values if key in lists else values[0] for key, values in given.items()}
        models[name].model_validate(raw)
