"""The page in the docs is the one that the code makes."""

from pathlib import Path

from shared.domain.diagram import page

PAGE = Path(__file__).parents[3] / "docs" / "life-of-a-problem.md"


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text() == page(), (
        "run `tenlines transitions > docs/life-of-a-problem.md` and look at what changed"
    )
