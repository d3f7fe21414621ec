"""Values as a reader of a file sees them."""

import re

from shared.application.reports.paper import Cell

_NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that no XML can hold; what people paste may have them."""


def shown(value: Cell) -> str:
    match value:
        case None:
            return ""
        case float():
            return f"{value:.2f}"
        case str():
            return _NEVER.sub("", value)
    return str(value)
