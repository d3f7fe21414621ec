"""What travels before a handed-over problem: its earlier history and answers, in bounded parts."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import orjson

from shared.application.ports import Ledger
from shared.application.transfer import RECEIVE_PART
from shared.contract.messages import Command, HandoverPart
from shared.domain.actor import system
from shared.domain.identity import derived

PART_MOST, PART_BYTES = 100, 500_000
"""Changes and answers of one part, and their bytes: below what a record may have."""
ANSWERS_MOST = 500
"""The newest answers that travel; older commands are not retried any more."""


async def parts_before(ledger: Ledger, receive: Command) -> list[Command]:
    """The `receive-part` commands to send before `receive`, in order, under the same key.

    Made again they have the same ids, and the target keeps each change and answer once. Raises
    Unavailable.
    """
    changes = [c async for c in _history(ledger, receive.entry)]
    answers = [
        answer.model_dump(mode="json")
        for answer in await ledger.answers_of(receive.entry, ANSWERS_MOST)
    ]
    bodies = [HandoverPart(changes=list(some)) for some in _cut(changes)]
    bodies += [HandoverPart(answers=list(some)) for some in _cut(answers)]
    return [
        Command(
            id=derived(receive.id, "part", str(number)),
            kind=receive.kind,
            entry=receive.entry,
            name=RECEIVE_PART,
            body=body.model_dump(mode="json"),
            actor=system("handover"),
            issued_at=receive.issued_at,
            reply=False,
        )
        for number, body in enumerate(bodies)
    ]


async def _history(ledger: Ledger, entry: str) -> AsyncIterator[dict[str, Any]]:
    after = 0
    while page := await ledger.history(entry, after, PART_MOST):
        for change in page:
            yield change.model_dump(mode="json")
        after = page[-1].version


def _cut(items: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    part: list[dict[str, Any]] = []
    size = 0
    for item in items:
        weight = len(orjson.dumps(item))
        if part and (len(part) >= PART_MOST or size + weight > PART_BYTES):
            yield part
            part, size = [], 0
        part.append(item)
        size += weight
    if part:
        yield part
