"""CloudEvents in their structured form, one JSON object a line, as the intakes print them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

from deploy.simulation.event import Simulated
from shared.declaration.line import Line
from shared.declaration.signal import Observed, Signal, signal_type
from shared.domain.moments import Moment
from shared.domain.validation import field_errors
from shared.runtime.rehearsal.rehearsal import Arrival


class BadEvent(Exception):
    """A line that is no event of ours; it says which line, what is wrong, and what would be right."""


class _Event(BaseModel):
    type: str
    source: str
    id: str
    data: dict[str, Any]
    time: Moment | None = None


class EventReader:
    """Knows the signals of all lines."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._signals: Mapping[str, tuple[str, Signal]] = {
            signal_type(line.key, signal.code): (line.key, signal)
            for line in lines
            for signal in line.signals
        }

    def read(self, texts: Iterable[bytes]) -> Iterator[Arrival]:
        """The signals as if each had arrived when it was observed. Raises BadEvent."""
        for number, text in enumerate(texts, 1):
            if not text.strip():
                continue
            try:
                yield self._arrival(text)
            except orjson.JSONDecodeError as error:
                raise BadEvent(f"line {number}: not JSON ({error})") from None
            except ValidationError as error:
                said = "; ".join(f"{e.pointer or '/'}: {e.detail}" for e in field_errors(error)[:5])
                raise BadEvent(f"line {number}: {said}") from None
            except KeyError as error:
                raise BadEvent(
                    f"line {number}: unknown type {error}; `tenlines signals` lists the known ones"
                ) from None

    def _arrival(self, text: bytes) -> Arrival:
        event = _Event.model_validate(orjson.loads(text))
        line, signal = self._signals[event.type]
        data = signal.model.model_validate_json(orjson.dumps(event.data))
        return Arrival(data.observed_at, Observed(line, signal.code, data), event.source, event.id)


def on_its_way(arrival: Arrival) -> Simulated:
    """As the simulation sends its own."""
    observed = arrival.observed
    data = observed.data.model_dump(mode="json", exclude_none=True)
    data["observed_at"] = arrival.at
    return Simulated(arrival.at, observed.line, observed.signal, arrival.id, data)
