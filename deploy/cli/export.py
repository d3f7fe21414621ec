"""Write a ledger to an Excel workbook or a CSV (导出台账)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click
import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.cli._gateway_http import asking, client, refused, unreachable
from deploy.launcher.trouble import Trouble

LEDGERS = ("responsibilities", "tasks", "problems")
FORMS = {".xlsx": "xlsx", ".csv": "csv"}


@click.command()
@click.argument("ledger", type=click.Choice(LEDGERS))
@click.option("-o", "--output", "to", required=True,
              type=click.Path(dir_okay=False, path_type=Path), help="FILE.xlsx or FILE.csv.")  # fmt: skip
@click.option("--line", multiple=True, help="Only this line; may be repeated.")
@click.option("--town", multiple=True, help="Only this town or park, by code; may be repeated.")
@click.option("--department", multiple=True, help="Only this department, by code.")
@click.option("--status", multiple=True, help="Only entries in this state.")
@click.option("--filter", "filters", multiple=True, metavar="NAME=VALUE",
              help="Any other filter of the list, such as severity=critical or q=裸土.")  # fmt: skip
@asking(required=False)
def export(
    ledger: str,
    to: Path,
    line: tuple[str, ...],
    town: tuple[str, ...],
    department: tuple[str, ...],
    status: tuple[str, ...],
    filters: tuple[str, ...],
    url: str | None,
    actor: str | None,
    role: str | None,
    unit: str | None,
    name: str | None,
) -> None:
    """Write LEDGER as the office's own form, with the same filters as the lists.

    责任人 and 联系电话 are in it only where --actor and --role say that somebody of the work asks.
    FILE is there when it is whole; until then what is in its place stays.
    """
    form = FORMS.get(to.suffix.lower())
    if form is None:
        raise click.UsageError(f"{to}: 文件名须以 .xlsx 或 .csv 结尾 / must end in .xlsx or .csv")
    query = [
        *(("line", each) for each in line),
        *(("town", each) for each in town),
        *(("department", each) for each in department),
        *(("status", each) for each in status),
        *(_pair(each) for each in filters),
    ]
    with client(url, actor, role, unit, name) as http:
        try:
            size = _fetch(http, f"/v1/exports/{ledger}.{form}", query, to)
        except httpx.HTTPError as error:
            raise unreachable(http.base_url, error) from None
        except OSError as error:
            raise Trouble(f"写不了 {to} / cannot write: {error.strerror}") from None
    click.echo(f"{to}: {size / 1024:.0f} KB")


def _pair(said: str) -> tuple[str, str]:
    name, equals, value = said.partition("=")
    if not (name and equals):
        raise click.UsageError(f"--filter {said}: 须写成 NAME=VALUE,如 severity=critical")
    return name, value


def _fetch(http: httpx.Client, path: str, query: Sequence[tuple[str, str]], to: Path) -> int:
    part = to.with_name(f".{to.name}.{os.getpid()}.part")
    size = 0
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            # A workbook is written whole before its first byte comes.
            task = progress.add_task("正在生成 writing", total=None)
            with http.stream("GET", path, params=tuple(query)) as got:
                if got.status_code != 200:
                    got.read()
                    raise refused(_document(got))
                length = got.headers.get("content-length")
                progress.update(
                    task, description="正在下载 receiving", total=int(length) if length else None
                )
                with part.open("wb") as file:
                    for chunk in got.iter_bytes():
                        file.write(chunk)
                        size += len(chunk)
                        progress.update(task, completed=size)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return size


def _document(got: httpx.Response) -> dict[str, object]:
    try:
        document = got.json()
    except ValueError:
        document = None
    return (
        document if isinstance(document, dict) else {"title": got.status_code, "detail": got.text}
    )
