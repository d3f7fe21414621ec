"""Packets that belong together (PNUM > 1): held until all are there, bounded in number and time."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace

from services.intake.hj212.protocol.fault import BadPacket
from services.intake.hj212.protocol.framing import Frame
from services.intake.hj212.protocol.segment import Segment

MOST_PARTS = 64
MOST_OPEN = 8
"""Messages of one connection that may wait for parts at a time."""
MOST_BYTES = 500_000
"""Of all parts of a connection that wait."""
_REMEMBERED = 64
"""Parts of settled messages."""

_Key = tuple[str, str, str, int]


@dataclass
class _Open:
    since: float
    parts: dict[int, tuple[Frame, Segment]] = field(default_factory=dict)


@dataclass(frozen=True)
class Whole:
    """All parts of a message; `segment` has their contents one behind the other."""

    segment: Segment
    parts: tuple[Segment, ...]
    frames: tuple[Frame, ...]


@dataclass(frozen=True)
class Stale:
    """Parts whose others did not come."""

    frames: tuple[Frame, ...]
    fault: BadPacket


class Parts:
    """The open messages of one connection. `now` is any clock in seconds that only goes forward."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._open: OrderedDict[_Key, _Open] = OrderedDict()
        self._done: OrderedDict[tuple[_Key, int, str], None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, frame: Frame, segment: Segment, now: float) -> Whole | None:
        """The whole message when this was its last part. Raises BadPacket for a part too many."""
        if segment.parts == 1:
            return Whole(segment, (segment,), (frame,))
        if segment.parts > MOST_PARTS:
            raise BadPacket(
                "PNUM",
                f"共 {segment.parts} 包,太多 / {segment.parts} parts are too many",
                f"最多 {MOST_PARTS} 包 / {MOST_PARTS} at most",
            )
        key = _key(segment)
        if key not in self._open and len(self._open) >= MOST_OPEN:
            raise BadPacket(
                "PNUM",
                f"已有 {MOST_OPEN} 组分包未收齐 / {MOST_OPEN} split messages are still open",
                "一组发完再发下一组 / send one after the other",
            )
        if self._held() + len(frame.raw) > MOST_BYTES:
            raise BadPacket(
                "PNUM",
                f"未收齐的分包超过 {MOST_BYTES} 字节 / parts that wait exceed {MOST_BYTES} bytes",
                "一组发完再发下一组 / send one after the other",
            )
        open_ = self._open.setdefault(key, _Open(now))
        # A part that came twice was sent again: the later one counts.
        open_.parts[segment.part] = (frame, segment)
        if len(open_.parts) < segment.parts:
            return None
        del self._open[key]
        ordered = [open_.parts[number] for number in range(1, segment.parts + 1)]
        segments = tuple(each for _, each in ordered)
        cp = ";".join(each.cp for each in segments if each.cp)
        whole = replace(segments[0], cp=cp, parts=1, part=1)
        return Whole(whole, segments, tuple(each for each, _ in ordered))

    def _held(self) -> int:
        return sum(len(f.raw) for open_ in self._open.values() for f, _ in open_.parts.values())

    def is_done(self, segment: Segment) -> bool:
        """Whether this very part belongs to a message that was `settled` a moment ago: it was sent
        again. Only where the device numbers its messages, and with its contents: else a device
        whose QN never changes would lose its next message."""
        return (
            segment.parts > 1
            and segment.qn_at is not None
            and (_key(segment), segment.part, segment.cp) in self._done
        )

    def settled(self, whole: Whole) -> None:
        """The message is durable; parts of it that come again need only be answered again."""
        if len(whole.parts) > 1:
            for part in whole.parts:
                self._done[_key(part), part.part, part.cp] = None
            while len(self._done) > _REMEMBERED:
                self._done.popitem(last=False)

    def expired(self, now: float) -> list[Stale]:
        """Messages that have waited too long, given up."""
        late = [key for key, open_ in self._open.items() if now - open_.since >= self._seconds]
        return [_stale(self._open.pop(key), f"{self._seconds:g} s") for key in late]

    def abandoned(self) -> list[Stale]:
        """All that is open when the connection ends."""
        left = [
            _stale(open_, "连接结束前 / before the connection ended")
            for open_ in self._open.values()
        ]
        self._open.clear()
        return left


def _key(segment: Segment) -> _Key:
    return (segment.mn, segment.cn, segment.qn or "", segment.parts)


def _stale(open_: _Open, until: str) -> Stale:
    frames = tuple(frame for frame, _ in open_.parts.values())
    total = next(iter(open_.parts.values()))[1].parts
    have = "、".join(str(number) for number in sorted(open_.parts))
    return Stale(
        frames,
        BadPacket(
            "PNO",
            f"共 {total} 包,{until} 内只到了第 {have} 包 / only parts {have} of {total} came ({until})",
            "各包的 QN、CN、MN 应相同,并全部发来 / all parts, with one QN",
        ),
    )
