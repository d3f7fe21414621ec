"""The one error of the launcher: what is wrong, and the way out."""

from __future__ import annotations


class Trouble(Exception):
    """A sentence for the person at the keyboard. Shown as it is, never with a traceback."""
