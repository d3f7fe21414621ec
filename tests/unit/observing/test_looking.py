"""Looks: beside the scrapes, each by itself, never too often."""

import asyncio

import pytest

from shared.application.ports import Unavailable
from shared.runtime import looking
from shared.runtime.looking import Looks
from tests.waiting import soon


class Counted:
    def __init__(self, fails: Exception | None = None) -> None:
        self.times, self._fails = 0, fails
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self) -> None:
        self.times += 1
        await self.may_end.wait()
        if self._fails is not None:
            raise self._fails


async def test_the_first_scrape_finds_what_was_looked_at() -> None:
    one, other = Counted(), Counted()
    await Looks({"one": one, "other": other}).refresh()
    assert (one.times, other.times) == (1, 1)


async def test_scrapes_in_a_row_are_one_look() -> None:
    one = Counted()
    looks = Looks({"one": one})
    for _ in range(20):
        await looks.refresh()
    assert one.times == 1


async def test_time_brings_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "EVERY_SECONDS", 0.05)
    one = Counted()
    looks = Looks({"one": one})

    async def again() -> bool:
        await looks.refresh()
        return one.times > 2

    await soon(again)


@pytest.mark.parametrize("error", [Unavailable("away"), ValueError("a bug")])
async def test_one_that_fails_stops_no_other(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = Counted(error), Counted()
    await Looks({"bad": bad, "good": good}).refresh()
    assert good.times == 1 and "bad" in caplog.text


async def test_a_look_that_hangs_holds_the_first_scrape_for_a_while_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(looking, "FIRST_SECONDS", 0.05)
    monkeypatch.setattr(looking, "EVERY_SECONDS", 0.2)
    slow = Counted()
    slow.may_end.clear()
    looks = Looks({"slow": slow})
    await looks.refresh()
    await looks.refresh()
    assert slow.times == 1

    async def given_up() -> bool:
        return "it took too long" in caplog.text

    await soon(given_up)
