"""The coordinator's reports as files: the numbered batch, the ranking, the accountability ladder."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import click
import httpx
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from deploy.cli._csv_text import look_at
from deploy.cli.ranking import composites
from deploy.launcher.ports import HOST
from deploy.launcher.processes import DEFAULT_PORTS, GATEWAY
from deploy.launcher.trouble import Trouble
from deploy.launcher.usual import settings

KINDS = ("docx", "xlsx")
_SECONDS = 120.0
_AIR_COLUMNS = ("month", "town", "composite", "yoy")

_gateway = click.option(
    "--gateway", "url", help="Address of the gateway; by default the one of `tenlines up`."
)
_folder = click.option(
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Folder for the files; by default here.",
)
_month = click.option("--month", required=True, help="YYYY-MM, Asia/Shanghai.")
_actor = click.option("--actor", default="coordinator", help="Who acts (X-Actor).")
_unit = click.option("--unit", default="ecology", help="The coordinator's unit (X-Unit).")


@click.group()
def report() -> None:
    """批次、工作评分排名、问责阶梯 / batch, work ranking, accountability, as Word and Excel."""


@report.command()
@click.argument("number", type=click.IntRange(min=1), required=False)
@click.option("--draw", is_flag=True, help="Draw the next batch first.")
@click.option("--dry-run", is_flag=True, help="Say what the next batch would hold, draw nothing.")
@click.option("--from", "begin", help="Day or moment; by default since the last batch.")
@click.option("--to", "end", help="Day (included) or moment; by default now.")
@click.option("--line", "lines", multiple=True, help="Only this line; may be repeated.")
@click.option("--title", help="Title of the batch.")
@click.option("--key", help="Idempotency-Key: the same one never draws a second batch.")
@_actor
@_unit
@_gateway
@_folder
def batch(
    number: int | None,
    draw: bool,
    dry_run: bool,
    begin: str | None,
    end: str | None,
    lines: tuple[str, ...],
    title: str | None,
    key: str | None,
    actor: str,
    unit: str,
    url: str | None,
    folder: Path,
) -> None:
    """Write batch NUMBER, or draw the next one and write it."""
    if (number is not None) + draw + dry_run != 1:
        raise click.UsageError("give a NUMBER, or --draw, or --dry-run")
    with _Gateway(url, actor, unit) as gateway:
        if number is None:
            wish = {"from": begin, "to": end, "lines": list(lines), "title": title}
            body = {name: value for name, value in wish.items() if value}
            where = f"/v1/batches{'?dry_run=true' if dry_run else ''}"
            headers = {"Idempotency-Key": key} if key else {}
            made = gateway.json("POST", where, "出批次 drawing", body, headers)
            click.echo(_told(made))
            if dry_run:
                return
            number = int(made["number"])
        gateway.write(f"/v1/batches/{number}", {}, folder, f"batch-{number}")


@report.command()
@_month
@click.option("--by", type=click.Choice(["town", "line"]), default="town", show_default=True)
@_gateway
@_folder
def ranking(month: str, by: str, url: str | None, folder: Path) -> None:
    """Write the work ranking of a month."""
    with _Gateway(url) as gateway:
        asked = {"month": month, "by": by}
        gateway.write("/v1/reports/ranking", asked, folder, f"ranking-{by}-{month}")


@report.command()
@_month
@click.option(
    "--air",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"CSV of months to keep first: {','.join(_AIR_COLUMNS)} (yoy in percent, may be empty).",
)
@click.option(
    "--hours",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of the month's station hours, as `tenlines ranking` takes it, to keep the month from.",
)
@click.option(
    "--hours-before",
    "before",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The same of a year before, for the improvement.",
)
@_actor
@_unit
@_gateway
@_folder
def accountability(
    month: str,
    air: Path | None,
    hours: Path | None,
    before: Path | None,
    actor: str,
    unit: str,
    url: str | None,
    folder: Path,
) -> None:
    """Write where each town stands on the accountability ladder at the end of a month.

    Months of air that are not kept yet are given as ranks (--air) or computed (--hours). What is
    kept already is never replaced from here.
    """
    if before is not None and hours is None:
        raise click.UsageError("--hours-before needs --hours")
    months = _air(air) if air is not None else {}
    if hours is not None:
        months[month] = _computed(month, hours, before)
    with _Gateway(url, actor, unit) as gateway:
        for key, rows in sorted(months.items()):
            kept = gateway.json(
                "PUT", f"/v1/rankings/air/{key}", f"登记 {key} keeping", {"rows": rows}
            )
            lacking = "、".join(each["name"] for each in kept["missing"])
            said = f",缺 missing: {lacking}" if lacking else ""
            click.echo(f"{key} 第 {kept['version']} 版{said}")
        asked = {"month": month}
        gateway.write("/v1/reports/accountability", asked, folder, f"accountability-{month}")


class _Gateway:
    """The gateway's API, with a word on what is being done. Raises Trouble."""

    def __init__(self, url: str | None, actor: str = "", unit: str = "") -> None:
        port = settings().moved_ports().get(GATEWAY, DEFAULT_PORTS[GATEWAY])
        self._url = (url or f"http://{HOST}:{port}").rstrip("/")
        who = {"X-Actor": actor, "X-Role": "coordinator", "X-Unit": unit} if actor else {}
        self._client = httpx.Client(base_url=self._url, timeout=_SECONDS, headers=who)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )

    def __enter__(self) -> _Gateway:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
        self._client.close()

    def json(
        self,
        method: str,
        path: str,
        what: str,
        body: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        found: dict[str, Any] = self._ask(method, path, what, json=body, headers=headers).json()
        return found

    def write(self, path: str, asked: dict[str, str], folder: Path, name: str) -> None:
        """Both kinds of the report; each file is there when it is whole."""
        for kind in KINDS:
            got = self._ask("GET", f"{path}.{kind}", f"{name}.{kind}", params=asked or None)
            file = folder / f"{name}.{kind}"
            part = file.with_name(f".{file.name}.part")
            try:
                folder.mkdir(parents=True, exist_ok=True)
                part.write_bytes(got.content)
                part.replace(file)
            except OSError as error:
                raise Trouble(f"写不了 {file} / cannot write: {error.strerror}") from None
            click.echo(f"{file} ({len(got.content) // 1024 + 1} KB)")

    def _ask(self, method: str, path: str, what: str, **more: Any) -> httpx.Response:
        task = self._progress.add_task(what, total=None)
        try:
            got = self._client.request(method, path, **more)
        except httpx.HTTPError as error:
            raise Trouble(
                f"{self._url} 没有回答 / does not answer ({type(error).__name__});"
                " 先运行 tenlines up,或用 --gateway 写明地址"
            ) from None
        finally:
            self._progress.remove_task(task)
        if got.is_success:
            return got
        try:
            detail = got.json()["detail"]
        except (ValueError, KeyError, TypeError):
            detail = got.text[:200]
        raise Trouble(f"{got.status_code}: {detail}")


def _told(batch: dict[str, Any]) -> str:
    which = f"第{batch['number']}批" if batch["number"] else "草稿(未出批次)"
    left = f"已列入此前批次 {batch['already']}、不属实 {batch['rejected']}、并案 {batch['merged']}"
    towns = "、".join(f"{town['name']} {len(town['rows'])}" for town in batch["towns"])
    return f"{which}:{batch['from']} 至 {batch['to']},{batch['rows']} 件({towns});未列入:{left}"


def _computed(month: str, hours: Path, before: Path | None) -> list[dict[str, Any]]:
    """The rows of a month from station hours, this year's and perhaps last year's."""
    now, refused = composites(hours, month, month)  # refuses what is no month
    earlier: dict[str, float] = {}
    if before is not None:
        year, _, number = month.partition("-")
        # The standards changed in 2026: by its own, last year would look much cleaner than it was.
        earlier, more = composites(before, f"{int(year) - 1}-{number}", month)
        refused += more
    if refused:
        raise Trouble(f"{refused} 行有错 / rows refused; 改好再登记,排名是问责的依据")
    return [
        {
            "town": town,
            "composite": value,
            "yoy": round((earlier[town] - value) / earlier[town] * 100, 2)
            if town in earlier
            else None,
        }
        for town, value in now.items()
    ]


def _air(file: Path) -> dict[str, list[dict[str, Any]]]:
    """Month → rows. Raises Trouble that names the row."""
    lines = look_at(file).rows()
    header = [name.strip() for name in next(lines, [])]
    if missing := [name for name in _AIR_COLUMNS if name not in header]:
        raise Trouble(f"{file} 缺少列 / columns are missing: {' '.join(missing)}")
    months: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for number, line in enumerate(lines, 2):
        if not any(line):
            continue
        cells = dict(zip(header, (cell.strip() for cell in line), strict=False))
        try:
            months[cells["month"]].append(
                {
                    "town": cells["town"],
                    "composite": float(cells["composite"]),
                    "yoy": float(cells["yoy"]) if cells.get("yoy") else None,
                }
            )
        except (KeyError, ValueError):
            raise Trouble(
                f"{file} 第 {number} 行有误 / bad row: {','.join(line)[:80]};"
                " 写成 2026-10,羊山镇,4.21,3.5"
            ) from None
    return months
