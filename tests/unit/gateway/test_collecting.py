"""The collector: what nobody attached goes after a day, what anybody names stays."""

import asyncio
import hashlib
import io
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from services.gateway import collecting
from services.gateway.collecting import Collected, Collector
from shared.adapters.memory.files import MemoryFiles
from shared.adapters.memory.leases import MemoryLeases
from shared.adapters.memory.store import Store
from shared.application.files import KEPT, KEPT_ONCE_NAMED, FileCard
from shared.domain.evidence import FileFacts
from tests.contract.world import TurnedClock

JUST = timedelta(milliseconds=1)


class Entries:
    """What the read model shows; `meanwhile` happens while it is asked."""

    def __init__(self) -> None:
        self.shown: set[str] = set()
        self.asked = 0
        self.meanwhile: str | None = None
        self.files: MemoryFiles | None = None

    async def named(self, sha256s: Sequence[str]) -> set[str]:
        self.asked += len(sha256s)
        found = self.shown & set(sha256s)
        if self.meanwhile is not None and self.files is not None:
            await self.files.look_up([self.meanwhile])
        return found


class Office:
    """A gateway's collector over files in memory."""

    def __init__(self) -> None:
        self.clock = TurnedClock()
        self.files, self.entries = MemoryFiles(self.clock), Entries()
        self.entries.files = self.files
        self.leases = MemoryLeases(Store(), self.clock)
        self.complete_since: datetime | None = self.clock.now() - 10 * KEPT

    def collector(self, holder: str = "a") -> Collector:
        async def since() -> datetime | None:
            return self.complete_since

        return Collector(self.files, self.entries, self.leases, self.clock, holder, since)

    async def upload(self, content: bytes) -> str:
        sha = hashlib.sha256(content).hexdigest()
        card = FileCard(sha, FileFacts("image/jpeg", len(content)), self.clock.now())
        await self.files.put(card, io.BytesIO(content), None, "zhang")
        return sha

    async def there(self, sha: str) -> bool:
        return await self.files.find(sha) is not None


@pytest.fixture
def office() -> Office:
    return Office()


async def test_an_upload_has_a_day(office: Office) -> None:
    sha = await office.upload(b"x")
    office.clock.turn(KEPT - JUST)
    assert await office.collector().round() == Collected()
    assert await office.there(sha)
    office.clock.turn(JUST)
    assert await office.collector().round() == Collected(removed=1)
    assert not await office.there(sha)


async def test_what_an_entry_names_stays_and_is_asked_about_once(office: Office) -> None:
    kept, gone = await office.upload(b"kept"), await office.upload(b"gone")
    office.entries.shown = {kept}
    office.clock.turn(KEPT)
    assert await office.collector().round() == Collected(removed=1, pinned=1)
    assert await office.there(kept) and not await office.there(gone)
    asked = office.entries.asked
    # Even a read model that begins anew and shows nothing takes it away no more.
    office.entries.shown = set()
    office.clock.turn(400 * KEPT)
    assert await office.collector().round() == Collected()
    assert office.entries.asked == asked and await office.there(kept)


async def test_an_attach_in_flight_is_safe_at_every_moment(office: Office) -> None:
    """The line has looked the file up; the entry is not in the read model yet, whether its topic
    is slow or its broker away over a weekend."""
    sha = await office.upload(b"x")
    office.clock.turn(KEPT - JUST)
    await office.files.look_up([sha])
    for _ in range(KEPT_ONCE_NAMED.days - 1):
        office.clock.turn(KEPT)
        assert await office.collector().round() == Collected()
    assert await office.there(sha)
    office.entries.shown = {sha}
    office.clock.turn(3 * KEPT)
    assert await office.collector().round() == Collected(pinned=1)


async def test_an_attach_between_the_look_and_the_removal(office: Office) -> None:
    sha = await office.upload(b"x")
    office.clock.turn(KEPT)
    office.entries.meanwhile = sha
    assert await office.collector().round() == Collected()
    assert await office.there(sha)


async def test_what_was_refused_goes_in_the_end(office: Office) -> None:
    sha = await office.upload(b"x")
    await office.files.look_up([sha])
    office.clock.turn(KEPT_ONCE_NAMED)
    assert await office.collector().round() == Collected(removed=1)
    assert not await office.there(sha)


@pytest.mark.parametrize("young", [None, KEPT - JUST])
async def test_a_read_model_that_may_not_know_all_takes_nothing_away(
    office: Office, young: timedelta | None
) -> None:
    sha = await office.upload(b"x")
    office.clock.turn(10 * KEPT)
    office.complete_since = None if young is None else office.clock.now() - young
    assert await office.collector().round() is None
    assert await office.there(sha)
    office.complete_since = office.clock.now() - KEPT
    assert await office.collector().round() == Collected(removed=1)


async def test_one_replica_at_a_time(office: Office) -> None:
    await office.upload(b"x")
    office.clock.turn(KEPT)
    assert await office.leases.acquire(collecting.COLLECTING, "b", 60)
    assert await office.collector("a").round() is None
    await office.leases.release(collecting.COLLECTING, "b")
    done = await asyncio.gather(*(office.collector(holder).round() for holder in "abc"))
    assert sum(each.removed for each in done if each is not None) == 1


async def test_rounds_are_bounded(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "BATCH", 3)
    monkeypatch.setattr(collecting, "BATCHES", 2)
    for n in range(8):
        await office.upload(bytes([n]))
    office.clock.turn(KEPT)
    assert [await office.collector().round() for _ in range(3)] == [
        Collected(removed=6), Collected(removed=2), Collected(),
    ]  # fmt: skip
