"""What is wrong with a packet, for whoever has to mend the device or its settings."""


class BadPacket(Exception):
    """A packet that must be refused: which field, which rule it breaks, what would be right."""

    def __init__(self, field: str, rule: str, right: str) -> None:
        super().__init__(f"{field}: {rule}；{right}")
        self.field = field
        self.rule = rule
        self.right = right


def excerpt(text: str, most: int = 40) -> str:
    """`text` as an error may quote it."""
    return text if len(text) <= most else text[:most] + "…"
