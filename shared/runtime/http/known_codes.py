"""Codes in a query held against the county's: a misspelt one is an error, not an empty list."""

from collections.abc import Callable, Sequence
from typing import Annotated

from annotated_types import MaxLen
from pydantic import StringConstraints

from shared.declaration.county.county import County
from shared.declaration.county.towns import Town
from shared.domain.refusal import FieldError, refuse
from shared.runtime.http.query import VALUES_MOST

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
CodeList = Annotated[list[Code], MaxLen(VALUES_MOST)]


class Known:
    """Collects what is wrong with a query's codes; `check` refuses them all at once."""

    def __init__(self, county: County) -> None:
        self._county = county
        self._errors: list[FieldError] = []

    def lines(self, name: str, codes: Sequence[str]) -> tuple[str, ...]:
        return self._each(name, codes, lambda c: self._county.line(c) is not None, "/v1/lines")

    def towns(self, name: str, codes: Sequence[str]) -> tuple[str, ...]:
        """With both codes of a town: entries keep the one that they were reported with."""
        given = self._each(name, codes, self._is_town, "/v1/towns")
        return tuple(dict.fromkeys(each for code in given for each in self._both(code)))

    def units(self, name: str, codes: Sequence[str]) -> tuple[str, ...]:
        """Departments, towns and parks."""
        given = self._each(
            name,
            codes,
            lambda c: self._county.unit_name(c) is not None,
            "/v1/departments 和 /v1/towns",
        )
        return tuple(dict.fromkeys(each for code in given for each in self._both(code)))

    def clauses(self, name: str, codes: Sequence[str]) -> tuple[str, ...]:
        return self._each(name, codes, self._county.has_clause, "/v1/plan")

    def items(self, name: str, codes: Sequence[str]) -> tuple[str, ...]:
        return self._each(name, codes, lambda c: self._county.item(c) is not None, "/v1/plan")

    def check(self) -> None:
        if self._errors:
            said = "；".join(error.detail for error in self._errors)
            raise refuse("invalid-field", said, *self._errors)

    def _is_town(self, code: str) -> bool:
        return self._county.town(code) is not None

    def _both(self, code: str) -> tuple[str, ...]:
        town = self._county.town(code)
        return (town.code, town.code12) if isinstance(town, Town) else (code,)

    def _each(
        self, name: str, codes: Sequence[str], is_known: Callable[[str], bool], where: str
    ) -> tuple[str, ...]:
        for position, code in enumerate(codes):
            if not is_known(code):
                self._errors.append(
                    FieldError(
                        pointer=f"/{name}/{position}",
                        detail=f"查询参数 {name}:没有“{code}”,可用的见 GET {where}",
                    )
                )
        return tuple(codes)
