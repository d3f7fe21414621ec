"""Add AQI, primary pollutant and level to a CSV of concentrations."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from deploy.cli._aqi_rows import ADDED, EMPTY, AqiRows, BadRow
from deploy.cli._csv_text import CsvText, look_at, output
from deploy.launcher.places import ROOT
from deploy.launcher.trouble import Trouble
from deploy.launcher.usual import settings
from shared.adapters.pack import PackError, load_pack
from shared.declaration.county.standards import NoStandard
from shared.domain.aqi_table import AqiTable, Period


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--standard", required=True, help="HJ633-2012, HJ633-2026: an AQI of standards.yaml.")
@click.option(
    "--period",
    required=True,
    type=click.Choice([period.value for period in Period]),
    help="Of AQI.",
)
@click.option(
    "--output",
    "to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; without it standard output.",
)
def aqi(file: Path, standard: str, period: str, to: Path | None) -> None:
    """Add the columns aqi, primary, level and level_name to FILE, a CSV with a header.

    An hour needs the columns pm25 pm10 so2 no2 co o3_1h, a day o3_8h in place of o3_1h; CO in
    mg/m³, all others in µg/m³, empty where missing. Every other column passes through. FILE may be
    UTF-8 or GB18030; the answer is UTF-8. Where nothing may be published, aqi is NA. Several
    primary pollutants are joined by “;”.

    A row with a bad cell is told on standard error by its number (the header is row 1) and gets
    empty results; the exit status is then 1.
    """
    table = _table(standard)
    text = look_at(file)
    rows, refused = _convert(text, table, Period(period), to)
    if refused:
        click.echo(f"{rows} 行，{refused} 行有错，结果留空 / {refused} rows refused", err=True)
        raise SystemExit(1)


def _table(standard: str) -> AqiTable:
    """From the county's pack; a relative folder may also be seen from the checkout."""
    folder = settings().county
    folder = folder if folder.is_dir() else ROOT / folder
    try:
        return load_pack(folder).standards.aqi_named(standard)
    except PackError as error:
        raise Trouble(
            f"配置包 {folder} 有 {len(error.problems)} 处要改；运行 tenlines pack check {folder}"
        ) from None
    except NoStandard as error:
        raise Trouble(str(error)) from None


def _convert(text: CsvText, table: AqiTable, period: Period, to: Path | None) -> tuple[int, int]:
    """How many rows there were, and how many were refused."""
    source = text.rows()
    header = next(source, None)
    if header is None:
        raise Trouble(f"{text.path} 是空的 / is empty; 第 1 行须是表头")
    rows = AqiRows(table, period, header)
    rows.doubt(text.rows())
    count = refused = 0
    with output(text, to) as out:
        writer = csv.writer(out, lineterminator=text.line_end)
        writer.writerow((*header, *ADDED))
        for number, row in enumerate(source, 2):
            if not row:  # a blank line: no row, but it keeps its place
                writer.writerow(row)
                continue
            count += 1
            added: tuple[str, ...] = EMPTY
            try:
                added = rows.added(row)
            except BadRow as error:
                refused += 1
                for cell in error.cells:
                    click.echo(
                        f"第 {number} 行 {cell.column} / row {number}: {cell.rule}（{cell.right}）",
                        err=True,
                    )
            short = ("",) * (rows.width - len(row))
            writer.writerow((*row, *short, *added))
    return count, refused
