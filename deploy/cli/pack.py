"""`tenlines pack …`: what an office does with a county pack before it is started with it."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from shared.adapters.pack import PackError, load_pack
from shared.declaration.county import County
from shared.declaration.county.counts import LineCounts, counts
from shared.domain.responsibility import PART_NAMES, Part


@click.group()
def pack() -> None:
    """县级配置包 / the county pack."""


@pack.command()
@click.argument("path", type=click.Path(path_type=Path))
def check(path: Path) -> None:
    """检查配置包 PATH：有错逐条列出（文件:行: 字段），无错列出概要。

    Exits 1 when anything is wrong with the pack in folder PATH.
    """
    try:
        county = load_pack(path)
    except PackError as error:
        for problem in error.problems:
            click.echo(str(problem))
        click.echo(f"{len(error.problems)} 处要改 / {len(error.problems)} problems", err=True)
        raise SystemExit(1) from None
    _print_summary(county)


def _print_summary(county: County) -> None:
    about = county.about
    click.echo(
        f"{about.name} {about.code} · 第 {about.pack.number} 号 · 自 {about.pack.effective_date} 起"
        f" · {about.document.number} · 镇街 {len(county.towns)} · 园区 {len(county.parks)}"
        f" · 部门 {len(county.departments)}"
    )
    table = Table()
    for heading in ("工作线", "名称"):
        table.add_column(heading, no_wrap=True)
    for heading in ("条款", *PART_NAMES.values(), "责任", "目标", "任务"):
        table.add_column(heading, justify="right", no_wrap=True)
    found = counts(county)
    for line in found:
        table.add_row(
            line.line.key, line.line.name, *_numbers((line,)), end_section=line == found[-1]
        )
    table.add_row("合计", "", *_numbers(found))
    # Piped output has no width of its own, and a cut name helps nobody.
    Console(width=None if Console().is_terminal else 120).print(table)


def _numbers(lines: tuple[LineCounts, ...]) -> tuple[str, ...]:
    parts = [sum(line.rows[part] for line in lines) for part in Part]
    return tuple(
        str(number)
        for number in (
            sum(line.clauses for line in lines),
            *parts,
            sum(parts),
            sum(line.targets for line in lines),
            sum(line.tasks for line in lines),
        )
    )
