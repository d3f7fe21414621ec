"""`tenlines report …` against the API over a real connection."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from click.testing import CliRunner, Result

from deploy.cli import main
from deploy.launcher.ports import free_ports
from shared.adapters.mongo.client import Database
from tests.integration.gateway.harness import eventually
from tests.integration.reads.world import county
from tests.integration.reports.test_batches import put
from tests.integration.reports.world import Desk


@pytest.fixture
async def url(desk: Desk) -> AsyncIterator[str]:
    (port,) = free_ports(1)
    app = desk.http._transport.app  # type: ignore[attr-defined]
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", port, log_config=None))
    running = asyncio.create_task(server._serve())

    async def started() -> bool:
        return server.started

    await eventually(started, 10, "the API listens")
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await running


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


async def run(url: str, *said: str) -> Result:
    """In a thread of its own: the API answers from this one."""
    return await asyncio.to_thread(CliRunner().invoke, main, ["report", *said, "--gateway", url])


async def test_a_batch_is_drawn_and_written(
    database: Database, desk: Desk, url: str, tmp_path: Path
) -> None:
    await put(database, "a", 5)
    asked = ["--from", "2026-11-22", "--output", str(tmp_path)]
    draft = await run(url, "batch", "--dry-run", *asked)
    assert draft.exit_code == 0 and "草稿" in draft.stdout and "羊山镇 1" in draft.stdout
    assert names(tmp_path) == set()
    drawn = await run(url, "batch", "--draw", "--key", "k", *asked)
    assert drawn.exit_code == 0, drawn.output
    assert "第1批" in drawn.stdout
    assert names(tmp_path) == {"batch-1.docx", "batch-1.xlsx"}
    assert (await run(url, "batch", "--draw", "--key", "k", *asked)).exit_code == 0
    assert await desk.batches.last_number() == 1
    missing = await run(url, "batch", "7")
    assert missing.exit_code == 1 and "第 1–1 批" in missing.stderr
    assert (await run(url, "batch")).exit_code == 2
    empty = await run(url, "batch", "--draw", *asked)
    assert empty.exit_code == 1 and "没有可列入" in empty.stderr


async def test_months_are_kept_and_both_reports_written(
    desk: Desk, url: str, tmp_path: Path
) -> None:
    file = tmp_path / "air.csv"
    lines = [f"2026-10,{t.name},{3 + n / 10},{n - 5}" for n, t in enumerate(county().towns[1:])]
    file.write_text("\n".join(["month,town,composite,yoy", *lines]) + "\n", encoding="gb18030")
    folder = tmp_path / "out"
    kept = await run(
        url, "accountability", "--month", "2026-10", "--air", str(file), "--output", str(folder)
    )
    assert kept.exit_code == 0, kept.output
    assert "2026-10 第 1 版" in kept.stdout and "missing: 金乡街道" in kept.stdout
    ranked = await run(
        url, "ranking", "--month", "2026-10", "--by", "line", "--output", str(folder)
    )
    assert ranked.exit_code == 0, ranked.output
    assert names(folder) == {
        "accountability-2026-10.docx", "accountability-2026-10.xlsx",
        "ranking-line-2026-10.docx", "ranking-line-2026-10.xlsx",
    }  # fmt: skip
    file.write_text("month,town,composite,yoy\n2026-10,羊山镇,x,1\n", encoding="utf-8")
    bad = await run(url, "accountability", "--month", "2026-10", "--air", str(file))
    assert bad.exit_code == 1 and "第 2 行" in bad.stderr


def hours(file: Path, year: int, pm25: dict[str, float]) -> str:
    """Every hour of an October."""
    end = [datetime(year, 10, 1) + timedelta(hours=n + 1) for n in range(31 * 24)]
    rows = [
        f"{town},S-{town},{at:%Y-%m-%d %H:%M},{value},70,6,20,0.4,80"
        for town, value in pm25.items()
        for at in end
    ]
    file.write_text("\n".join(["town,station,time,pm25,pm10,so2,no2,co,o3", *rows]) + "\n")
    return str(file)


async def test_a_month_is_computed_from_station_hours(desk: Desk, url: str, tmp_path: Path) -> None:
    now = hours(tmp_path / "now.csv", 2026, {"羊山镇": 40, "马庙镇": 30})
    before = hours(tmp_path / "before.csv", 2025, {"羊山镇": 40, "马庙镇": 60})
    done = await run(
        url, "accountability", "--month", "2026-10", "--hours", now, "--hours-before", before,
        "--output", str(tmp_path),
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    kept = await desk.get("/v1/rankings/air/2026-10")
    rows = {row["name"]: row for row in kept["rows"]}
    assert (rows["马庙镇"]["rank"], rows["羊山镇"]["rank"]) == (1, 2)
    assert rows["马庙镇"]["yoy"] > 5
    assert rows["羊山镇"]["yoy"] == 0, "the same air, though the standard is another"
    assert rows["马庙镇"]["composite"] < rows["羊山镇"]["composite"]


async def test_a_gateway_that_is_away_is_said_so() -> None:
    (port,) = free_ports(1)
    away = await run(f"http://127.0.0.1:{port}", "ranking", "--month", "2026-10")
    assert away.exit_code == 1 and "没有回答" in away.stderr
