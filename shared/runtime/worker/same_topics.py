"""Positions name offsets of one cluster's topics. In another one they would skip what is new."""

from collections.abc import Collection

from shared.adapters.kafka.generation import cluster_id, ends
from shared.application.signals.ports import RuleMemories
from shared.runtime.worker.spans import Notes

_CLUSTER = "cluster"


class OtherTopics(Exception):
    """The topics are not those that the positions were taken in; its text says what to do."""


async def check_same_topics(
    line: str, bootstrap: str, topics: Collection[str], memories: RuleMemories, notes: Notes
) -> None:
    """Raises OtherTopics when the cluster is another one or a topic ends before what its rules have
    seen of it, and Unavailable."""
    if not topics:
        return
    cluster = await cluster_id(bootstrap)
    known = (await notes.get(_CLUSTER) or {}).get("id")
    seen = await memories.highest()
    if seen:
        if known is not None and known != cluster:
            raise OtherTopics(_advice(line, f"Kafka cluster {cluster} is not {known}"))
        now = await ends(bootstrap, topics)
        for partition, position in sorted(seen.items()):
            if partition in now and now[partition] <= position:
                said = f"{partition} ends at {now[partition]}, but {position} was seen of it"
                raise OtherTopics(_advice(line, said))
    await notes.put(_CLUSTER, {"id": cluster})


async def forget_positions(memories: RuleMemories, notes: Notes) -> int:
    """Go on with these topics from where the group stands; how many states let go of theirs."""
    count = await memories.forget_positions()
    await notes.put(_CLUSTER, {"id": None})
    return count


def _advice(line: str, said: str) -> str:
    return (
        f"{said}: its topics were made anew, and the rules of {line} would pass over new signals. "
        f"Stop the line, run `tenlines rules forget-positions {line}`, start it again; what the "
        "rules remember stays."
    )
