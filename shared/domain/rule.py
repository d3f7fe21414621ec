"""The shape of a rule: one row in the table of what may happen to an entry of a ledger."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from shared.domain.actor import Role
from shared.domain.context import Context

Fields = Mapping[str, Any]
Apply = Callable[[Any, Any, Context], Fields]
"""(entry, validated body, context) → the fields that change; raises Refused."""


@dataclass(frozen=True)
class Rule:
    """One row. States are the values of the entry's `status`; entries without states have none."""

    id: str
    command: str
    zh: str
    roles: frozenset[Role]
    body: type[BaseModel]
    apply: Apply
    sources: frozenset[str] = frozenset()
    to: str | None = None
    """The state after it; None: the state stays, or the effect names it (see `to_varies`)."""
    own_unit: bool = False
    """Department and town people may do it only for entries that concern their unit."""
    needs_version: bool = True
    """Whether the command must say which version it saw (If-Match)."""
    to_varies: str = ""
    """Said to people where the target state depends on the entry."""

    @property
    def internal(self) -> bool:
        """Only the product itself gives this command; it is refused from outside."""
        return self.roles == frozenset({Role.SYSTEM})
