"""Free text as it may be published: telephone and identity-card numbers taken out.

Digits may be full-width, and groups may be parted by a space or a dash, as people type them. What
is taken out is replaced by words, so that nobody takes the rest for the whole text.
"""

import re
from collections.abc import Iterable

PHONE, IDENTITY, PERSON = "（电话略）", "（证件号略）", "某某"
_WIDE = str.maketrans("０１２３４５６７８９－　 Ｘｘ（）：＋", "0123456789-  Xx():+")
_GAP = r"[ \-—–]?"
# A digit or a decimal point before it: a part of something else, such as a coordinate.
_BEGIN, _END = r"(?<![0-9.])", r"(?![0-9])"
_IDENTITY = re.compile(
    rf"{_BEGIN}[1-9][0-9]{{5}}{_GAP}(?:19|20)[0-9]{{2}}(?:0[1-9]|1[0-2])[0-3][0-9]{_GAP}[0-9]{{3}}[0-9Xx]{_END}"
    # The old form of fifteen digits.
    rf"|{_BEGIN}[1-9][0-9]{{7}}(?:0[1-9]|1[0-2])[0-3][0-9]{{4}}{_END}"
)
_PHONE = re.compile(
    # A mobile, in any of the usual groupings.
    rf"{_BEGIN}(?:\+?86{_GAP})?1[3-9][0-9](?:{_GAP}[0-9]){{8}}{_END}"
    # A landline with its area code and perhaps an extension.
    rf"|{_BEGIN}\(?0[1-9][0-9]{{1,2}}\)?{_GAP}[2-9][0-9]{{6,7}}(?:[-转 ]+[0-9]{{1,6}})?{_END}"
    # A local number after a word that says what it is.
    rf"|(?:(?<=电话)|(?<=手机)|(?<=座机)|(?<=[Tt][Ee][Ll]))[:\s]{{0,3}}[2-9][0-9]{{2,3}}{_GAP}[0-9]{{4}}{_END}"
)


def published(text: str, names: Iterable[str] = ()) -> str:
    """`text` without such numbers, and without these names of persons."""
    for name in sorted({n.strip() for n in names}, key=len, reverse=True):
        if len(name) > 1:  # a single character would blacken ordinary words
            text = text.replace(name, PERSON)
    return _cut(_PHONE, _cut(_IDENTITY, text, IDENTITY), PHONE)


def _cut(pattern: re.Pattern[str], text: str, instead: str) -> str:
    plain = text.translate(_WIDE)  # one character for one: places stay
    parts, done = [], 0
    for found in pattern.finditer(plain):
        parts += [text[done : found.start()], instead]
        done = found.end()
    return "".join([*parts, text[done:]])
