"""Back to an earlier point, on real engines: a line, its topics, the read model, and what the other
lines had to do with it meanwhile."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pymongo
import pytest

from deploy.launcher.places import ROOT
from deploy.launcher.world import World
from tests.fakes.pictures import picture
from tests.waiting import until

HOUSING = {"X-Actor": "zhang", "X-Role": "department", "X-Unit": "housing"}
LEAD = {"X-Actor": "li", "X-Role": "line_lead", "X-Unit": "housing"}
COORDINATOR = {"X-Actor": "chen", "X-Role": "coordinator", "X-Unit": "ecology"}
STOPPED = ("dust", "gateway")
Json = dict[str, Any]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    system = World(tmp_path_factory.mktemp("restore"), only=["dust", "mobile", "gateway"])
    try:
        system.start()
        yield system
    finally:
        system.stop()


@pytest.fixture(scope="module")
def gateway(world: World) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=world.address("gateway"), timeout=15) as client:
        yield client


def _environment(world: World) -> dict[str, str]:
    own = {"TENLINES_KAFKA": world.kafka_address, "TENLINES_MONGO": world.mongo_address}
    return {**os.environ, **own}


def _tenlines(world: World, *said: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.cli", *said],
        cwd=ROOT,
        env=_environment(world),
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def _report(gateway: httpx.Client, title: str, line: str = "dust") -> Json:
    body = {
        "line": line, "title": title, "severity": "general",
        "location": {"lon": 116.3, "lat": 35.05, "town": "370828001"},
    }  # fmt: skip
    done = gateway.post("/v1/problems", headers={**HOUSING, "Prefer": "wait=15"}, json=body)
    assert done.status_code == 201, done.text
    found: Json = done.json()
    return found


def _do(gateway: httpx.Client, problem: Json, what: str, who: dict[str, str], **body: Any) -> Json:
    done = gateway.post(
        f"/v1/problems/{problem['id']}/{what}",
        headers={**who, "If-Match": f'"{problem["version"]}"', "Prefer": "wait=15"},
        json=body,
    )
    assert done.status_code == 200, f"{what}: {done.text}"
    after: Json = done.json()
    assert after["version"] == problem["version"] + 1
    return after


def _get(gateway: httpx.Client, problem: Json) -> Json:
    found: Json = gateway.get(f"/v1/problems/{problem['id']}").json()
    return found


def _seen(gateway: httpx.Client, problem: Json, **wanted: Any) -> Json:
    def look() -> Json | None:
        found = _get(gateway, problem)
        return found if all(found.get(n) == v for n, v in wanted.items()) else None

    found = until(look, 30, f"{problem['number']} with {wanted}")
    assert found is not None
    return found


def _stop(world: World) -> None:
    for name in STOPPED:
        child = world.keepers[name].member.child
        assert child is not None
        child.terminate()
        child.stop()


def _start(world: World) -> None:
    for name in STOPPED:
        world.launch(name)
    for name in STOPPED:
        world.keepers[name].member.wait_ready()


def test_a_line_goes_back_and_on(world: World, gateway: httpx.Client, tmp_path: Path) -> None:
    photo = gateway.post("/v1/files", files={"file": ("a.jpg", picture())}, headers=HOUSING).json()
    kept, going, coming = (
        _report(gateway, title) for title in ("留下的", "会转走", "会转来又转走")
    )
    kept = _do(gateway, kept, "assign", LEAD, unit="housing")
    kept = _do(gateway, kept, "accept", HOUSING)
    kept = _do(gateway, kept, "start", HOUSING)
    kept = _do(gateway, kept, "attach-evidence", HOUSING, kind="after", sha256=photo["sha256"])
    elsewhere = _report(gateway, "移动源的问题", line="mobile")
    _tenlines(world, "verify", "--wait", "30")

    backup = tmp_path / "set"
    told = _tenlines(world, "backup", "--all", str(backup))
    assert "coal: never ran, left out" in told and "4 parts" in told
    _finishes_what_was_cut(world, backup)

    # What is dropped: versions 6 and 7, a new problem. What crossed is not undone.
    wrong = _do(gateway, kept, "comment", HOUSING, text="会被撤销")
    _do(gateway, wrong, "comment", HOUSING, text="也会")
    dropped = _report(gateway, "会消失")
    gone = _do(gateway, going, "transfer", COORDINATOR, line="mobile", reason="属移动源")
    there = _seen(gateway, going, line="mobile", status="registered")
    there = _do(gateway, there, "comment", COORDINATOR, text="移动源在办")
    _do(gateway, elsewhere, "transfer", COORDINATOR, line="dust", reason="属扬尘")
    came = _seen(gateway, elsewhere, line="dust", status="registered")
    came = _do(gateway, came, "comment", COORDINATOR, text="会被撤销")
    _do(gateway, coming, "transfer", COORDINATOR, line="mobile", reason="先转走")
    back = _seen(gateway, coming, line="mobile", status="registered")
    _do(gateway, back, "transfer", COORDINATOR, line="dust", reason="又转回")
    _seen(gateway, coming, line="dust", status="registered")
    _tenlines(world, "verify", "--wait", "30")

    running = _tenlines(world, "restore", "dust", str(backup), code=1)
    assert "still runs" in running and "nothing was touched" in running
    _stop(world)
    _refuses_bad_backups(world, backup, tmp_path)
    _cut_short(world, backup)
    told = _tenlines(world, "restore", "dust", str(backup))
    assert f"{going['number']}: stays in mobile" in told
    assert f"{elsewhere['number']}: comes again from mobile" in told
    _start(world)
    _tenlines(world, "verify", "--wait", "60")

    assert _get(gateway, kept)["version"] == 5
    assert gateway.get(f"/v1/problems/{dropped['id']}").status_code == 404
    stays = _get(gateway, going)
    assert (stays["line"], stays["version"]) == ("mobile", there["version"])
    assert (
        _seen(gateway, elsewhere, line="dust", status="registered")["version"]
        == came["version"] - 1
    )
    assert _seen(gateway, coming, line="dust", status="registered")["version"] == 5
    assert gone["status"] == "moved"

    # And on: versions without gaps, numbers that were never given before.
    after = _do(gateway, kept, "comment", HOUSING, text="恢复之后")
    after = _do(gateway, after, "submit", HOUSING)
    assert after["version"] == 7
    assert _serial(_report(gateway, "恢复之后的新问题")) > _serial(dropped)
    history = until(lambda: _history(gateway, kept, 7), 30, "all of its history")
    assert [each["version"] for each in history] == [1, 2, 3, 4, 5, 6, 7]
    assert "会被撤销" not in str(history)
    assert "equal" in _tenlines(world, "verify", "--wait", "60")


def _finishes_what_was_cut(world: World, backup: Path) -> None:
    """As if the backup had ended before `mobile`: it is no whole one until it was run again."""
    shutil.rmtree(backup / "mobile")
    cut = _tenlines(world, "restore", "--all", str(backup), code=1)
    assert "was cut: it lacks mobile" in cut and "dust, gateway, files" in cut
    told = _tenlines(world, "backup", "--all", str(backup))
    assert "dust: there already" in told and "mobile: there already" not in told
    for which in ("dust", "--all"):
        again = _tenlines(world, "backup", which, str(backup), code=1)
        assert "is there already" in again


def _history(gateway: httpx.Client, problem: Json, length: int) -> list[Json] | None:
    items: list[Json] = gateway.get(f"/v1/problems/{problem['id']}/history").json()["items"]
    return items if len(items) >= length else None


def _serial(problem: Json) -> int:
    return int(problem["number"].rpartition("-")[2])


def _refuses_bad_backups(world: World, backup: Path, folder: Path) -> None:
    """Before anything is touched: the database keeps what it has."""
    before = _versions(world)
    bad = folder / "bad"
    shutil.copytree(backup, bad)
    file = bad / "dust" / "history.bson.gz"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert "was changed after it was written" in _tenlines(
        world, "restore", "dust", str(bad), code=1
    )
    file.unlink()
    assert "is missing" in _tenlines(world, "restore", "dust", str(bad), code=1)
    (bad / "dust" / "manifest.json").unlink()
    assert "no backup of dust" in _tenlines(world, "restore", "dust", str(bad), code=1)
    shutil.rmtree(bad / "dust")
    shutil.copytree(backup / "mobile", bad / "dust")
    assert "is the backup of mobile" in _tenlines(world, "restore", "dust", str(bad), code=1)
    assert _versions(world) == before


def _versions(world: World) -> dict[str, int]:
    with pymongo.MongoClient[Json](world.mongo_address) as client:
        found = client["tenlines_dust"].entries.find({}, {"entry.version": 1})
        return {each["_id"]: each["entry"]["version"] for each in found}


def _cut_short(world: World, backup: Path) -> None:
    """kill -9 at several points on the way; until it is done again the line does not start."""
    for point in ("entries:", "dust.ledger:", "the read model anew"):
        running = subprocess.Popen(
            [sys.executable, "-u", "-m", "deploy.cli", "restore", "dust", str(backup)],
            cwd=ROOT,
            env=_environment(world),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert running.stdout is not None
        seen = ""
        for text in running.stdout:
            seen += text
            if point in text:
                break
        running.kill()
        running.wait()
        assert point in seen, seen
    for name in STOPPED:
        world.launch(name)
        _ends_by_itself(world, name)
        said = world.places.log(name).read_text(encoding="utf-8")
        assert re.search(rf"tenlines restore dust {backup}`.* come to its end first", said)
    half = _tenlines(world, "backup", "dust", str(backup.with_name("half")), code=1)
    assert "is being restored" in half


def _ends_by_itself(world: World, name: str) -> None:
    child = world.keepers[name].member.child
    assert child is not None
    until(lambda: not child.alive, 30, f"{name} ends by itself")


@pytest.mark.soak
def test_a_county_comes_back_on_an_empty_machine(
    world: World, gateway: httpx.Client, tmp_path: Path
) -> None:
    """Both engines' data is gone: other brokers with empty topics, another empty database."""
    photo = gateway.post("/v1/files", files={"file": ("b.jpg", picture())}, headers=HOUSING).json()
    problem = _report(gateway, "随机器没了的问题")
    moved = _report(gateway, "转走的问题")
    _do(gateway, moved, "transfer", COORDINATOR, line="mobile", reason="属移动源")
    there = _seen(gateway, moved, line="mobile", status="registered")
    _tenlines(world, "verify", "--wait", "30")
    backup = tmp_path / "set"
    _tenlines(world, "backup", "--all", str(backup))

    fresh = World(tmp_path / "fresh", only=["dust", "mobile", "gateway"])
    try:
        fresh.start()
        for name in ("dust", "mobile", "gateway"):
            child = fresh.keepers[name].member.child
            assert child is not None
            child.stop()
        assert "Restored" in _tenlines(fresh, "restore", "--all", str(backup))
        for name in ("dust", "mobile", "gateway"):
            fresh.launch(name)
        for name in ("dust", "mobile", "gateway"):
            fresh.keepers[name].member.wait_ready()
        _tenlines(fresh, "verify", "--wait", "60")
        with httpx.Client(base_url=fresh.address("gateway"), timeout=15) as again:
            assert _get(again, problem)["version"] == problem["version"]
            assert _get(again, moved)["version"] == there["version"]
            # No problem names it yet, so it is for who uploaded it.
            found = again.get(photo["location"], headers=HOUSING)
            assert found.status_code == 200 and found.content == picture()
            after = _do(again, problem, "comment", HOUSING, text="在新机器上")
            assert after["version"] == problem["version"] + 1
            assert _serial(_report(again, "新机器上的新问题")) > _serial(moved)
            until(lambda: _history(again, problem, 2), 30, "its history goes on")
        assert "equal" in _tenlines(fresh, "verify", "--wait", "60")
    finally:
        fresh.stop()


@pytest.mark.soak
def test_what_people_asked_comes_again_where_that_is_wanted(
    world: World, gateway: httpx.Client, tmp_path: Path
) -> None:
    """A lost disk is no mistake of theirs."""
    before = _report(gateway, "备份之前的")
    backup = tmp_path / "set"
    _tenlines(world, "backup", "dust", str(backup))
    _do(gateway, before, "assign", LEAD, unit="housing")
    since = _report(gateway, "备份之后的")
    _stop(world)
    _tenlines(world, "restore", "dust", str(backup), "--replay-commands")
    _start(world)
    again = _seen(gateway, since, version=1)
    assert again["title"] == since["title"] and _serial(again) > _serial(since)
    assert _seen(gateway, before, version=2)["unit"] == "housing"
    _tenlines(world, "verify", "--wait", "60")
