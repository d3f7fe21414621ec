"""Which engines the launcher starts, and on which ports."""

from __future__ import annotations

import pytest

from deploy.launcher.settings import LauncherSettings
from deploy.launcher.trouble import Trouble
from deploy.launcher.usual import settings


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA", "MONGO", "PORTS", "ENGINES", "NAMESPACE"):
        monkeypatch.delenv(f"TENLINES_{name}", raising=False)


@pytest.mark.parametrize(
    ("kafka", "mongo", "engines", "expected"),
    [
        ("127.0.0.1:19092", "mongodb://127.0.0.1:27027", "managed", (19092, 27027)),
        ("localhost:5", "mongodb://localhost:6", "managed", (5, 6)),
        ("kafka.example:9092", "mongodb://127.0.0.1:6", "managed", (None, 6)),
        ("a:1,b:2", "mongodb://user:secret@db.example:27017/x", "managed", (None, None)),
        ("127.0.0.1:9092", "mongodb://127.0.0.1:27017", "external", (None, None)),
    ],
)
def test_only_engines_on_this_machine_are_ours(
    kafka: str, mongo: str, engines: str, expected: tuple[int | None, int | None]
) -> None:
    given = LauncherSettings.model_validate({"kafka": kafka, "mongo": mongo, "engines": engines})
    assert (given.kafka_port(), given.mongo_port()) == expected


def test_moved_ports_are_read_from_one_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENLINES_PORTS", "gateway=9000, dust=9101")
    assert settings().moved_ports() == {"gateway": 9000, "dust": 9101}


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENLINES_PORTS", "gateway:9000")
    with pytest.raises(Trouble, match=r"TENLINES_PORTS='gateway:9000' is wrong"):
        settings()
