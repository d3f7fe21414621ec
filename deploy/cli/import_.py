"""Check and import a filled-in problem ledger (导入问题清单)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.cli._gateway_http import asking, client, refused, unreachable

CELLS_SHOWN = 200
OUTCOMES = {
    "new": "可登记",
    "registered": "已登记",
    "repeated": "以前已导入",
    "progress": "进展",
    "unchanged": "无变化",
    "accepted": "已受理,待答复",
    "refused": "被拒绝",
    "not-tried": "未办理",
}
_CHUNK = 1 << 16


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only look: change nothing.")
@asking(required=True)
def import_(
    file: Path,
    dry_run: bool,
    url: str | None,
    actor: str,
    role: str,
    unit: str | None,
    name: str | None,
) -> None:
    """Register the new rows of FILE and report the progress that is written in the others.

    FILE is an exported problem ledger (.xlsx, .xls or .csv). All rows are looked at first; where any
    cell is wrong nothing is imported, every wrong cell is listed, and the exit status is 1. The same
    rows again register nothing twice.
    """
    raw = file.read_bytes()
    with client(url, actor, role, unit, name) as http:
        try:
            got = _post(http, raw, dry_run)
        except httpx.HTTPError as error:
            raise unreachable(http.base_url, error) from None
    report: dict[str, Any] = got.json() if "json" in got.headers.get("content-type", "") else {}
    if "cells" not in report:
        raise refused(report or {"title": got.status_code, "detail": got.text})
    _tell(report)
    if not report.get("ok"):
        raise SystemExit(1)


def _post(http: httpx.Client, raw: bytes, dry_run: bool) -> httpx.Response:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("正在上传 sending", total=len(raw))

        def chunks() -> Iterator[bytes]:
            for start in range(0, len(raw), _CHUNK):
                yield raw[start : start + _CHUNK]
                progress.update(task, advance=_CHUNK)
            said = "正在检查 checking" if dry_run else "正在导入 importing"
            progress.update(task, description=said, total=None)

        return http.post(
            "/v1/imports/problems",
            params={"dry_run": str(dry_run).lower()},
            content=chunks(),
            headers={"Content-Type": "application/octet-stream"},
        )


def _tell(report: Mapping[str, Any]) -> None:
    console = Console(highlight=False)
    for note in report["file"]["notes"]:
        console.print(f"注意 note: {note}", markup=False)
    if report["cells"]:
        console.print(_cells("有误的单元格 wrong cells", report["cells"]))
        listed = len(report["cells"][:CELLS_SHOWN])
        if report["wrong_cells"] > listed:
            console.print(f"…还有 {report['wrong_cells'] - listed} 处 / more")
    if report["warnings"]:
        console.print(_cells("未导入的内容 not taken over", report["warnings"]))
    rows = report.get("rows", [])
    failed = [row for row in rows if row["outcome"] in ("refused", "not-tried")]
    if failed:
        console.print(_failed(failed))
    counts = Counter(row["outcome"] for row in rows)
    words = [f"{zh} {counts[outcome]} 行" for outcome, zh in OUTCOMES.items() if counts[outcome]]
    if report["wrong_cells"]:
        words.append(f"有误 {report['wrong_rows']} 行 {report['wrong_cells']} 处")
    title = "只检查,未导入 dry run" if report["dry_run"] else "导入 import"
    if report["wrong_cells"] and not report["dry_run"]:
        title = "一行也没有导入 nothing was imported"
    console.print(f"{title}: {'，'.join(words) or '没有可导入的行'}", markup=False)


def _cells(title: str, cells: list[dict[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("行", "列", "表头", "填的是", "问题", "应为"):
        table.add_column(heading, overflow="fold")
    for cell in cells[:CELLS_SHOWN]:
        said = (cell["row"], cell["column"], cell["heading"], cell["found"], cell["detail"])
        table.add_row(*(_plain(each) for each in (*said, cell["right"])))
    return table


def _failed(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="未能办理的行 refused rows", title_justify="left")
    for heading in ("行", "编号", "结果", "原因"):
        table.add_column(heading, overflow="fold")
    for row in rows[:CELLS_SHOWN]:
        said = (row["row"], row["number"], OUTCOMES[row["outcome"]], row["problem"]["detail"])
        table.add_row(*(_plain(each) for each in said))
    return table


def _plain(value: object) -> str:
    """A clerk's square brackets are no markup."""
    return "" if value is None else str(value).replace("[", "\\[")
