"""The county's own pack with the simulated places in it, so that lines know whose device speaks."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deploy.simulation.places import FARMS, KITCHENS, PLANTS, SITES, STACKS, STATIONS
from deploy.simulation.places import SimulatedPlace as Place

_MEASURES = {
    "yellow": ["停用一台破碎机(模拟)"],
    "orange": ["停产一半生产线(模拟)"],
    "red": ["全部停产(模拟)"],
}


def write_pack(county: Path, target: Path) -> None:
    """Copy the pack in `county` to `target`, with places.yaml written anew. What the office filled
    in there is left out: simulated readings must not speak of real enterprises."""
    shutil.copytree(county, target, dirs_exist_ok=True)
    # JSON is YAML, and needs no care for quotation marks.
    text = json.dumps(_places(), ensure_ascii=False, indent=1)
    (target / "places.yaml").write_text(f"# 模拟地点，都不是真的。\n{text}\n", encoding="utf-8")


def _places() -> dict[str, Any]:
    return {
        "stations": [
            {**_place(each), "kind": "grid", "mark": "D", "source": "模拟"} for each in STATIONS
        ],
        "sites": [_place(each) for each in SITES],
        "enterprises": [
            *_enterprises(STACKS, "industry", listed=True),
            *_enterprises(PLANTS, "vocs"),
            *_enterprises((*KITCHENS, *FARMS), "livelihood"),
        ],
        "heat_sources": [],
        "blackouts": [],
    }


def _enterprises(places: Iterable[Place], line: str, listed: bool = False) -> list[dict[str, Any]]:
    more = {"emergency_list": True, "measures": _MEASURES} if listed else {}
    return [{**_place(each), "lines": [line], **more} for each in places]


def _place(each: Place) -> dict[str, Any]:
    return {
        "id": each.id, "name": each.name, "town": each.town, "lon": each.lon, "lat": each.lat,
    }  # fmt: skip
