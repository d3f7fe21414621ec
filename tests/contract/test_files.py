"""Files: one suite over the memory and over GridFS on the real engine."""

import asyncio
import hashlib
import io
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO

import pytest

from shared.adapters.memory.files import MemoryFiles
from shared.adapters.mongo.client import connect
from shared.adapters.mongo.files import PIECE, TOGETHER, MongoFiles
from shared.application.files import KEPT, KEPT_ONCE_NAMED, UPLOADERS_KEPT, FileCard
from shared.application.ports import Unavailable
from shared.domain.evidence import FileFacts
from shared.domain.geo import Point
from tests.contract.world import TurnedClock

JUST = timedelta(milliseconds=1)
Files = MemoryFiles | MongoFiles


@dataclass
class Shelf:
    """A store, the clock it looks at, and what there is behind it."""

    files: Files
    clock: TurnedClock
    db: Any = None
    """The database on the real engine; None in memory."""

    def card(self, content: bytes, **fields: Any) -> FileCard:
        facts = FileFacts(
            media_type="image/jpeg",
            size=len(content),
            thumbnail=True,
            taken_at=self.clock.now() - timedelta(hours=1),
            place=Point(116.31, 35.07),
        )
        base: dict[str, Any] = {"width": 640, "height": 480, "name": "现场.jpg"}
        sha = hashlib.sha256(content).hexdigest()
        return FileCard(sha, facts, self.clock.now(), **{**base, **fields})

    async def put(self, content: bytes, by: str = "zhang") -> bool:
        return await self.files.put(self.card(content), io.BytesIO(content), b"small", by)

    async def read(self, content: bytes) -> bytes:
        sha = hashlib.sha256(content).hexdigest()
        return b"".join([piece async for piece in self.files.content(sha)])

    async def left(self) -> int:
        """Documents of any kind that lie in the store."""
        if isinstance(self.files, MemoryFiles):
            return len(self.files)
        names = await self.db.list_collection_names()
        return sum([await self.db[name].count_documents({}) for name in names])


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
async def on_engine(mongo_url: str, ns: str) -> AsyncIterator[Shelf]:
    client, clock = connect(mongo_url), TurnedClock()
    db = client[f"{ns}_files"]
    files = MongoFiles(db, clock)
    await files.ensure()
    yield Shelf(files, clock, db)
    await client.drop_database(f"{ns}_files")
    client.close()


@pytest.fixture(params=["memory", "engine"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    if request.param == "engine":
        made: Shelf = request.getfixturevalue("on_engine")
        return made
    clock = TurnedClock()
    return Shelf(MemoryFiles(clock), clock)


@pytest.mark.parametrize(
    "size", [1, PIECE - 1, PIECE, PIECE + 1, TOGETHER * PIECE, 2 * TOGETHER * PIECE + 17]
)
async def test_what_is_put_comes_back_byte_by_byte(shelf: Shelf, size: int) -> None:
    content = random.Random(size).randbytes(size)
    assert await shelf.put(content)
    assert await shelf.read(content) == content
    assert await shelf.files.find(sha(content)) == shelf.card(content)
    assert await shelf.files.thumbnail(sha(content)) == b"small"


async def test_a_file_without_picture_time_or_place(shelf: Shelf) -> None:
    facts = FileFacts(media_type="application/pdf", size=4)
    card = FileCard(sha(b"%PDF"), facts, shelf.clock.now())
    assert await shelf.files.put(card, io.BytesIO(b"%PDF"), None, "zhang")
    assert await shelf.files.find(card.sha256) == card
    assert await shelf.files.thumbnail(card.sha256) is None
    assert await shelf.files.look_up([card.sha256]) == {card.sha256: facts}


async def test_what_is_not_there(shelf: Shelf) -> None:
    assert await shelf.files.find("0" * 64) is None
    assert await shelf.files.thumbnail("0" * 64) is None
    assert await shelf.files.look_up(["0" * 64]) == {}
    assert not await shelf.files.remove("0" * 64)
    assert [piece async for piece in shelf.files.content("0" * 64)] == []


async def test_the_content_is_read_from_its_beginning(shelf: Shelf) -> None:
    source = io.BytesIO(b"whole")
    source.seek(3)
    assert await shelf.files.put(shelf.card(b"whole"), source, None, "zhang")
    assert await shelf.read(b"whole") == b"whole"


async def test_twenty_at_once_are_one_file(shelf: Shelf) -> None:
    content = random.Random(1).randbytes(2 * PIECE)
    new = await asyncio.gather(*(shelf.put(content, f"u{n}") for n in range(20)))
    assert sum(new) == 1
    assert await shelf.read(content) == content
    # The file's document, what GridFS says of it, and its three chunks' worth of content at most.
    assert await shelf.left() == (1 if shelf.db is None else 2 + len(content) // PIECE)
    for n in range(20):
        assert await shelf.files.uploaded_by(sha(content), f"u{n}", shelf.clock.now())


async def test_who_uploaded_it_and_since_when(shelf: Shelf) -> None:
    began = shelf.clock.now()
    await shelf.put(b"x", "zhang")
    shelf.clock.turn(timedelta(hours=2))
    assert await shelf.files.uploaded_by(sha(b"x"), "zhang", began)
    assert not await shelf.files.uploaded_by(sha(b"x"), "zhang", began + JUST)
    assert not await shelf.files.uploaded_by(sha(b"x"), "li", began)
    assert not await shelf.put(b"x", "zhang"), "it is there already"
    assert await shelf.files.uploaded_by(sha(b"x"), "zhang", began + JUST), "once more counts anew"


async def test_uploaders_are_remembered_up_to_a_bound(shelf: Shelf) -> None:
    began = shelf.clock.now()
    for n in range(UPLOADERS_KEPT + 2):
        await shelf.put(b"x", f"u{n}")
    assert not await shelf.files.uploaded_by(sha(b"x"), "u1", began)
    assert await shelf.files.uploaded_by(sha(b"x"), "u2", began)


async def test_an_upload_waits_for_a_day_and_is_then_removed(shelf: Shelf) -> None:
    await shelf.put(b"x")
    shelf.clock.turn(KEPT - JUST)
    assert await shelf.files.expired(10) == []
    assert not await shelf.files.remove(sha(b"x")), "its time is not over"
    shelf.clock.turn(JUST)
    assert await shelf.files.expired(10) == [sha(b"x")]
    assert await shelf.files.remove(sha(b"x"))
    assert not await shelf.files.remove(sha(b"x"))
    assert await shelf.files.find(sha(b"x")) is None
    assert await shelf.read(b"x") == b""
    assert await shelf.left() == 0
    assert await shelf.put(b"x"), "it can come again"
    assert await shelf.read(b"x") == b"x"


@pytest.mark.parametrize("again", ["uploaded", "named"])
async def test_whoever_comes_between_look_and_removal_saves_it(shelf: Shelf, again: str) -> None:
    await shelf.put(b"x")
    shelf.clock.turn(KEPT)
    assert await shelf.files.expired(10) == [sha(b"x")]
    if again == "named":
        assert sha(b"x") in await shelf.files.look_up([sha(b"x")])
    else:
        assert not await shelf.put(b"x", "li")
    assert not await shelf.files.remove(sha(b"x"))
    assert await shelf.read(b"x") == b"x"
    later = KEPT_ONCE_NAMED if again == "named" else KEPT
    shelf.clock.turn(later - JUST)
    assert await shelf.files.expired(10) == []
    shelf.clock.turn(JUST)
    assert await shelf.files.remove(sha(b"x"))


async def test_an_upload_does_not_shorten_what_a_command_lengthened(shelf: Shelf) -> None:
    await shelf.put(b"x")
    await shelf.files.look_up([sha(b"x")])
    await shelf.put(b"x", "li")
    shelf.clock.turn(KEPT_ONCE_NAMED - JUST)
    assert await shelf.files.expired(10) == []


async def test_what_is_pinned_stays_for_good(shelf: Shelf) -> None:
    for content in (b"x", b"y"):
        await shelf.put(content)
    shelf.clock.turn(KEPT)
    await shelf.files.pin([sha(b"x"), "0" * 64])
    assert await shelf.files.expired(10) == [sha(b"y")]
    assert not await shelf.files.remove(sha(b"x"))
    assert await shelf.files.remove(sha(b"y"))
    assert await shelf.read(b"x") == b"x"


async def test_the_longest_over_come_first_and_no_more_than_asked(shelf: Shelf) -> None:
    for content in (b"a", b"b", b"c"):
        await shelf.put(content)
        shelf.clock.turn(timedelta(minutes=1))
    shelf.clock.turn(KEPT)
    assert await shelf.files.expired(2) == [sha(b"a"), sha(b"b")]


async def test_a_removal_and_an_upload_at_once_leave_all_or_nothing(shelf: Shelf) -> None:
    content = random.Random(2).randbytes(PIECE + 1)
    for _ in range(10):
        await shelf.put(content)
        shelf.clock.turn(KEPT)
        removed, new = await asyncio.gather(
            shelf.files.remove(sha(content)), shelf.put(content, "li")
        )
        assert new or not removed, "it was taken away, and nobody brought it"
        assert await shelf.read(content) == content
        shelf.clock.turn(KEPT)
        assert await shelf.files.remove(sha(content))
        assert await shelf.left() == 0


class Cut(io.BytesIO):
    """A source that breaks after its first piece, as a process that dies does."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 0:
            raise OSError("cut")
        return super().read(size)


class Waits(io.BytesIO):
    """A source during whose reading the clock is turned by more than a day."""

    def __init__(self, content: bytes, meanwhile: Callable[[], None]) -> None:
        super().__init__(content)
        self._meanwhile = meanwhile

    def read(self, size: int | None = -1) -> bytes:
        self._meanwhile()
        return super().read(size)


async def test_a_crash_in_the_middle_leaves_no_file_and_is_swept_up(on_engine: Shelf) -> None:
    content = random.Random(3).randbytes((TOGETHER + 1) * PIECE)
    source: BinaryIO = Cut(content)
    with pytest.raises(OSError, match="cut"):
        await on_engine.files.put(on_engine.card(content), source, b"small", "zhang")
    assert await on_engine.left() > 0, "a piece of it lies about"
    assert await on_engine.files.find(sha(content)) is None
    assert await on_engine.read(content) == b""
    assert await on_engine.files.sweep(10) == 0, "it may still be on its way"
    on_engine.clock.turn(KEPT)
    assert await on_engine.files.sweep(10) == 1
    assert await on_engine.left() == 0


async def test_a_crash_after_the_file_was_there_keeps_it(on_engine: Shelf) -> None:
    await on_engine.put(b"x")
    assert on_engine.db is not None
    blob = (await on_engine.db.files.find_one({}))["blob"]
    await on_engine.db.pending.insert_one({"_id": blob, "at": on_engine.clock.now()})
    on_engine.clock.turn(KEPT)
    assert await on_engine.files.sweep(10) == 1
    assert await on_engine.read(b"x") == b"x"
    assert await on_engine.db.pending.count_documents({}) == 0


async def test_a_crash_within_a_removal_is_swept_up(on_engine: Shelf) -> None:
    await on_engine.put(b"x")
    assert on_engine.db is not None
    blob = (await on_engine.db.files.find_one({}))["blob"]
    await on_engine.db.pending.insert_one({"_id": blob, "at": on_engine.clock.now()})
    await on_engine.db.files.delete_many({})
    assert await on_engine.read(b"x") == b""
    on_engine.clock.turn(KEPT)
    assert await on_engine.files.sweep(10) == 1
    assert await on_engine.left() == 0


async def test_an_upload_that_stood_still_for_a_day_is_refused_whole(on_engine: Shelf) -> None:
    loop = asyncio.get_running_loop()

    def a_day_goes_by() -> None:
        on_engine.clock.turn(KEPT)
        asyncio.run_coroutine_threadsafe(on_engine.files.sweep(10), loop).result(10)

    source = Waits(b"x", a_day_goes_by)
    with pytest.raises(Unavailable, match="swept"):
        await on_engine.files.put(on_engine.card(b"x"), source, None, "zhang")
    assert await on_engine.left() == 0
