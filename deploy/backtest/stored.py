"""Stored signals, hour by hour, of a line and of those that it follows."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from shared.adapters.mongo.client import Client, Document
from shared.adapters.mongo.signals import MongoSignals
from shared.declaration.line import Line
from shared.declaration.signal import FollowedData, Observed
from shared.domain.moments import Clock
from shared.runtime.rehearsal.rehearsal import Arrival

_CHUNK = timedelta(hours=1)
"""What is in memory at a time."""


async def stored_signals(
    client: Client,
    database: dict[str, str],
    line: Line,
    since: datetime,
    until: datetime,
    clock: Clock,
) -> AsyncIterator[list[Arrival]]:
    """Everything that was observed from `since` up to before `until`, an hour at a time, each as if
    it had arrived when it was observed. `database` names each line's. Raises Unavailable."""
    stores = {key: MongoSignals(client[name], clock) for key, name in database.items()}
    at = since
    while at < until:
        end = min(at + _CHUNK, until)
        found = [
            _arrival(key, line, raw)
            for key, store in stores.items()
            async for raw in store.since(at, end)
        ]
        if found:
            yield sorted(found, key=lambda one: (one.at, one.source, one.id))
        at = end


def _arrival(key: str, line: Line, raw: Document) -> Arrival:
    source, _, id_ = str(raw["_id"]).partition("\n")
    own = line.signal(raw["signal"]) if key == line.key else None
    model = own.model if own is not None else FollowedData
    data = model.model_validate_json(raw["data"])
    return Arrival(data.observed_at, Observed(key, raw["signal"], data), source, id_)
