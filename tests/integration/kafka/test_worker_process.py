"""Workers as processes that die without a word: by their own hand or by ours."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from shared.runtime.dead_letters import read_dead_letters
from tests.integration.kafka.helpers import (
    committed_offsets,
    make_topics,
    read_topic,
    send_numbers,
    until,
)


@asynccontextmanager
async def _worker(*arguments: object) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.kafka.worker_process", *map(str, arguments)
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _handled(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


async def test_a_record_that_kills_the_process_goes_to_the_dead_letters_after_three_tries(
    kafka_bootstrap: str, mongo_url: str, ns: str, tmp_path: Path
) -> None:
    await make_topics(kafka_bootstrap, ns, partitions=1)
    await send_numbers(kafka_bootstrap, f"{ns}.dust.commands", range(60))
    out = tmp_path / "handled"
    deaths = 0
    for _ in range(3):
        async with _worker(kafka_bootstrap, mongo_url, ns, 0, out, 25) as process:
            assert await asyncio.wait_for(process.wait(), 30) == 9
            deaths += 1
    async with _worker(kafka_bootstrap, mongo_url, ns, 0, out, 25) as process:
        await until(lambda: set(_handled(out)) == set(range(60)) - {25}, what="all but the poison")
        assert process.returncode is None
    letters = [x async for x in read_dead_letters(kafka_bootstrap, f"{ns}.dust.dead-letters")]
    assert [(x.value, x.origin, x.tries) for x in letters] == [(b"25", (0, 25), 3)]
    assert "process ended" in letters[0].reason


async def test_two_workers_share_the_partitions_and_one_is_killed(
    kafka_bootstrap: str, mongo_url: str, ns: str, tmp_path: Path
) -> None:
    await make_topics(kafka_bootstrap, ns, partitions=4)
    topic = f"{ns}.dust.commands"
    outs = [tmp_path / "first", tmp_path / "second"]

    async with (
        _worker(kafka_bootstrap, mongo_url, ns, 0, outs[0], "", 0.01) as first,
        _worker(kafka_bootstrap, mongo_url, ns, 1, outs[1], "", 0.01) as second,
    ):
        sent = 0
        while not all(_handled(out) for out in outs):
            await send_numbers(kafka_bootstrap, topic, range(sent, sent + 40))
            sent += 40
            await asyncio.sleep(0.1)
            assert sent < 8000, "one of two workers gets nothing"
        await send_numbers(kafka_bootstrap, topic, range(sent, sent + 400))
        sent += 400
        first.kill()
        await first.wait()
        await until(
            lambda: {n for out in outs for n in _handled(out)} == set(range(sent)),
            seconds=45,
            what="the second worker takes over what the first left",
        )
        assert second.returncode is None
    counts = Counter(n for out in outs for n in _handled(out))
    assert set(counts) == set(range(sent))
    assert await read_topic(kafka_bootstrap, f"{ns}.dust.dead-letters") == []
    assert await committed_offsets(kafka_bootstrap, f"{ns}.dust", topic) <= sent
