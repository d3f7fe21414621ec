"""A worker as a process of its own, to be killed. Its handler writes each number to a file.

    python -m tests.integration.kafka.worker_process BOOTSTRAP MONGO NS REPLICA FILE [DIE_AT] [PAUSE]

At the number DIE_AT the handler ends the process as a segmentation fault would: no clean-up at all.
"""

from __future__ import annotations

import asyncio
import os
import sys

from shared.adapters.kafka import Producer
from shared.adapters.mongo.client import connect
from shared.adapters.mongo.meta import MongoMeta
from shared.adapters.mongo.tries import MongoTries
from shared.runtime.clock import SystemClock
from shared.runtime.dead_letters import DeadLetterWriter
from shared.runtime.worker.record import Record, Subscription
from shared.runtime.worker.worker import Worker


async def main(
    bootstrap: str, mongo: str, ns: str, replica: str, file: str, die_at: str = "", pause: str = "0"
) -> None:
    handled = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    database = connect(mongo)[f"{ns}_dust"]
    clock = SystemClock()

    async def handle(record: Record) -> None:
        number = (record.value or b"").decode()
        await asyncio.sleep(float(pause))
        if number == die_at:
            os._exit(9)
        os.write(handled, f"{number}\n".encode())

    await Worker(
        bootstrap=bootstrap,
        group=f"{ns}.dust",
        replica=replica,
        subscriptions=[Subscription(f"{ns}.dust.commands", handle)],
        tries=MongoTries(database, clock),
        notes=MongoMeta(database),
        graveyard=DeadLetterWriter(Producer(bootstrap, "dead"), f"{ns}.dust.dead-letters", clock),
        clock=clock,
        session_seconds=6.0,
    ).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
