"""Collections as files and back: every byte, any cut, only what is wanted."""

import gzip
import hashlib
import io
from pathlib import Path

import pytest

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.dump import Damaged, batches, check, dump, refill
from shared.adapters.mongo.files import MongoFiles
from shared.adapters.mongo.files_dump import dump_files, refill_files
from shared.application.files import KEPT_ONCE_NAMED, FileCard
from shared.domain.evidence import FileFacts
from tests.contract.samples import START
from tests.contract.world import TurnedClock

MANY = 3_000


async def test_what_is_written_comes_back(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "signals.bson.gz"
    documents = [{"_id": f"{n:05d}", "n": n, "at": START, "deep": {"值": [n]}} for n in range(MANY)]
    await database.signals.insert_many(documents)
    told: list[int] = []
    dumped = await dump(database.signals, path, told.append)
    assert (dumped.documents, told[-1]) == (MANY, MANY)
    check(path, dumped)
    await database.signals.delete_many({"n": {"$gt": 10}})
    await database.signals.insert_one({"_id": "since"})
    assert await refill(database.signals, path, lambda _: True) == MANY
    assert [doc async for doc in database.signals.find(sort=[("_id", 1)])] == documents
    assert await refill(database.signals, path, lambda raw: bool(raw["n"] < 7)) == 7
    assert await database.signals.count_documents({}) == 7


async def test_an_empty_collection_is_one(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "empty.bson.gz"
    dumped = await dump(database.sightings, path, lambda _: None)
    check(path, dumped)
    await database.sightings.insert_one({"_id": "since"})
    assert await refill(database.sightings, path, lambda _: True) == 0
    assert await database.sightings.count_documents({}) == 0


async def test_damage_is_told(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "signals.bson.gz"
    await database.signals.insert_many([{"_id": n} for n in range(50)])
    dumped = await dump(database.signals, path, lambda _: None)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with pytest.raises(Damaged, match="changed"):
        check(path, dumped)
    with pytest.raises(Damaged, match="cannot be read"):
        list(batches(path))
    path.write_bytes(gzip.compress(gzip.decompress(whole) + b"\x05"))
    with pytest.raises(Damaged, match="cannot be read"):
        list(batches(path))
    path.unlink()
    with pytest.raises(Damaged, match="missing"):
        check(path, dumped)


async def test_files_come_back_and_what_is_there_stays(
    database: Database, ns: str, tmp_path: Path
) -> None:
    client, clock = database.client, TurnedClock()
    db = client[f"{ns}_files"]
    store = MongoFiles(db, clock)
    await store.ensure()
    contents = {name: name.encode() * 200_000 for name in ("gone", "kept", "torn")}
    hashes = {n: hashlib.sha256(content).hexdigest() for n, content in contents.items()}

    def path_of(name: str) -> Path:
        return tmp_path / f"{name}.bson.gz"

    async def read(name: str) -> bytes:
        return b"".join([piece async for piece in store.content(hashes[name])])

    try:
        for name, content in contents.items():
            card = FileCard(hashes[name], FileFacts("image/jpeg", len(content)), START)
            await store.put(card, io.BytesIO(content), b"small", "zhang")
        torn = await db.files.find_one({"_id": hashes["torn"]})
        assert torn is not None
        await db["content.chunks"].delete_one({"files_id": torn["blob"], "n": 1})
        told: list[int] = []
        dumped = await dump_files(db, path_of, told.append)
        assert dumped["files"].documents == told[-1] == 2, "what was removed meanwhile is left out"
        for name, each in dumped.items():
            check(path_of(name), each)

        gone = await db.files.find_one({"_id": hashes["gone"]})
        assert gone is not None
        await store._clear(gone["blob"])
        await db.files.delete_one({"_id": hashes["gone"]})
        kept = await db.files.find_one({"_id": hashes["kept"]})
        # As after a cut: some of it is there already.
        await refill_files(db, path_of, clock.now(), lambda _: None)
        await db.files.delete_one({"_id": hashes["gone"]})
        assert await refill_files(db, path_of, clock.now(), lambda _: None) == 1
        assert await read("gone") == contents["gone"]
        assert await store.thumbnail(hashes["gone"]) == b"small"
        back = await db.files.find_one({"_id": hashes["gone"]})
        assert back is not None and back["keep_until"] == clock.now() + KEPT_ONCE_NAMED
        assert await db.files.find_one({"_id": hashes["kept"]}) == kept
        assert await db.pending.count_documents({}) == 0
        assert await refill_files(db, path_of, clock.now(), lambda _: None) == 0
    finally:
        await client.drop_database(f"{ns}_files")
