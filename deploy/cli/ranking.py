"""Rank towns or stations by the month's composite index (综合指数)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import click

from deploy.cli._csv_text import CsvText, look_at, output
from deploy.cli._ranking_rows import RankingRows
from deploy.launcher.places import ROOT
from deploy.launcher.trouble import Trouble
from deploy.launcher.usual import settings
from shared.adapters.pack import PackError, load_pack
from shared.declaration.composite_terms import coverage_of, norms_on
from shared.declaration.county.county import County
from shared.declaration.county.facts_for_rules import CountyFacts
from shared.domain.composite import (
    POLLUTANTS,
    Month,
    Ranking,
    day_values,
    mean_of,
    month_values,
)
from shared.domain.composite import ranking as ranked
from shared.domain.moments import day_start


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--month", "said", required=True, help="YYYY-MM, Asia/Shanghai.")
@click.option(
    "--output",
    "to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; without it standard output.",
)
def ranking(file: Path, said: str, to: Path | None) -> None:
    """Rank the towns of FILE, a CSV of station hours, by the composite index of a month.

    Columns: town and/or station, time (the hour's end; without an offset Beijing time), pm25 pm10
    so2 no2 co o3 (1 hour); CO in mg/m³, all others in µg/m³, empty where missing; qc_flag other
    than N leaves a row's values out. Without town, the stations are ranked.

    Limits and weights are those in force on the month's first day. Towns with too few days come
    last, without a rank and with what they lack. Bad rows are told on standard error; the exit
    status is then 1.
    """
    month = _month(said)
    facts = CountyFacts(_county())
    text = look_at(file)
    months, other_months, refused = _read(text, month, facts)
    with output(text, to) as out:
        writer = csv.writer(out, lineterminator=text.line_end)
        writer.writerows(_table(ranked(months, norms_on(month, facts)), months))
    if other_months:
        click.echo(f"{other_months} 行属于其他月份，未计入 / of other months", err=True)
    if refused:
        click.echo(f"{refused} 行有错，未计入 / rows refused", err=True)
        raise SystemExit(1)


def composites(file: Path, said: str, by: str) -> tuple[dict[str, float], int]:
    """(town or station → composite index of the month, rows refused); who has too few days is
    missing. The limits and weights are those of the month `by`: what is compared over years must
    be measured by the same. Raises Trouble."""
    month, facts = _month(said), CountyFacts(_county())
    months, _, refused = _read(look_at(file), month, facts)
    found = ranked(months, norms_on(_month(by), facts))
    return {place.name: place.composite.value for place in found.places}, refused


def _read(text: CsvText, month: date, facts: CountyFacts) -> tuple[dict[str, Month], int, int]:
    """(unit → its month, rows of other months, rows refused); refused ones are told."""
    source = text.rows()
    header = next(source, None)
    if header is None:
        raise Trouble(f"{text.path} 是空的 / is empty; 第 1 行须是表头")
    rows = RankingRows(header, month, _county().standards.aqi_for(day_start(month)))
    refused = 0
    for number, row in enumerate(source, 2):
        if not row:
            continue
        try:
            rows.take(row)
        except ValueError as error:
            refused += 1
            click.echo(f"第 {number} 行 / row {number}: {error}", err=True)
    months = _months(rows, month, facts)
    if not months:
        raise Trouble(f"{text.path} 没有 {month:%Y-%m} 的数据 / has no hours of that month")
    return months, rows.other_months, refused


def _months(rows: RankingRows, month: date, facts: CountyFacts) -> dict[str, Month]:
    norms, coverage = norms_on(month, facts), coverage_of(month, facts)
    return {
        unit: month_values(
            [
                mean_of([day_values(hours, coverage, norms) for hours in stations.values()])
                for _, stations in sorted(days.items())
            ],
            coverage,
        )
        for unit, days in rows.units.items()
    }


def _table(found: Ranking, months: dict[str, Month]) -> Iterator[tuple[object, ...]]:
    """Concentrations, then what each adds to the index."""
    yield ("rank", "name", "index", *POLLUTANTS, *(f"{p}_index" for p in POLLUTANTS), "note")
    for place in found.places:
        parts = place.composite.parts
        yield (
            place.rank,
            place.name,
            f"{place.composite.value:.2f}",
            *(f"{part.concentration:.4g}" for part in parts),
            *(f"{part.index:.3f}" for part in parts),
            "",
        )
    for name, lacking in found.left_out:
        days = "、".join(f"{one} {months[name].days[one]} 天" for one in lacking)
        blanks = ("",) * (1 + 2 * len(POLLUTANTS))
        yield ("", name, *blanks, f"有效天数不足，不参加排名：{days}")


def _month(said: str) -> date:
    try:
        return datetime.strptime(said, "%Y-%m").date()
    except ValueError:
        raise Trouble(f"--month “{said}”须如 2026-01 / is no month") from None


def _county() -> County:
    """The county's pack; a relative folder may also be seen from the checkout."""
    folder = settings().county
    folder = folder if folder.is_dir() else ROOT / folder
    try:
        return load_pack(folder)
    except PackError as error:
        raise Trouble(
            f"配置包 {folder} 有 {len(error.problems)} 处要改；运行 tenlines pack check {folder}"
        ) from None
