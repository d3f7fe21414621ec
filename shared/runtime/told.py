"""How a line tells of its entries and their changes: the records of its ledger and its history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.adapters.kafka.outbound import Outbound
from shared.contract.envelope import CHANGE, ENTRY, encode, headers
from shared.contract.messages import Change
from shared.contract.topics import LineTopic, line_topic


def entry_record(namespace: str, line: str, entry: Mapping[str, Any], at: datetime) -> Outbound:
    """The whole entry in its JSON form, as it stood since `at`."""
    id_, version = entry["id"], entry["version"]
    return Outbound(
        line_topic(namespace, line, LineTopic.LEDGER),
        id_.encode(),
        encode(dict(entry)),
        headers(ENTRY, line, f"{id_}:{version}", at, id_),
    )


def change_record(namespace: str, line: str, change: Change) -> Outbound:
    return Outbound(
        line_topic(namespace, line, LineTopic.HISTORY),
        change.entry.encode(),
        encode(change),
        headers(CHANGE, line, f"{change.entry}:{change.version}", change.at, change.entry),
    )
