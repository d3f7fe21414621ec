"""Packets in a stream of bytes: `##`, four digits of length, the data segment, four hex digits.

A data segment holds neither `##` nor a line end. Where one stands before the declared end, the
length is wrong or the rest was lost, and the search goes on from there: a broken packet never
costs the one behind it. Line ends after a packet are not waited for, some devices send none.
What stands between packets is noise (modems send registrations and heartbeats of their own),
unless it looks like a packet that lost its head.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.intake.hj212.protocol.fault import BadPacket

MARK = b"##"
HEAD = 6
TAIL = 4
MOST = HEAD + 9999 + TAIL
"""Bytes of the largest packet that four digits can declare: no more is ever held."""

_CLOSE = re.compile(rb"&&[0-9A-Fa-f]{4}")
_STOP = re.compile(rb"##|[\r\n]")
_ENDING = re.compile(rb"&&[0-9A-Fa-f]{4}\Z")
_HEADLESS = re.compile(rb"CP=&&|&&[0-9A-Fa-f]{4}")
_BLANK = b" \t\r\n\0"


@dataclass(frozen=True)
class Frame:
    """A packet whose length is right; its check sum is not yet looked at."""

    offset: int
    """Of its `##` in the stream."""
    raw: bytes

    @property
    def data(self) -> bytes:
        return self.raw[HEAD:-TAIL]

    @property
    def declared_crc(self) -> int:
        return int(self.raw[-TAIL:], 16)


@dataclass(frozen=True)
class Broken:
    """What looks like a packet and is none; `raw` goes as far as it can be told."""

    offset: int
    raw: bytes
    fault: BadPacket

    @property
    def declared_length(self) -> int | None:
        digits = self.raw[len(MARK) : HEAD] if self.raw.startswith(MARK) else b""
        return int(digits) if len(digits) == 4 and _digits(digits) else None

    @property
    def length(self) -> int | None:
        """Of the data segment, where its two ends can be seen."""
        whole = self.raw.startswith(MARK) and _ENDING.search(self.raw)
        return len(self.raw) - HEAD - TAIL if whole else None


class Framer:
    """Feed it what arrives; however it was cut, the same packets come out."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._at = 0
        """Offset in the stream of the first byte held."""
        self.noise = 0
        """Bytes outside of packets, white space left out."""

    def feed(self, chunk: bytes) -> Iterator[Frame | Broken]:
        """The packets that are complete with `chunk`. Take all before feeding again."""
        # In steps, so that a large chunk is never shifted as a whole.
        for start in range(0, len(chunk), MOST):
            self._held += chunk[start : start + MOST]
            yield from self._complete(ended=False)

    def finish(self) -> Iterator[Frame | Broken]:
        """What is left when nothing more comes."""
        yield from self._complete(ended=True)

    def _complete(self, ended: bool) -> Iterator[Frame | Broken]:
        done = 0
        while done < len(self._held):
            if self._held[done] in _BLANK:
                done += 1
                continue
            # ###: the mark is the last two.
            marked = self._held.startswith(MARK, done) and self._held[done + 2 : done + 3] != b"#"
            found = self._packet(done, ended) if marked else self._stray(done, ended)
            if found is None:
                break
            done += len(found.raw)
            if isinstance(found, Frame) or found.fault is not _NOISE:
                yield found
            else:
                self.noise += len(found.raw.translate(None, _BLANK))
        del self._held[:done]
        self._at += done

    def _stray(self, begin: int, ended: bool) -> Broken | None:
        """What stands at `begin` without a mark, up to the next mark or line end; None while more
        bytes decide."""
        # From the second byte on: of ### the first is no part of the mark.
        raw = self._until_stop(begin, begin + 1, ended)
        if raw is None:
            return None
        return Broken(self._at + begin, raw, _NO_MARK if _HEADLESS.search(raw) else _NOISE)

    def _packet(self, begin: int, ended: bool) -> Frame | Broken | None:
        """The packet at `begin`; None while more bytes decide."""
        have = len(self._held) - begin
        head = bytes(self._held[begin + 2 : begin + HEAD])
        if not _digits(head):
            return self._broken(begin, ended, None)
        if have >= HEAD:
            length = int(head)
            stop = _STOP.search(self._held, begin + HEAD, begin + HEAD + length)
            if stop:
                return self._broken(begin, ended, length)
            if have >= HEAD + length + TAIL:
                end = begin + HEAD + length + TAIL
                if _CLOSE.fullmatch(self._held, end - TAIL - 2, end):
                    return Frame(self._at + begin, bytes(self._held[begin:end]))
                return self._broken(begin, ended, length)
        if not ended:
            return None
        return self._broken(begin, ended, int(head) if len(head) == 4 else None)

    def _broken(self, begin: int, ended: bool, length: int | None) -> Broken | None:
        """The broken packet up to the next mark or line end; None while that may still come."""
        raw = self._until_stop(begin, begin + len(MARK), ended)
        return None if raw is None else Broken(self._at + begin, raw, _fault(raw, length))

    def _until_stop(self, begin: int, search: int, ended: bool) -> bytes | None:
        """The bytes from `begin` to a mark or line end behind `search`, or as many as are ever
        held; None while those may still come."""
        stop = _STOP.search(self._held, search, begin + MOST)
        end = stop.start() if stop else min(len(self._held), begin + MOST)
        if not stop and not ended and end - begin < MOST:
            return None
        if not stop and not ended and self._held[end - 1 : end] == b"#":
            end -= 1  # perhaps the first half of the next mark
        return bytes(self._held[begin:end])


_NO_MARK = BadPacket(
    "##",
    "像是一包,但没有包头 / looks like a packet that lost its head",
    "每包以 ## 和四位长度开始 / begin with ## and four digits",
)
_NOISE = BadPacket("##", "不是数据包 / no packet", "")


def _digits(text: bytes) -> bool:
    return all(48 <= byte <= 57 for byte in text)


def _fault(raw: bytes, length: int | None) -> BadPacket:
    if length is None:
        return BadPacket(
            "length",
            "“##”之后不是四位数字 / no four digits after ##",
            "写数据段的字节数,如 ##0077 / the data segment's bytes, as in ##0077",
        )
    if _ENDING.search(raw):
        right = len(raw) - HEAD - TAIL
        return BadPacket(
            "length",
            f"声明 {length} 字节,数据段实有 {right} / declared {length}, there are {right} bytes",
            f"应为 {right:04d} / should be {right:04d}",
        )
    have = max(0, len(raw) - HEAD)
    if have < length + TAIL:
        return BadPacket(
            "length",
            f"连同 CRC 应有 {length + TAIL} 字节,到第 {have} 字节就断了"
            f" / cut off after {have} of {length + TAIL} bytes",
            "数据段应完整并以 && 和四位 CRC 结束 / the whole segment, then && and four hex digits",
        )
    return BadPacket(
        "CRC",
        f"第 {length} 字节处不是 && 和四位十六进制数 / no && and four hex digits at byte {length}",
        "数据段以 && 结束,其后紧接 CRC,长度只含数据段 / && ends the segment, the CRC follows it",
    )
