"""People's words inside messages: harmless to a robot's Markdown, without telephone numbers, and
within a bound of bytes."""

import re
import unicodedata

# Neither robot documents an escape that works everywhere, so what has a meaning is written with
# the wide form of the same character: a Chinese reader sees the same, the robot sees text.
_WIDE = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "<>[]()*_`#@\\|!~&"})
_LINKS = re.compile(r"://|www\.", re.IGNORECASE)
_NUMBERS = re.compile(
    r"(?<!\d)(?:"
    r"\d{17}[\dXx]"  # identity card
    r"|(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"  # mobile
    r"|0\d{2,3}[- ]?\d{7,8}"  # fixed line
    r")(?![\dXx])"
)
_HIDDEN = "***"
_CUT = "…"


def one_line(text: str) -> str:
    """On one line, without what cannot be seen: controls, and marks that turn the direction."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)
    return " ".join(kept.split())


def without_numbers(text: str) -> str:
    """With telephone and identity card numbers hidden, also those in wide digits."""
    narrow = text.translate({0xFF10 + n: str(n) for n in range(10)})
    return _NUMBERS.sub(_HIDDEN, narrow)


def plain(text: str) -> str:
    """As text in a robot's Markdown: no link, no mention, no format can be made from it."""
    said = _LINKS.sub(lambda found: found[0].translate({ord(c): chr(ord(c) + 0xFEE0) for c in ":/."}),
                      one_line(text))  # fmt: skip
    return said.translate(_WIDE)


def fit(text: str, most: int) -> str:
    """At most `most` bytes of UTF-8, cut between characters and marked as cut."""
    raw = text.encode()
    if len(raw) <= most:
        return text
    room = most - len(_CUT.encode())
    return raw[: max(0, room)].decode(errors="ignore") + (_CUT if room >= 0 else "")
