"""What is done for a record belongs to its trace, and its log lines say which command it was."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.contract.envelope import COMMAND, FINDING, attribute
from shared.contract.trace import following, of_record
from shared.runtime.logging import about
from shared.runtime.worker.record import Record


@contextmanager
def handling(record: Record) -> Iterator[None]:
    with following(of_record(record.headers)), about(**_facts(record)):
        yield


def _facts(record: Record) -> dict[str, str]:
    """From the headers: the value may be what cannot be read."""
    type_ = attribute(record.headers, "type")
    if type_ == COMMAND:
        names = {"entry": "subject", "command": "id"}
    elif type_ == FINDING:
        names = {"finding": "id"}
    else:
        return {}
    found = {ours: attribute(record.headers, theirs) for ours, theirs in names.items()}
    return {name: value for name, value in found.items() if value is not None}
