"""The lines' declarations, for commands that look at all of them."""

import importlib

from shared.declaration.county.keys import DESK_KEY, LINE_KEYS
from shared.declaration.line import Line


def line_of(key: str) -> Line:
    """What the line of this key is."""
    line: Line = importlib.import_module(f"services.{key}.line").LINE
    return line


def all_lines() -> tuple[Line, ...]:
    """The ten and the coordinator's desk, in their order."""
    return tuple(line_of(key) for key in (*LINE_KEYS, DESK_KEY))
