"""Vehicles in signals: a plate is read by those who act, and is neither key nor title."""

import hashlib
from typing import Annotated

from pydantic import AfterValidator, Field


def _plain(plate: str) -> str:
    return plate.strip().upper().replace(" ", "").replace("·", "").replace("-", "")


Plate = Annotated[
    str, Field(min_length=5, max_length=20, description="车牌号码"), AfterValidator(_plain)
]
"""A plate without blanks, dots and dashes: 鲁H12345."""


def vehicle_of(plate: str) -> str:
    """Under what a vehicle is remembered and joined.

    Keys travel in topics, logs and addresses, where a plate, which leads to a person, has no
    business; the description of a problem has it. The digest only keeps it out of sight: whoever
    can read problems can read plates.
    """
    return "vehicle-" + hashlib.sha256(plate.encode()).hexdigest()[:20]
