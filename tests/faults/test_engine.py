"""The local MongoDB engine keeps every write it acknowledged through kill -9, of each kind we use.

Without `COMMITS_REACH_THE_SYSTEM` it lost 30 of 4,713 acknowledged bulk upserts and 1 of 5,879
updates in four kills each.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from random import Random

import pytest
from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from deploy.launcher.mongo import Mongo
from shared.adapters.mongo.client import Collection, connect

Write = Callable[[Collection, str], Awaitable[object]]
_FILL = "y" * 300


async def _insert(into: Collection, name: str) -> None:
    await into.insert_one({"_id": name, "fill": _FILL})


async def _update(into: Collection, name: str) -> None:
    await into.update_one({"_id": name}, {"$push": {"outbox": {"fill": _FILL}}}, upsert=True)


async def _bulk(into: Collection, name: str) -> None:
    document = {"_id": name, "fill": _FILL}
    upsert = UpdateOne({"_id": name}, {"$setOnInsert": document}, upsert=True)
    await into.bulk_write([upsert], ordered=False)


@pytest.mark.parametrize("write", [_insert, _update, _bulk])
def test_what_was_acknowledged_is_there_after_kill_9(own_mongo: Mongo, write: Write) -> None:
    random = Random(str(write))
    for number in range(4):
        acknowledged = asyncio.run(_write_until_killed(own_mongo, write, number, random))
        assert acknowledged
        own_mongo.restart()
        there = asyncio.run(_there(own_mongo, number))
        assert acknowledged <= there, f"lost {sorted(acknowledged - there)[:5]}"


async def _write_until_killed(engine: Mongo, write: Write, number: int, random: Random) -> set[str]:
    client = connect(engine.address)
    collection = client["kept"][f"c{number}"]
    acknowledged: set[str] = set()

    async def writer(who: int) -> None:
        with contextlib.suppress(PyMongoError):
            for count in range(1_000_000):
                await write(collection, f"{who}-{count}")
                acknowledged.add(f"{who}-{count}")

    writers = [asyncio.create_task(writer(who)) for who in range(8)]
    await asyncio.sleep(0.3 + random.random() * 0.5)
    await asyncio.to_thread(engine.kill)
    await asyncio.wait(writers)
    client.close()
    return acknowledged


async def _there(engine: Mongo, number: int) -> set[str]:
    client = connect(engine.address)
    found = {document["_id"] async for document in client["kept"][f"c{number}"].find()}
    client.close()
    return found
