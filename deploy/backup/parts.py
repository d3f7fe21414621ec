"""What is backed up, and in which order its collections are read.

Nothing here is read at one instant: the order makes up for it. Whatever is on its way from one
collection to the next is read in the earlier one, the later one, or both; never in neither.
"""

from __future__ import annotations

from collections.abc import Iterable

from shared.adapters.mongo.generations import is_of_generation
from shared.application.files import FILES
from shared.contract.topics import GATEWAY
from shared.declaration.county.keys import DESK_KEY, LINE_KEYS

LINES = (*LINE_KEYS, DESK_KEY)
PARTS = (*LINES, GATEWAY, FILES)
"""Files last: a file is stored before an entry names it."""
# A finding leaves `memories` for the topic, a sighting `sightings` for its problem, a change the
# outbox of its entry for `history`, an answer for `receipts`; a number is drawn before it is used.
_LINE_ORDER = ("memories", "sightings", "entries", "history", "receipts", "counters")
_PASSING = frozenset({"leases", "poison"})
"""True only while processes run."""


def collections_of(part: str, there: Iterable[str]) -> list[str]:
    """The collections of a line or of the gateway to back up, of those that are `there`."""
    held = {name for name in there if name not in _PASSING and not name.startswith("system.")}
    if part == GATEWAY:
        # The read model is built from the topics, and `meta` tells which generation it is.
        return sorted(name for name in held if name != "meta" and not is_of_generation(name))
    return [n for n in _LINE_ORDER if n in held] + sorted(held - set(_LINE_ORDER))
