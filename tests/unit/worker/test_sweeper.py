"""The sweeper stops when somebody turns the wall clock, and never by itself otherwise."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.adapters.memory.leases import MemoryLeases
from shared.adapters.memory.store import Store
from shared.application.ports import Unavailable
from shared.application.sweeping import Told
from shared.runtime import sweeper as module
from shared.runtime.clock import OffsetClock, SystemClock
from shared.runtime.sweeper import PART_MOST, Sweeper


class TwoClocks:
    def __init__(self) -> None:
        self.wall, self.seconds = datetime(2026, 11, 23, tzinfo=UTC), 1000.0

    def now(self) -> datetime:
        return self.wall

    def steady(self) -> float:
        return self.seconds

    def pass_(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds


class Looks:
    """In place of Sweeping: counts, and fails when told to."""

    def __init__(self) -> None:
        self.pressed, self.shortened, self.away = 0, 0, False

    async def press(self, now: datetime, told: Told) -> int:
        if self.away:
            raise Unavailable("away")
        self.pressed += 1
        told(2)
        return 2

    async def shorten(self, now: datetime, told: Told) -> int:
        self.shortened += 1
        return 0


@pytest.fixture
def clock() -> TwoClocks:
    return TwoClocks()


def sweeper(
    clock: TwoClocks, looks: Looks, replica: str = "a", store: Store | None = None
) -> Sweeper:
    leases = MemoryLeases(store or Store(), clock)
    return Sweeper("dust", replica, looks, leases, clock)  # type: ignore[arg-type]


@pytest.mark.parametrize("jump", [PART_MOST + 1, -PART_MOST - 1, 86_400 * 3650])
def test_a_turned_wall_clock_stops_it_for_good(clock: TwoClocks, jump: float) -> None:
    held = sweeper(clock, Looks())
    clock.pass_(86_400)
    assert held.trusts_the_clock()
    clock.wall += timedelta(seconds=jump)
    assert not held.trusts_the_clock()
    assert held.trouble is not None and f"{jump:+.0f}" in held.trouble and "重启" in held.trouble
    clock.wall -= timedelta(seconds=jump)
    assert not held.trusts_the_clock(), "until somebody looked"


def test_small_corrections_do_not(clock: TwoClocks) -> None:
    held = sweeper(clock, Looks())
    clock.wall += timedelta(seconds=PART_MOST - 1)
    assert held.trusts_the_clock()


async def _run(held: Sweeper, until: object) -> None:
    task = asyncio.create_task(held.run())
    try:
        async with asyncio.timeout(5):
            while not until():  # type: ignore[operator]  # noqa: ASYNC110
                await asyncio.sleep(0.005)
    finally:
        task.cancel()


async def test_it_looks_often_and_for_warnings_less_often(
    clock: TwoClocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVERY", 0.001)
    looks = Looks()
    await _run(sweeper(clock, looks), lambda: looks.pressed >= 20)
    assert looks.shortened <= looks.pressed // module.ALERT_EVERY + 1


async def test_stopped_it_looks_at_nothing(
    clock: TwoClocks, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "EVERY", 0.001)
    looks = Looks()
    held = sweeper(clock, looks)
    clock.wall += timedelta(hours=1)
    await _run(held, lambda: "跳变" in caplog.text)
    assert looks.pressed == 0


async def test_a_database_that_is_away_only_delays(
    clock: TwoClocks, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "EVERY", 0.001)
    looks = Looks()
    looks.away = True
    held = sweeper(clock, looks)

    def come_back() -> bool:
        if "the sweeper waits" in caplog.text:
            looks.away = False
        return looks.pressed > 0

    await _run(held, come_back)


async def test_the_one_with_the_lease_sweeps(
    clock: TwoClocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVERY", 0.001)
    store, first, second = Store(), Looks(), Looks()
    one, other = sweeper(clock, first, "a", store), sweeper(clock, second, "b", store)
    await _run(one, lambda: first.pressed > 3)
    task = asyncio.create_task(one.run())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await _run(other, lambda: second.pressed > 0)
    task.cancel()
    clock.pass_(module.LEASE_SECONDS + 1)
    await _run(other, lambda: second.pressed > 0)


def test_turning_the_test_clock_turns_both_and_a_jump_only_one(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    turned = OffsetClock(file)

    def apart() -> float:
        return turned.now().timestamp() - turned.steady()

    before = apart()
    file.write_text("86400")
    assert apart() == pytest.approx(before, abs=1)
    file.write_text("86400 7200")
    assert apart() == pytest.approx(before + 7200, abs=1)
    file.write_text("x")
    with pytest.raises(ValueError, match="TENLINES_TEST_CLOCK"):
        turned.now()
    real = SystemClock()
    assert real.steady() <= real.steady()
