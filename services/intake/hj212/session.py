"""One connection without its socket: bytes in, steps out, each of them a packet's fate. Pure.

Answered is what is durable and need not be sent again: what became a signal, and what was refused
for its contents (sending it again would not mend it). Not answered is what may have been damaged
on its way, what is from nobody known, and parts whose others are missing: a device sends it again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from hmac import compare_digest

from services.intake.events import Event
from services.intake.hj212.devices import Device, Devices
from services.intake.hj212.protocol import crc
from services.intake.hj212.protocol.fault import BadPacket
from services.intake.hj212.protocol.flag import VERSIONS, Flag
from services.intake.hj212.protocol.framing import Broken, Frame, Framer
from services.intake.hj212.protocol.parts import Parts, Stale, Whole
from services.intake.hj212.protocol.reply import ANSWERS, acknowledgement
from services.intake.hj212.protocol.segment import Segment, guessed_mn, parse_segment
from services.intake.hj212.readings import DATA, event_of
from shared.declaration.county.keys import DESK_KEY

_BITS = {version: bits << 2 for bits, version in VERSIONS.items()}


class Outcome(StrEnum):
    TAKEN = "taken"
    AGAIN = "again"
    """Part of a message that is durable already."""
    PART = "part"
    """Waits for the other parts."""
    UNUSED = "unused"
    """Right, but nothing that becomes a signal."""
    REFUSED = "refused"


@dataclass(frozen=True)
class Letter:
    """A packet that was refused, for the dead letters of `line`."""

    line: str
    """The desk's where nobody knows whose device it is."""
    reason: str
    raw: bytes
    mn: str | None
    offset: int
    """Of the packet in the connection's bytes."""


@dataclass(frozen=True)
class Step:
    """What has to be made durable, and the answers that may go out afterwards."""

    outcome: Outcome
    event: Event | None = None
    letter: Letter | None = None
    answers: tuple[bytes, ...] = ()


class Session:
    """`now` is any clock in seconds that only goes forward. The steps of one call have to be
    durable before the next call."""

    def __init__(self, devices: Devices, part_seconds: float, most_refused: int) -> None:
        self._devices = devices
        self._most_refused = most_refused
        self._framer = Framer()
        self._parts = Parts(part_seconds)
        self._line = DESK_KEY
        self.known: set[str] = set()
        """Devices that have sent a right packet here."""
        self._refused_in_a_row = 0

    @property
    def hopeless(self) -> bool:
        """So many packets were refused one after the other that no more are looked at."""
        return self._refused_in_a_row >= self._most_refused

    @property
    def noise(self) -> int:
        """Bytes that belong to no packet."""
        return self._framer.noise

    @property
    def waits_for_parts(self) -> bool:
        return len(self._parts) > 0

    def take(self, chunk: bytes, now: float) -> list[Step]:
        steps = []
        for found in self._framer.feed(chunk):
            steps.append(self._step(found, now))
            self._refused_in_a_row = self._refused_in_a_row + 1 if steps[-1].letter else 0
            if self.hopeless:
                break
        return steps

    def expire(self, now: float) -> list[Step]:
        """Give up messages whose parts did not come in time."""
        return [self._stale(each) for each in self._parts.expired(now)]

    def end(self, now: float) -> list[Step]:
        """What is left when nothing more comes."""
        if self.hopeless:
            return []
        left = [self._step(found, now) for found in self._framer.finish()]
        return [*left, *(self._stale(each) for each in self._parts.abandoned())]

    def _step(self, found: Frame | Broken, now: float) -> Step:
        if isinstance(found, Broken):
            return self._refused(found.fault, found)
        try:
            device, segment = self._known(found)
        except BadPacket as fault:
            return self._refused(fault, found)
        self.known.add(device.mn)
        self._line = device.mapping.line
        if segment.cn in ANSWERS:
            return Step(Outcome.UNUSED)
        if segment.cn not in DATA:
            return Step(Outcome.UNUSED, answers=tuple(_answers(device, (segment,))))
        if self._parts.is_done(segment):
            return Step(Outcome.AGAIN, answers=tuple(_answers(device, (segment,))))
        try:
            whole = self._parts.add(found, segment, now)
        except BadPacket as fault:
            return self._refused(fault, found)
        return Step(Outcome.PART) if whole is None else self._whole(whole, device)

    def _known(self, frame: Frame) -> tuple[Device, Segment]:
        """Whose packet it is, once its check sum, its head and its password are right."""
        mn = guessed_mn(frame.data)
        device = self._devices.get(mn or "")
        crc.check(frame.data, frame.declared_crc, device.habit if device else None)
        segment = parse_segment(frame.data)
        device = self._devices.get(segment.mn)
        if device is None:
            raise BadPacket(
                "MN",
                f"{segment.mn} 不在设备清单中 / not in the devices file",
                "在设备清单中加上它,再重启接入程序 / add it there and restart",
            )
        if device.password is not None and not compare_digest(
            device.password.encode(), segment.pw.encode()
        ):
            raise BadPacket("PW", "密码不对 / wrong password", "与设备清单的 password 一致")
        return device, segment

    def _whole(self, whole: Whole, device: Device) -> Step:
        # Its answers go out when it is durable, and so do those to its parts that come again.
        self._parts.settled(whole)
        answers = tuple(_answers(device, whole.parts))
        try:
            event = event_of(whole.segment, device)
        except BadPacket as fault:
            return self._refused(fault, *whole.frames, answers=answers)
        if event is None:
            return Step(Outcome.UNUSED, answers=answers)
        return Step(Outcome.TAKEN, event=event, answers=answers)

    def _stale(self, stale: Stale) -> Step:
        return self._refused(stale.fault, *stale.frames)

    def _refused(
        self, fault: BadPacket, *found: Frame | Broken, answers: tuple[bytes, ...] = ()
    ) -> Step:
        raw = b"\r\n".join(each.raw for each in found)
        mn = guessed_mn(raw)
        device = self._devices.get(mn or "")
        # A packet without a readable number is most likely from who speaks here anyway.
        line = device.mapping.line if device else DESK_KEY if mn else self._line
        letter = Letter(line, str(fault), raw, mn, found[0].offset)
        return Step(Outcome.REFUSED, letter=letter, answers=answers)


def _answers(device: Device, parts: tuple[Segment, ...]) -> Iterator[bytes]:
    for part in parts:
        if part.flag.ack:
            said = part
            if device.version is not None:
                said = replace(part, flag=Flag(_BITS[device.version] | part.flag.value & 3))
            yield acknowledgement(said, device.habit)
