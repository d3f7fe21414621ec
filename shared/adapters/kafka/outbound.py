"""A record on its way out."""

from dataclasses import dataclass, field

from shared.contract.envelope import Headers


@dataclass(frozen=True)
class Outbound:
    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = field(default_factory=list)
