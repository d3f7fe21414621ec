"""The page on webhooks: its table is the code's, and its examples verify what we sign."""

import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.gateway.notify.concerns import CONCERNS, EVENTS
from services.gateway.notify.signing import new_secret, standard_headers
from shared.domain.actor import ROLE_NAMES

PAGE = Path("docs/webhooks.md").read_text(encoding="utf-8")
BODY = '{"标题": "裸土"}'.encode()
AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def code(language: str, holding: str) -> str:
    (found,) = [c for c in re.findall(rf"```{language}\n(.*?)```", PAGE, re.S) if holding in c]
    return str(found)


def test_the_table_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| `(problem\.[a-z-]+)` \| (.+?) \| (.+?) \|$", PAGE, re.M)
    assert rows == [
        (rule, zh, "、".join(ROLE_NAMES[role] for role in CONCERNS[rule]))
        for rule, zh in EVENTS.items()
    ]


def test_the_python_example_verifies_ours_and_nothing_else() -> None:
    names: dict[str, Any] = {}
    exec(code("python", "def verify"), names)
    verify, secret = names["verify"], new_secret()
    headers = standard_headers(secret, "m1", AT, BODY)
    assert verify(secret, headers, BODY, AT.timestamp())
    assert not verify(secret, headers, BODY + b" ", AT.timestamp())
    assert not verify(new_secret(), headers, BODY, AT.timestamp())
    assert not verify(secret, {**headers, "webhook-id": "m2"}, BODY, AT.timestamp())
    assert not verify(secret, headers, BODY, AT.timestamp() + 301)


def test_the_shell_example_makes_the_same_signature(tmp_path: Path) -> None:
    secret = new_secret()
    headers = standard_headers(secret, "m1", AT, BODY)
    (tmp_path / "body.json").write_bytes(BODY)
    given = {"SECRET": secret, "ID": "m1", "TIMESTAMP": headers["webhook-timestamp"]}
    done = subprocess.run(
        ["sh", "-c", code("sh", "openssl")],
        cwd=tmp_path,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=True,
    )
    assert headers["webhook-signature"] == f"v1,{done.stdout.strip()}"
