"""A backup that was not read at one instant becomes a line's database that agrees with itself."""

from pathlib import Path

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.deliveries import MongoDeliveries
from shared.adapters.mongo.dump import dump
from shared.adapters.mongo.restore_note import RestoreNotes
from shared.adapters.mongo.restoring import RestoredLine, versions_of

CHANGES = [("a", 1), ("a", 2), ("a", 3), ("b", 1)]


async def test_what_was_read_later_is_left_out(database: Database, tmp_path: Path) -> None:
    def path_of(name: str) -> Path:
        return tmp_path / f"{name}.bson.gz"

    await database.entries.insert_one({"_id": "a", "entry": {"id": "a", "version": 2}})
    await database.history.insert_many(
        [{"_id": f"{e}:{v}", "entry": e, "version": v} for e, v in CHANGES]
    )
    await database.receipts.insert_many(
        [{"_id": f"{e}{v}", "entry_id": e, "answer": {"version": v}} for e, v in CHANGES]
        + [{"_id": "no", "entry_id": "a", "answer": {"version": None}}]
    )
    await database.counters.insert_many([{"_id": "扬尘:2026", "serial": 7}])
    await database.meta.insert_many([{"_id": "pack"}, {"_id": "in-hand:t:0"}])
    names = ("entries", "history", "receipts", "counters", "meta")
    for name in names:
        await dump(database[name], path_of(name), lambda _: None)
    await database.counters.update_one({"_id": "扬尘:2026"}, {"$set": {"serial": 9}})
    await database.counters.insert_one({"_id": "扬尘:2027", "serial": 1})
    await database.memories.insert_one({"_id": "since"})

    line = RestoredLine(database, path_of)
    notes = RestoreNotes(database)
    await notes.put("dust", "dust coal there")
    for _ in range(2):  # a cut, and again
        await line.put_back(names, lambda _: None)
        assert await database.history.distinct("_id") == ["a:1", "a:2"]
        assert await database.receipts.distinct("_id") == ["a1", "a2", "no"]
        assert await database.memories.count_documents({}) == 0
        serials = {each["_id"]: each["serial"] async for each in database.counters.find()}
        assert serials == {"扬尘:2026": 9, "扬尘:2027": 1}, "a number is given once"
        assert await database.meta.distinct("_id") == ["pack", "restoring:dust"]
        assert await versions_of(database) == {"a": 2}
    trouble = await notes.trouble()
    assert trouble is not None and "`tenlines restore dust coal there`" in trouble
    await notes.put("gateway", "gateway there")
    await notes.take_away("dust")
    assert "restore gateway there" in str(await notes.trouble()), "each restore ends its own note"
    await notes.take_away("gateway")
    assert await notes.trouble() is None
    assert await database.meta.distinct("_id") == ["pack"]


async def test_messages_about_what_is_no_more_are_forgotten(database: Database) -> None:
    events = [("dust", "a", 1), ("dust", "a", 2), ("dust", "b", 1), ("coal", "a", 5)]
    await database.deliveries.insert_many(
        [
            {"_id": f"{line}:{entry}:{v}", "event": {"line": line, "entry": entry, "version": v}}
            for line, entry, v in events
        ]
    )
    assert await MongoDeliveries(database).forget_above("dust", {"a": 1}) == 2
    assert await database.deliveries.distinct("_id") == ["coal:a:5", "dust:a:1"]
