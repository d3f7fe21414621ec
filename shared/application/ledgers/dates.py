"""Days and times as clerks write them, read without guessing: always with a year."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from shared.domain.moments import SHANGHAI, to_utc_millis

_DAY = re.compile(
    r"(?P<y>\d{4})(?:-(?P<a>\d{1,2})-(?P<b>\d{1,2})|/(?P<c>\d{1,2})/(?P<d>\d{1,2})"
    r"|\.(?P<e>\d{1,2})\.(?P<f>\d{1,2})|年(?P<g>\d{1,2})月(?P<h>\d{1,2})日)"
)
_TIME = re.compile(
    r"(?P<h>\d{1,2})(?::(?P<m>\d{2})(?::(?P<s>\d{2})(?:\.\d{1,9})?)?|[时点](?:(?P<n>\d{1,2})分)?)"
    r"(?P<zone>Z|[+-]\d{2}:\d{2})?"
)
_NO_YEAR = re.compile(r"(\d{1,2})(?:月|[-/.])(\d{1,2})日?(?:\s.*)?")
_CLOSED = re.compile(r"(\d{4})(\d{2})(\d{2})")
EPOCH = datetime(1899, 12, 30)


class NoYear(ValueError):
    """A day and a month, but no year: `guess` is what it would be this year."""

    def __init__(self, month: int, day: int) -> None:
        super().__init__("no year")
        self.month, self.day = month, day


def written(text: str) -> date | datetime:
    """A day, or a moment in UTC, from its words; without a zone Asia/Shanghai is meant.

    Raises NoYear, or ValueError where it is no date.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    found = _DAY.match(text)
    if found is None:
        if short := _NO_YEAR.fullmatch(text):
            raise NoYear(int(short[1]), int(short[2]))
        raise ValueError("no date")
    year, month, day = (int(part) for part in found.groups() if part is not None)
    on, rest = date(year, month, day), text[found.end() :]
    if not rest.strip():
        return on
    clock = _TIME.fullmatch(rest.strip().removeprefix("T"))
    if clock is None or not (rest[0].isspace() or rest[0] == "T" or "年" in found[0]):
        raise ValueError("no time")
    minute = clock["m"] or clock["n"] or "0"
    moment = datetime.combine(on, time(int(clock["h"]), int(minute), int(clock["s"] or 0)))
    if clock["zone"]:
        return to_utc_millis(datetime.fromisoformat(moment.isoformat() + clock["zone"]))
    return local(moment)


def local(naive: datetime) -> datetime:
    """A spreadsheet's date cell as a moment in UTC, to the second: their days are fractions."""
    rounded = (naive + timedelta(milliseconds=500)).replace(microsecond=0)
    return to_utc_millis(rounded.replace(tzinfo=SHANGHAI))


def hidden_date(number: float) -> date | datetime | None:
    """The date that a bare number probably is: Excel's count of days, or 20261124."""
    closed = _CLOSED.fullmatch(f"{number:.0f}") if number == int(number) else None
    try:
        if closed is not None:
            return date(int(closed[1]), int(closed[2]), int(closed[3]))
        if 36_526 <= number < 73_051:  # 2000 to 2099
            moment = (EPOCH + timedelta(days=number, seconds=0.5)).replace(microsecond=0)
            return moment if moment.time() != time() else moment.date()
    except (ValueError, OverflowError):
        pass
    return None
