"""The burning line's rules."""

from typing import Any

from services.burning import fire
from shared.declaration.rule import Rule

RULES: tuple[Rule[Any], ...] = (fire.rule(),)
