"""Runs the intake of fire points: `python -m services.intake.firms FILE…`."""

from collections.abc import Iterable, Iterator
from math import cos, radians

import click

from services.intake.events import Event
from services.intake.firms.reading import NEEDED, FirePoint, read_firms
from services.intake.program import Tally, county_of, run
from services.intake.rows import RowError, read_rows
from shared.declaration.county import County
from shared.domain.area import Box
from shared.runtime.settings import Settings

_KM_PER_DEGREE = 111.195


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--county-only/--everywhere", default=True, help="只送县境附近的火点（默认）或全部")
@click.option(
    "--margin-km", default=10.0, show_default=True, type=click.FloatRange(0, 500), help="县境外扩"
)
@click.option("--dry-run", is_flag=True, help="只打印 JSON 行，不送 Kafka")
@click.option("--encoding", default="utf-8-sig", show_default=True)
def main(
    files: tuple[str, ...], county_only: bool, margin_km: float, dry_run: bool, encoding: str
) -> None:
    """读 FIRMS 火点 CSV（VIIRS 或 MODIS；“-”为标准输入），送入禁烧线。

    Whether a point lies in the county is decided by the line; here only far ones are left out.
    Exits 0 when all rows were taken, 1 when some were rejected, 2 when it could not go on.
    """
    box = _around(county_of(Settings()), margin_km) if county_only else None

    def reader(lines: Iterable[str], tally: Tally) -> Iterator[Event | RowError]:
        for found in read_firms(read_rows(lines, NEEDED)):
            if isinstance(found, RowError):
                yield found
            elif box is None or box.contains(found.point):
                yield _event(found)
            else:
                tally.drop(f"县境 {margin_km:g} km 以外 / far from the county")

    raise SystemExit(run(files, reader, encoding, dry_run))


def _event(fire: FirePoint) -> Event:
    return Event(
        line="burning",
        signal="satellite",
        source=fire.device_id,
        observed_at=fire.observed_at,
        data=fire.data(),
        apart=f"{fire.point.lon:.5f},{fire.point.lat:.5f}",
    )


def _around(county: County, margin_km: float) -> Box:
    said = county.about.boundary
    north_south = margin_km / _KM_PER_DEGREE
    east_west = north_south / cos(radians(said.north))
    return Box(
        said.west - east_west,
        said.south - north_south,
        said.east + east_west,
        said.north + north_south,
    )


if __name__ == "__main__":
    main()
