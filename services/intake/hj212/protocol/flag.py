"""The Flag of a packet: six bits of the standard's version, one `split`, one `answer me`."""

from dataclasses import dataclass

from services.intake.hj212.protocol.fault import BadPacket, excerpt

VERSIONS = {0: "2005", 1: "2017", 2: "2025"}


@dataclass(frozen=True)
class Flag:
    """Packets of 2005 may come without one: that is `Flag(0)`."""

    value: int = 0

    @property
    def version(self) -> str:
        return VERSIONS[self.value >> 2]

    @property
    def split(self) -> bool:
        """In 2005: numbers of parts are told. In practice PNUM decides."""
        return bool(self.value & 2)

    @property
    def ack(self) -> bool:
        """The sender waits for an answer."""
        return bool(self.value & 1)


def parse_flag(text: str) -> Flag:
    """Raises BadPacket."""
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise BadPacket(
            "Flag",
            f"“{excerpt(text)}”不是整数 / not a whole number",
            "写 0 至 11,如 5 / write 0 to 11",
        )
    value = int(text)
    if value >> 2 not in VERSIONS:
        raise BadPacket(
            "Flag",
            f"{value} 的版本位是 {value >> 2} / its version bits are {value >> 2}",
            "0 为 2005 版、1 为 2017 版、2 为 2025 版 / 0 is 2005, 1 is 2017, 2 is 2025",
        )
    return Flag(value)
