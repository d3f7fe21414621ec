"""Worlds whose services are fakes, so that tests of the launcher take seconds, not minutes."""

from __future__ import annotations

import sys

from deploy.launcher.service import Service


class FakeService(Service):
    """Runs `tests.fakes.service` in the place of any service."""

    def command(self) -> list[str]:
        """The fake's command."""
        return [sys.executable, "-u", "-m", "tests.fakes.service"]


class BrokenService(Service):
    """Ends at once with a reason, as a service with a wrong county pack does."""

    def command(self) -> list[str]:
        """A command that fails."""
        return [sys.executable, "-c", "raise SystemExit('plan.yaml: line 3: `lead` is missing')"]
