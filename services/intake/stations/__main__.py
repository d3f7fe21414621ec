"""Runs the intake of station tables: `python -m services.intake.stations FILE --format …`."""

from collections.abc import Iterable, Iterator

import click

from services.intake.events import Event
from services.intake.program import Tally, county_of, run
from services.intake.rows import Row, RowError, read_rows
from services.intake.stations.formats import FORMATS
from services.intake.stations.reading import read_stations
from shared.runtime.settings import Settings


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--format",
    "name",
    required=True,
    type=click.Choice(list(FORMATS)),
    help="cnemc-hourly：总站小时发布（CO mg/m³）；beijing-uci：UCI 501（CO µg/m³）；"
    "wide：device_id, observed_at, pm25, pm10, so2, no2, o3, co（CO mg/m³）",
)
@click.option("--city", "cities", multiple=True, help="只要这些城市（cnemc-hourly 的 City 列）")
@click.option("--dry-run", is_flag=True, help="只打印 JSON 行，不送 Kafka")
@click.option("--encoding", default="utf-8-sig", show_default=True)
def main(
    files: tuple[str, ...], name: str, cities: tuple[str, ...], dry_run: bool, encoding: str
) -> None:
    """读站点小时 CSV（“-”为标准输入），送入高值区线。

    A station that places.yaml knows by id or name gets its id, town and position from there.
    Exits 0 when all rows were taken, 1 when some were rejected, 2 when it could not go on.
    """
    table = FORMATS[name]
    places = county_of(Settings()).places
    if cities and "City" not in table.needed:
        raise click.UsageError(f"{name} 没有 City 列 / has no column City")

    def reader(lines: Iterable[str], tally: Tally) -> Iterator[Event | RowError]:
        rows = read_rows(lines, table.needed)
        if cities:
            rows = _of_cities(rows, frozenset(cities), tally)
        for found in read_stations(
            rows, table, lambda said: places.station(said) or places.station_named(said)
        ):
            if isinstance(found, RowError):
                yield found
            else:
                yield Event(
                    line="hotspot",
                    signal="station-hourly",
                    source=found.device_id,
                    observed_at=found.observed_at,
                    data=found.data(),
                )

    raise SystemExit(run(files, reader, encoding, dry_run))


def _of_cities(
    rows: Iterable[Row | RowError], cities: frozenset[str], tally: Tally
) -> Iterator[Row | RowError]:
    for row in rows:
        if isinstance(row, RowError) or row.text("City") in cities:
            yield row
        else:
            tally.drop("其他城市 / other cities")


if __name__ == "__main__":
    main()
