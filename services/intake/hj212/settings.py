"""The settings of the HJ 212 intake: those of every process, and its own (`TENLINES_HJ212_…`)."""

from pathlib import Path

from pydantic import Field

from shared.runtime.settings import Settings


class Hj212Settings(Settings):
    port: int = Field(default=8212, ge=0, le=65535)
    """TCP, on the settings' host."""
    hj212_devices: Path | None = None
    """The devices file."""
    hj212_connections: int = Field(default=500, ge=1, le=10_000)
    hj212_idle_seconds: float = Field(default=7200, ge=10, le=7 * 24 * 3600)
    """After which a silent connection is closed; longer than the slowest device's interval."""
