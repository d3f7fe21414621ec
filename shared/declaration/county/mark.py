"""Where a fact of the pack comes from."""

from typing import Literal

Mark = Literal["plan", "S", "H", "M", "D", "U"]
"""The plan · S a public source · H/M memory (high, medium confidence) · D a default of the
product · U unsure."""
