"""Handlers that look again at once, and keep quiet about it."""

import logging

import pytest

from shared.application import handler


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(handler, "BLINKS", (0, 0, 0))
    caplog.set_level(logging.ERROR, logger="shared.application.handler")
