"""What is wrong with a pack: file, line and field, and what would be right."""

from dataclasses import dataclass

from shared.declaration.county.rules.fault import Where


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to correct. Prints as `plan.yaml:12: items[3].title: message (what is right)`."""

    file: str
    line: int
    """From 1; 1 too where no line can be named."""
    field: str
    message: str
    right: str

    def __str__(self) -> str:
        field = self.field or "-"
        return f"{self.file}:{self.line}: {field}: {self.message} ({self.right})"


class PackError(Exception):
    """A pack that must not be used; `problems` holds all that was found, in file order."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def field_name(where: Where) -> str:
    """`("items", 3, "title")` as `items[3].title`; positions from 0, as in JSON."""
    name = ""
    for step in where:
        if isinstance(step, int):
            name += f"[{step}]"
        else:
            name += f".{step}" if name else step
    return name
