"""The page in the docs is the one that the lines make."""

from pathlib import Path

from deploy.cli.signals import page
from shared.adapters.pack import load_pack

ROOT = Path(__file__).parents[3]


def test_the_page_is_what_the_lines_say() -> None:
    county = load_pack(ROOT / "deploy/counties/jinxiang-370828")
    assert (ROOT / "docs/signals.md").read_text() == page(county), (
        "run `tenlines signals > docs/signals.md` and look at what changed"
    )
