"""Writes the dashboards' JSON anew: `python -m deploy.grafana.build [PACK] [--gateway ADDRESS]`.

The committed files are those of the compose file's default county; a test holds them equal. Another
county builds its own: its lines, towns and stations have other names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.county import county
from deploy.grafana.flow import flow
from deploy.grafana.line import line
from deploy.grafana.town import town
from deploy.grafana.words import Words, words
from deploy.launcher.places import ROOT

FOLDER = Path(__file__).with_name("dashboards")
PACK = ROOT / "deploy/counties/jinxiang-370828"
GATEWAY = "http://127.0.0.1:8000"
DASHBOARDS: Mapping[str, Callable[[Words, str], Dashboard]] = {
    "county.json": county,
    "line.json": line,
    "town.json": town,
    "flow.json": flow,
}


def text(name: str, pack: Path = PACK, gateway: str = GATEWAY) -> str:
    """As it stands in the file: readable, and the same for the same dashboard."""
    made = DASHBOARDS[name](words(pack), gateway).build()
    raw: Any = json.loads(json.dumps(made, cls=JSONEncoder))
    return json.dumps(raw, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


@click.command()
@click.argument("pack", type=click.Path(exists=True, file_okay=False, path_type=Path), default=PACK)
@click.option("--gateway", default=GATEWAY, show_default=True, help="Where people reach it.")
@click.option(
    "--to", type=click.Path(file_okay=False, path_type=Path), default=FOLDER, help="Folder."
)
def main(pack: Path, gateway: str, to: Path) -> None:
    """Write the dashboards for the county whose folder is PACK."""
    to.mkdir(parents=True, exist_ok=True)
    for name in DASHBOARDS:
        (to / name).write_text(text(name, pack, gateway), encoding="utf-8")


if __name__ == "__main__":
    main()
