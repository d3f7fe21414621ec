"""Chance that is the same for the same seed, whatever else is drawn before it."""

import random


def chance(seed: int, *names: object) -> random.Random:
    """A stream of its own for each name: one more device changes nothing for the others."""
    return random.Random(":".join(str(each) for each in (seed, *names)))
