"""A world of its own: where numbers may go that the office must never see in its ledgers."""

from pathlib import Path

from deploy.launcher.settings import LauncherSettings
from deploy.launcher.trouble import Trouble
from deploy.launcher.usual import settings

OFFICE = "tenlines"
"""The namespace of the office's own ledgers: no simulated number may enter them."""


def own_world() -> tuple[LauncherSettings, Path]:
    """The settings of a world of its own and the file of its clock. Raises Trouble for any other."""
    ours = settings()
    if ours.namespace == OFFICE:
        raise Trouble(
            f"TENLINES_NAMESPACE is {OFFICE}: these are the office's ledgers, and nothing simulated "
            "or replayed may enter them. Start a world of its own, as with "
            "TENLINES_NAMESPACE=demo, TENLINES_HOME=.tenlines/demo and "
            "TENLINES_TEST_CLOCK=.tenlines/demo/clock."
        )
    if ours.test_clock is None:
        raise Trouble(
            "TENLINES_TEST_CLOCK names no file: days that are played need a clock that can be "
            "turned, and the world must have been started with the same one."
        )
    return ours, ours.test_clock
