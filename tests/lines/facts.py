"""The real county's facts, as a line's rules get them."""

from functools import cache
from pathlib import Path

from shared.adapters.pack import load_pack
from shared.declaration.county.facts_for_rules import CountyFacts

PACK = Path(__file__).parents[2] / "deploy/counties/jinxiang-370828"


@cache
def county_facts() -> CountyFacts:
    return CountyFacts(load_pack(PACK))
