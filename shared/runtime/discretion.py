"""What of a text or an exception may stand in a log: people's names, numbers and words may not.

Telephone and identity-card numbers can be recognised, so they are taken out wherever they stand. A
name, or what somebody wrote, cannot. It gets into a log inside an exception: pydantic quotes its
input, the database's driver whole documents, `int()` what it was given. So only those exceptions
speak whose words are about the operation; of all others there is the type and the way to it.
"""

import re
import traceback
from collections.abc import Mapping

from shared.domain.redaction import published

_IDS = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32}\b)")
"""Their digits are no telephone number, however they look."""
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,120}")
_OPERATION = (
    "aiokafka.",
    "shared.adapters.kafka.",
    "shared.application.ports",
    "shared.runtime.",
    "services.gateway.rebuild",
)
"""Modules whose exceptions tell of machines and records, not of what is in them."""
_NAMES_CODE = (AttributeError, ImportError, NameError, OSError)
_CHAINED = {
    True: "\nThis was the reason for:\n\n",
    False: "\nWhile this was being handled, there came:\n\n",
}


def discreet(text: str) -> str:
    """`text` without telephone and identity-card numbers; ids stay whole."""
    parts = _IDS.split(text)  # what matched stands at the odd places
    parts[::2] = map(published, parts[::2])
    return "".join(parts)


def codes(facts: Mapping[str, str | int]) -> dict[str, str | int]:
    """Those of `facts` that are numbers, ids or codes. Whoever may write to a topic, or ask for an
    address, can put anything where an id belongs."""
    return {
        name: value for name, value in facts.items() if isinstance(value, int) or _is_code(value)
    }


def _is_code(said: str) -> bool:
    if _IDS.fullmatch(said):  # nearly all of them
        return True
    return _CODE.fullmatch(said) is not None and discreet(said) == said


def told(error: BaseException) -> str:
    """Its type, and its words where they are about the operation; a driver's error code."""
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    if kind.__module__.startswith(_OPERATION) or isinstance(error, _NAMES_CODE):
        return f"{name}: {discreet(str(error))}"
    code = getattr(error, "code", None)
    return f"{name} (code {code})" if isinstance(code, int) else name


def way_to(error: BaseException) -> str:
    """The traceback as Python writes it, the exceptions told as `told` does."""
    text = ""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        text = way_to(earlier) + _CHAINED[error.__cause__ is not None]
    text += "Traceback (most recent call last):\n"
    text += "".join(traceback.format_tb(error.__traceback__)) + told(error) + "\n"
    if isinstance(error, BaseExceptionGroup):
        for number, one in enumerate(error.exceptions, 1):
            text += f"\n{number} of {len(error.exceptions)}:\n" + way_to(one)
    return text
