"""The names that clerks read and write, and the codes that the product keeps."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property

from shared.contract.messages import LineCard, Named
from shared.declaration.county.about import Park
from shared.declaration.county.county import County
from shared.declaration.county.towns import Town
from shared.declaration.line import SOURCES
from shared.domain.context import LineFacts
from shared.domain.problem import SEVERITY_NAMES, Severity
from shared.domain.quantities import QUANTITIES


class Words:
    """Names of codes in one county, with the categories and sources that its lines publish.

    The way back takes the name, the code, and what people write instead of either.
    """

    def __init__(self, county: County, cards: Iterable[LineCard]) -> None:
        self.county = county
        self._cards = {card.key: card for card in cards}

    # Codes to names; an unknown code stands for itself.

    def line(self, key: str) -> str:
        return self.county.line_name(key) or key

    def category(self, line: str, code: str) -> str:
        card = self._cards.get(line)
        return _name(card.categories if card else (), code)

    def source(self, code: str) -> str:
        return next((term.zh for term in SOURCES if term.code == code), code)

    def town(self, code: str | None) -> str | None:
        """Code and name: `370828103 霄云镇`."""
        town = self.county.town(code) if code else None
        return f"{town.code} {town.name}" if town else code

    def unit(self, code: str | None) -> str | None:
        return (self.county.unit_name(code) or code) if code else None

    def units(self, codes: Sequence[str]) -> str | None:
        return "、".join(self.unit(code) or code for code in codes) or None

    def quantity(self, code: str) -> str:
        """`pm10` → `可吸入颗粒物 PM10(ug/m3)`."""
        known = QUANTITIES.get(code)
        return f"{known[1]}({known[0]})" if known else code

    # Names to codes; None where nothing goes by that name.

    def line_of(self, said: str) -> str | None:
        return self._lines.get(_plain(said))

    def category_of(self, line: str, said: str) -> str | None:
        return _code(self._cards[line].categories, said) if line in self._cards else None

    def lines_with_category(self, said: str) -> list[str]:
        """Names of the lines that know a category of this name."""
        return [self.line(key) for key, card in self._cards.items() if _code(card.categories, said)]

    def source_of(self, said: str) -> str | None:
        return self._sources.get(_plain(said))

    def severity_of(self, said: str) -> Severity | None:
        return self._severities.get(_plain(said))

    def town_of(self, said: str) -> str | None:
        """By code of 9 or 12 digits, name, alias, or code and name."""
        words = said.split()
        found = {self._one_town(word) for word in words} if len(words) <= 2 else {None}
        return found.pop() if len(found) == 1 else None

    def quantity_of(self, said: str) -> str | None:
        return self._quantities.get(_plain(said))

    # What there is to choose from.

    def facts(self, line: str) -> LineFacts | None:
        """What the line's own decisions go by; None where it has not told of itself."""
        card = self._cards.get(line)
        if card is None:
            return None
        return LineFacts(
            key=card.key,
            number_prefix=card.number_prefix,
            categories=frozenset(term.code for term in card.categories),
            sources=frozenset(term.code for term in card.sources),
        )

    def line_names(self) -> list[str]:
        return [self.line(key) for key in self._cards]

    def category_names(self, line: str) -> list[str]:
        return [term.zh for term in self._cards[line].categories] if line in self._cards else []

    def source_names(self) -> list[str]:
        return [term.zh for term in SOURCES]

    def town_names(self) -> list[str]:
        return [place.name for place in self._places]

    def towns(self) -> list[str]:
        """Codes and names, as the column shows them."""
        return [f"{place.code} {place.name}" for place in self._places]

    @property
    def _places(self) -> tuple[Town | Park, ...]:
        return (*self.county.towns, *self.county.parks)

    def _one_town(self, said: str) -> str | None:
        town = self.county.town(said) or self.county.town_named(said)
        return town.code if town else None

    @cached_property
    def _lines(self) -> Mapping[str, str]:
        """Only lines that told of themselves: nobody else takes a problem."""
        said = {key: (card.zh, key, card.number_prefix) for key, card in self._cards.items()}
        return {_plain(name): key for key, names in said.items() for name in names}

    @cached_property
    def _sources(self) -> Mapping[str, str]:
        return {
            _plain(name): term.code
            for term in SOURCES
            for name in (term.code, term.zh, *term.zh.split("/"))
        }

    @cached_property
    def _severities(self) -> Mapping[str, Severity]:
        return {
            _plain(name): code for code, zh in SEVERITY_NAMES.items() for name in (code.value, zh)
        }

    @cached_property
    def _quantities(self) -> Mapping[str, str]:
        return {
            _plain(name): code
            for code, (unit, zh) in QUANTITIES.items()
            for name in (code, zh, *zh.split(), f"{zh}({unit})", *_with_unit(zh, unit))
        }


def _with_unit(zh: str, unit: str) -> list[str]:
    return [f"{word}({unit})" for word in zh.split()]


def _plain(said: str) -> str:
    """One form of wide and narrow letters, in small ones, without spaces; µ as u, as in UCUM."""
    return "".join(unicodedata.normalize("NFKC", said).lower().split()).replace("μ", "u")


def _name(terms: Iterable[Named], code: str) -> str:
    return next((term.zh for term in terms if term.code == code), code)


def _code(terms: Iterable[Named], said: str) -> str | None:
    plain = _plain(said)
    return next((t.code for t in terms if plain in (_plain(t.zh), t.code)), None)


def nearest(said: str, names: Sequence[str], cutoff: float = 0.5) -> str | None:
    """The name that was probably meant."""
    return next(iter(get_close_matches(said, names, 1, cutoff)), None)
