"""`tenlines rules backtest` over signals in the real MongoDB: it tells, and changes nothing."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.cli.rules import rules
from deploy.launcher.trouble import Trouble
from services.dust.line import LINE
from shared.adapters.mongo.client import Database, connect
from shared.adapters.mongo.signals import MongoSignals
from shared.application.signals.ports import Taken
from shared.declaration.signal import Observed
from shared.runtime.clock import SystemClock
from tests.lines.facts import PACK

START = datetime(2026, 11, 2, tzinfo=UTC)


def _taken(n: int, tsp: float) -> Taken:
    signal = LINE.signal("site-monitor")
    assert signal is not None
    data = signal.model.model_validate(
        {
            "device_id": "m-1",
            "observed_at": START + timedelta(hours=n),
            "avg_period": "PT1H",
            "lon": 116.31,
            "lat": 35.06,
            "tsp": tsp,
        }
    )
    return Taken(Observed("dust", "site-monitor", data), "m-1", f"m-1-{n}", "t", 0, n)


@pytest.fixture
async def database(
    mongo_url: str, ns: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Database]:
    """Ten hours of one monitor: one hour at 850."""
    monkeypatch.setenv("TENLINES_MONGO", mongo_url)
    monkeypatch.setenv("TENLINES_NAMESPACE", ns)
    client = connect(mongo_url)
    store = MongoSignals(client[f"{ns}_dust"], SystemClock())
    await store.keep([_taken(n, 850.0 if n == 3 else 80.0) for n in range(10)])
    yield client[f"{ns}_dust"]
    await client.drop_database(f"{ns}_dust")
    client.close()


async def _run(*args: str) -> Result:
    """In a thread: the command runs a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, rules, ["backtest", *args])


async def test_another_pack_would_have_found_it(database: Database, tmp_path: Path) -> None:
    before = [raw async for raw in database.signals.find(sort=[("_id", 1)])]
    other = tmp_path / "other"
    shutil.copytree(PACK, other)
    standards = other / "standards.yaml"
    lines = standards.read_text(encoding="utf-8").splitlines(keepends=True)
    [n] = [n for n, text in enumerate(lines) if "id: dust.site-monitor.tsp-boundary," in text]
    assert "value: 1000," in lines[n]
    lines[n] = lines[n].replace("value: 1000,", "value: 800,")
    standards.write_text("".join(lines), encoding="utf-8")
    done = await _run(
        "dust", "--since", "2026-11-02", "--until", "2026-11-03", "--pack", str(other)
    )
    assert done.exit_code == 0, done.output
    assert "仅另一配置 only other 1" in done.output
    assert "10" in done.output
    assert [raw async for raw in database.signals.find(sort=[("_id", 1)])] == before
    names = await database.list_collection_names()
    assert names == ["signals"], "nothing else was written"


async def test_no_signals_is_said(database: Database) -> None:
    done = await _run("dust", "--since", "2025-01-01", "--until", "2025-01-02")
    assert isinstance(done.exception, Trouble)
    assert "no signals are stored" in str(done.exception)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("dust", "--since", "yesterday"), "2026-01-15"),
        (("dust", "--since", "2026-11-02T00:00:00"), "+08:00"),
        (("snow", "--since", "2026-11-02"), "dust"),
    ],
)
async def test_bad_arguments_say_what_is_right(args: tuple[str, ...], said: str) -> None:
    done = await _run(*args)
    assert done.exit_code == 2
    assert said in done.output
