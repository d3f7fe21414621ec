"""What must be true of the operator's place on Kubernetes, and of the backup each night."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.unit.deploy.kubernetes import Object, named
from tests.unit.deploy.kubernetes_pods import (
    BACKUP,
    BACKUPS,
    CLAIM,
    OPERATORS_POD,
    OPERATORS_USER,
    Faults,
    command,
    container,
    pods,
    selected,
    users,
)


def operated(those: list[Object]) -> Faults:
    """People have one place to be in, and find there what the backup made."""
    for name, each in named(those, "Deployment").items():
        spec = each["spec"]
        if spec.get("replicas", 1) != 1 or spec.get("strategy") != {"type": "Recreate"}:
            yield f"{name}: a second one would wait for the claim on another node"
        if (found := selected(spec["selector"]["matchLabels"], those)) != {OPERATORS_POD}:
            yield f"{name}: who asks for it may come to {sorted(found)}"
        if container(spec["template"]).get("ports"):
            yield f"{name}: is no service, and Prometheus would take it for one"
    for owner, user, template in users(those):
        if user == OPERATORS_USER:
            yield from _keeps_backups(owner, template)
    for name, each in named(those, "CronJob").items():
        spec = each["spec"]
        if (spec["schedule"], spec.get("timeZone")) != ("0 2 * * *", "Asia/Shanghai"):
            yield f"{name}: runs while people work"
        if spec.get("concurrencyPolicy") != "Forbid":
            yield f"{name}: two at once would write into one folder"
        pod = spec["jobTemplate"]["spec"]["template"]["spec"]
        near = pod.get("affinity", {}).get("podAffinity", {})
        if [
            (term["topologyKey"], selected(term["labelSelector"]["matchLabels"], those))
            for term in near.get("requiredDuringSchedulingIgnoredDuringExecution", ())
        ] != [("kubernetes.io/hostname", {OPERATORS_POD})]:
            yield f"{name}: may come to a node that cannot mount the claim"


def _keeps_backups(owner: str, template: Object) -> Faults:
    claims = {
        volume["name"]: volume["persistentVolumeClaim"]["claimName"]
        for volume in template["spec"]["volumes"]
        if "persistentVolumeClaim" in volume
    }
    if {
        mount["mountPath"]: claims[mount["name"]]
        for mount in container(template)["volumeMounts"]
        if mount["name"] in claims and not mount.get("readOnly")
    } != {BACKUPS: CLAIM}:
        yield f"{owner}: its {BACKUPS} goes with it"
    everyone = template["spec"]["securityContext"]
    if everyone.get("fsGroup") != everyone.get("runAsGroup"):
        yield f"{owner}: may not write into {BACKUPS}"


def nightly(those: list[Object]) -> Faults:
    """The backup's command, run with a `tenlines` that does it and with one that cannot."""
    for owner, template in pods(those):
        if owner != f"CronJob/{BACKUP}":
            continue
        for works in (True, False):
            ended, asked, gone = _a_night(command(template), works)
            if asked != f"backup --all {BACKUPS}/2026-11-28":
                yield f"{owner}: asks for `tenlines {asked}`"
            if (ended == 0) is not works:
                yield f"{owner}: ends with {ended}, and the backup {'is' if works else 'is not'} made"
            if gone != ({"2025-01-31"} if works else set()):
                yield f"{owner}: deletes {sorted(gone)} {'after' if works else 'without'} a new one"


def _a_night(words: list[str], works: bool) -> tuple[int, str, set[str]]:
    """(exit status, what `tenlines` was asked, which folders are gone)."""
    ages = {"2025-01-31": 40, "2025-02-28": 20, "before-upgrade": 40, "lost+found": 40}
    with TemporaryDirectory() as home:
        backups = Path(home + BACKUPS)
        for name, age in ages.items():
            (backups / name / "dust").mkdir(parents=True)
            made = time.time() - age * 86_400
            os.utime(backups / name, (made, made))
        # Two at night in China is yesterday in Greenwich.
        for tool, script in (
            ("tenlines", f'echo "$@" >{home}/asked; exit {0 if works else 1}'),
            ("date", 'exec /bin/date --date=2026-11-27T18:00:00Z "$@"'),
        ):
            Path(home, tool).write_text(f"#!/bin/sh\n{script}\n")
            Path(home, tool).chmod(0o755)
        done = subprocess.run(
            [word.replace(BACKUPS, str(backups)) for word in words],
            env={"PATH": f"{home}:/usr/bin:/bin"},
            capture_output=True,
            timeout=30,
        )
        told = Path(home, "asked")
        asked = told.read_text().strip().replace(home, "") if told.exists() else ""
        left = {folder.name for folder in backups.iterdir()}
    return done.returncode, asked, set(ages) - left
