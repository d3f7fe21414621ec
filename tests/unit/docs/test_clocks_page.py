"""docs/clocks.md is what the code and the shipped pack say."""

from pathlib import Path

from deploy.clocks_page import page
from deploy.lines import all_lines
from shared.adapters.pack import load_pack

COUNTY = load_pack(Path("deploy/counties/jinxiang-370828"))


def test_the_page_says_what_the_code_does() -> None:
    assert Path("docs/clocks.md").read_text() == page(COUNTY), (
        "run `tenlines clocks > docs/clocks.md` and look at what changed"
    )


def test_every_code_in_the_table_is_one_that_a_line_knows() -> None:
    lines = {line.key: line for line in all_lines()}
    for row in COUNTY.clocks.rows:
        among = [lines[key] for key in row.lines or lines]
        for category in row.categories or ():
            assert any(category == term.code for line in among for term in line.categories)
        for source in row.sources or ():
            assert any(source == term.code for line in among for term in line.sources)
