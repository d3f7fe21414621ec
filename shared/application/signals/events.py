"""Signals on their topics: CloudEvents whose type names the line and the kind of signal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from pydantic import ValidationError

from shared.contract.envelope import ENTRY, MAX_BYTES, Headers, Unreadable, attribute, headers
from shared.declaration.line import Line
from shared.declaration.signal import (
    PROBLEM,
    FollowedData,
    FollowedProblem,
    Observed,
    Signal,
    SignalData,
    signal_type,
)
from shared.domain.validation import field_errors

_PREFIX = "cn.tenlines.signal."


@dataclass(frozen=True)
class SignalEvent:
    """A signal with its CloudEvents identity: the same source and id is the same event."""

    observed: Observed
    source: str
    id: str


class Signals:
    """Reads the signals of one line, and of those that it follows what its rules want."""

    def __init__(self, line: Line, future: timedelta) -> None:
        """`future`: how far ahead of our clock an observation may say that it was."""
        self._line = line
        self._future = future
        self._own: Mapping[str, Signal] = {signal_type(line.key, s.code): s for s in line.signals}
        wanted = {name for rule in line.rules for name in rule.reads}
        self._followed = {
            signal_type(*name.split(".", 1)): name
            for name in wanted
            if not name.startswith(f"{line.key}.")
        }
        self._problems_of = frozenset(line.follows_problems)

    def decode(
        self, pairs: Iterable[tuple[str, bytes]], value: bytes | None, now: datetime
    ) -> SignalEvent | None:
        """The signal in a record. None for another line's that no rule here wants or that cannot be
        read: it is that line's to bury. Raises Unreadable for our own."""
        pairs = list(pairs)
        type_ = attribute(pairs, "type")
        if type_ == ENTRY:
            return self._problem(value)
        if type_ in self._followed:
            return self._follow(self._followed[type_], pairs, value)
        signal = self._own.get(type_ or "")
        if signal is None:
            if type_ is not None and self._is_others(type_):
                return None
            known = ", ".join(self._own) or "none"
            raise Unreadable(f"ce_type is {type_!r}; signals of {self._line.key}: {known}")
        source, id_ = attribute(pairs, "source"), attribute(pairs, "id")
        if not source or not id_:
            raise Unreadable("ce_source and ce_id are needed: copies are known by them")
        if value is None:
            raise Unreadable("the record has no value")
        if len(value) > MAX_BYTES:
            raise Unreadable(f"the value has {len(value)} bytes, the most is {MAX_BYTES}")
        data = self.read(signal, value, now)
        return SignalEvent(Observed(self._line.key, signal.code, data), source, id_)

    def read(self, signal: Signal, value: bytes, now: datetime) -> SignalData:
        """The data of one signal. Raises Unreadable that names the field, the rule, what is right."""
        try:
            data = signal.model.model_validate_json(value)
        except ValidationError as error:
            said = "；".join(f"{e.pointer or '/'}:{e.detail}" for e in field_errors(error)[:5])
            raise Unreadable(said) from None
        if ahead := self.too_early(data, now):
            raise Unreadable(ahead)
        return data

    def too_early(self, data: SignalData, now: datetime) -> str | None:
        """Why an observation from the future is refused; None when it is not."""
        if data.observed_at <= now + self._future:
            return None
        minutes = self._future.total_seconds() / 60
        return (
            f"/observed_at:{data.observed_at.isoformat()} 比现在晚 {minutes:g} 分钟以上,"
            "请校准设备时钟并写明时区"
        )

    def _is_others(self, type_: str) -> bool:
        own = f"{_PREFIX}{self._line.key}."
        return type_.startswith(_PREFIX) and not type_.startswith(own)

    def _problem(self, value: bytes | None) -> SignalEvent | None:
        """A problem in another line's ledger; None for all else that stands there."""
        try:
            entry = orjson.loads(value or b"")
        except orjson.JSONDecodeError:
            return None
        if not isinstance(entry, dict) or entry.get("line") not in self._problems_of:
            return None
        data = FollowedProblem.of_entry(entry)
        if data is None:
            return None
        return SignalEvent(Observed(entry["line"], PROBLEM, data), data.device_id, "")

    def _follow(self, name: str, pairs: Headers, value: bytes | None) -> SignalEvent | None:
        line, code = name.split(".", 1)
        source, id_ = attribute(pairs, "source"), attribute(pairs, "id")
        try:
            data = FollowedData.model_validate_json(value or b"")
        except ValidationError:
            return None
        return SignalEvent(Observed(line, code, data), source or "", id_ or "")


def signal_headers(line: str, signal: str, data: SignalData, id_: str) -> Headers:
    """The attributes of one signal; its source is the device."""
    type_ = signal_type(line, signal)
    return headers(type_, data.device_id, id_, data.observed_at, data.device_id)


def encode_signal(data: SignalData) -> bytes:
    return orjson.dumps(data.model_dump(mode="json", exclude_none=True))
