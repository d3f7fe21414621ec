"""The users of MongoDB: who they are, what each may, and what the health check sets right."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.launcher.places import ROOT
from deploy.launcher.processes import SERVICES
from tests.unit.deploy.compose import read

READY = ROOT / "deploy/docker/mongo/ready.js"
SERVER = Path(__file__).with_name("mongo_server.js")
MAKER = ROOT / "deploy/docker/secrets.sh"
USERS = (*SERVICES, "operator")
SECRETS = {f"mongo-{user}": f"pwd-{user}" for user in ("root", *USERS)}
State = dict[str, Any]


def check(server: State, secrets: dict[str, str] = SECRETS, **env: str) -> State:
    """One health check; the server as it is afterwards, what was done, the exit status."""
    done = subprocess.run(
        ["node", str(SERVER), str(READY)],
        input=json.dumps({"server": server, "secrets": secrets, "env": env}),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    found: State = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def served() -> State:
    """A server after its first checks."""
    server: State = {"users": {}, "primary": False}
    first = check(server)
    assert (first["status"], first["done"]) == (1, ["initiate"])
    assert first["server"]["initiated"] == {
        "_id": "tenlines",
        "members": [{"_id": 0, "host": "mongo:27017"}],
    }
    waiting = check(first["server"])
    assert (waiting["status"], waiting["done"]) == (1, []), "no primary yet"
    elected = check(waiting["server"] | {"primary": True})
    assert elected["status"] == 0
    assert set(elected["done"]) == {f"create {user}" for user in ("root", *USERS)}
    made: State = elected["server"]
    return made


def test_a_later_check_changes_nothing(served: State) -> None:
    again = check(served)
    assert (again["status"], again["done"], again["server"]) == (0, [], served)


def test_each_service_may_write_its_own_database_and_the_files(served: State) -> None:
    for service in SERVICES:
        assert _rights(served, service) == {
            f"tenlines_{service}": "readWrite",
            "tenlines_files": "readWrite",
        }
    operator = {f"tenlines_{name}": "readWrite" for name in (*SERVICES, "files")}
    assert _rights(served, "operator") == operator
    assert set(served["users"]) == {"root", *USERS}
    passwords = {user: each["pwd"] for user, each in served["users"].items()}
    assert passwords == {name.removeprefix("mongo-"): pwd for name, pwd in SECRETS.items()}
    told = json.dumps([each.get("customData") for each in served["users"].values()])
    assert "pwd-" not in told


def _rights(server: State, user: str) -> dict[str, str]:
    return {role["db"]: role["role"] for role in server["users"][user]["roles"]}


def test_another_namespace_has_other_databases() -> None:
    server: State = {"users": {}, "primary": True, "initiated": {"_id": "tenlines"}}
    made = check(server, TENLINES_NAMESPACE="b")["server"]
    assert set(_rights(made, "dust")) == {"b_dust", "b_files"}


def test_a_changed_secret_and_a_wrong_role_are_set_right(served: State) -> None:
    changed = check(served, SECRETS | {"mongo-dust": "another"})
    assert (changed["status"], changed["done"]) == (0, ["update dust"])
    assert changed["server"]["users"]["dust"]["pwd"] == "another"
    wide = json.loads(json.dumps(served))
    wide["users"]["coal"]["roles"].append({"role": "readWrite", "db": "tenlines_dust"})
    mended = check(wide)
    assert (mended["done"], mended["server"]) == (["update coal"], served)


def test_what_is_cut_in_the_middle_is_done_by_the_next_check(served: State) -> None:
    half: State = {**served, "users": {"root": served["users"]["root"]}}
    again = check(half)
    assert (again["status"], again["server"]) == (0, served)


@pytest.mark.parametrize(
    ("secrets", "said"),
    [
        (SECRETS | {"mongo-root": "not the one"}, "Unauthorized"),
        ({k: v for k, v in SECRETS.items() if k != "mongo-coal"}, "ENOENT"),
    ],
)
def test_it_is_not_ready_and_tells_no_password(
    served: State, secrets: dict[str, str], said: str
) -> None:
    failed = check({**served, "users": {"root": served["users"]["root"]}}, secrets)
    assert failed["status"] == 1
    assert failed["said"] == f"not ready: {said}"


def test_the_maker_makes_what_compose_mounts_and_keeps_what_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    subprocess.run([str(MAKER), str(folder)], check=True, capture_output=True)
    made = {file.name: file.read_text() for file in folder.iterdir()}
    assert set(made) == set(read()["secrets"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700, "nobody else gets in"
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o444}
    assert len(set(made.values())) == len(made)
    for name, secret in made.items():
        if name == "mongo-key":
            assert re.fullmatch(r"[A-Za-z0-9+/]{768}", secret), "what a key file may hold"
        else:
            assert re.fullmatch(r"[A-Za-z0-9_-]{24,}", secret), name
    (folder / "mongo-coal").unlink()
    again = subprocess.run([str(MAKER), str(folder)], check=True, capture_output=True, text=True)
    now = {file.name: file.read_text() for file in folder.iterdir()}
    assert now["mongo-coal"] != made["mongo-coal"]
    assert {**now, "mongo-coal": ""} == {**made, "mongo-coal": ""}
    assert not any(secret in again.stdout for secret in now.values())


def test_secrets_reach_neither_git_nor_the_image() -> None:
    ignored = (ROOT / "deploy/docker/Dockerfile.dockerignore").read_text().splitlines()
    assert ignored.index("deploy/secrets") > ignored.index("!deploy")
    # On Kubernetes each county has a folder of its own there.
    for path in [
        f"deploy/secrets/{folder}{n}" for n in read()["secrets"] for folder in ("", "wei/")
    ]:
        done = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT)
        assert done.returncode == 0, f"git would take {path}"


def test_the_key_belongs_to_mongodb_alone_before_it_starts(tmp_path: Path) -> None:
    """start.sh with `install` and the image's own start in the places of theirs."""
    log = tmp_path / "log"
    for tool in ("install", "docker-entrypoint.sh"):
        (tmp_path / tool).write_text(f'#!/bin/sh\necho {tool} "$@" >> {log}\n')
        (tmp_path / tool).chmod(0o755)
    command = read()["services"]["mongo"]["command"]
    assert command[:2] == ["bash", "/etc/tenlines/start.sh"]
    subprocess.run(
        ["bash", str(ROOT / "deploy/docker/mongo/start.sh"), *command[2:]],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=True,
    )
    said = log.read_text().splitlines()
    assert said[0].split()[1:6] == ["-o", "mongodb", "-g", "mongodb", "-m"]
    key = said[0].split()[-1]
    assert said[1] == " ".join(["docker-entrypoint.sh", *command[2:], "--keyFile", key])
    assert any(
        mount.startswith(key.rpartition("/")[0]) for mount in read()["services"]["mongo"]["tmpfs"]
    )
