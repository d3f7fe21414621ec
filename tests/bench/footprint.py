"""What a county takes before anything happens: `python -m tests.bench.footprint`.

For the sizes in docs/scale.md: processes with their memory and CPU, topics and partitions, and
databases with their collections and indexes, of a whole county in a world of its own, a replica a
service.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from pymongo import MongoClient

from deploy.launcher.processes import SERVICES
from deploy.launcher.world import World
from shared.contract.topics import all_topics
from shared.declaration.county.keys import DESK_KEY, LINE_KEYS

NAMESPACE = "bench"
SETTLED_SECONDS = 30
"""What is done once, at the start, shall be over."""
IDLE_SECONDS = 30


def _machine(world: World) -> None:
    ours = [psutil.Process(world.pid(name)) for name in SERVICES]
    time.sleep(SETTLED_SECONDS)
    before = sum(sum(one.cpu_times()[:2]) for one in ours)
    time.sleep(IDLE_SECONDS)
    spent = (sum(sum(one.cpu_times()[:2]) for one in ours) - before) / IDLE_SECONDS
    resident = [one.memory_info().rss >> 20 for one in ours]
    print(f"processes    {len(ours)}: {sum(resident)} MiB resident, the largest {max(resident)};")
    print(f"             {spent * 100:.0f} % of a core, {spent * 100 / len(ours):.1f} % each")


def _topics() -> None:
    topics = list(all_topics(NAMESPACE, (*LINE_KEYS, DESK_KEY)))
    print(f"topics       {len(topics)}, {sum(topic.partitions for topic in topics)} partitions")


def _databases(world: World) -> None:
    collections = indexes = 0
    with MongoClient[dict[str, Any]](world.mongo_address) as client:
        names = [name for name in client.list_database_names() if name.startswith(NAMESPACE)]
        for name in names:
            for collection in client[name].list_collection_names():
                collections += 1
                indexes += len(client[name][collection].index_information())
    print(f"databases    {len(names)}, {collections} collections, {indexes} indexes")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), namespace=NAMESPACE, only=SERVICES)
        try:
            world.start()
            _machine(world)
            _topics()
            _databases(world)
        finally:
            world.stop()


if __name__ == "__main__":
    main()
