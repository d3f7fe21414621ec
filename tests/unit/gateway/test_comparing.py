"""Gaps in problem numbers."""

from shared.adapters.mongo.comparing import _gaps


def test_gaps_are_told_as_ranges() -> None:
    assert _gaps("扬尘-2026", [1, 2, 3]) == []
    assert _gaps("扬尘-2026", [2, 6, 7, 9]) == [
        "扬尘-2026-00001",
        "扬尘-2026-00003…00005",
        "扬尘-2026-00008",
    ]
