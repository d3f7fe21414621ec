"""Failed calls to the engines, told to whoever counts them.

The adapters know what failed and the runtime knows the metrics; this is the one wire between them.
"""

from collections.abc import Callable
from typing import Literal

Client = Literal["mongo", "kafka"]
Failure = Literal[
    "timeout", "connection", "not_primary", "unconfirmed", "fenced", "refused", "other"
]
Listener = Callable[[Client, Failure], None]

_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """From now on, for the life of the process; the same listener is told once."""
    if listener not in _listeners:
        _listeners.append(listener)


def failed(client: Client, failure: Failure) -> None:
    for listener in _listeners:
        listener(client, failure)
