"""What must be true of deploy/kubernetes. Each rule says, in sentences, what is wrong."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from urllib.parse import urlsplit

from fastapi import FastAPI
from pydantic import ValidationError
from starlette.routing import Match

from deploy.launcher.places import ROOT
from deploy.launcher.processes import DEFAULT_PORTS, SERVICES, Process
from shared.contract.topics import PARTITIONS, consumer_group
from shared.runtime.http.health import health_router
from shared.runtime.settings import Settings
from tests.unit.deploy import compose
from tests.unit.deploy.compose_rules import PREFIX, environment_of, launcher_settings
from tests.unit.deploy.kubernetes import Object, name_of, named, schema_fault

Faults = Iterator[str]
NAME = "tenlines"
TOPICS = f"{NAME}-topics"
OPERATOR, BACKUP, CLAIM = f"{NAME}-operator", f"{NAME}-backup", f"{NAME}-backups"
OPERATORS_POD = f"Deployment/{OPERATOR}"
OPERATORS_USER = "operator"
"""Of MongoDB: the command line's and the backup's."""
BACKUPS = "/backups"
COMPONENT = "app.kubernetes.io/component"
SECRET = f"{NAME}-mongo"
"""Made by hand, a key for each service and for the operator; nothing else may be missing."""
KAFKA_TRIGGER = {
    "activationLagThreshold", "allowIdleConsumers", "bootstrapServers", "bootstrapServersFromEnv",
    "consumerGroup", "excludePersistentLag", "lagThreshold", "limitToPartitionsWithLag",
    "offsetResetPolicy", "topic", "version",
}  # fmt: skip
"""Of what KEDA's documentation of the trigger `kafka` lists, what we might use. The trigger's
metadata are words to the schema: a misspelt one would be passed over in silence."""


def of_service(service: str) -> str:
    return f"{NAME}-{service}"


def pods(those: list[Object]) -> list[tuple[str, Object]]:
    """(name of the owner, pod template) of whatever runs."""
    found = []
    for each in those:
        spec = each.get("spec", {})
        # A CronJob says it of the Jobs that it makes.
        spec = spec.get("jobTemplate", each).get("spec", {})
        if "template" in spec:
            found.append((name_of(each), spec["template"]))
    return found


def container(template: Object) -> Object:
    (only,) = template["spec"]["containers"]
    return cast(Object, only)


def command(template: Object) -> list[str]:
    """With $(NAME) put in, as the kubelet does."""
    said = environment(template, [])
    return [_filled(word, said) for word in container(template)["command"]]


def environment(template: Object, those: list[Object]) -> dict[str, str]:
    """What the process sees: names of the pod and of what stands before are put in."""
    found: dict[str, str] = {}
    for source in container(template).get("envFrom", ()):
        configs = named(those, "ConfigMap")
        found |= configs.get(source["configMapRef"]["name"], {}).get("data", {})
    named_before: list[str] = []
    for each in container(template).get("env", ()):
        if "value" in each:
            # The kubelet puts in what stands before it under `env`; what `envFrom` gives it does not.
            found[each["name"]] = _filled(each["value"], {n: found[n] for n in named_before})
        elif one := each["valueFrom"].get("configMapKeyRef"):
            data = named(those, "ConfigMap").get(one["name"], {}).get("data", {})
            found[each["name"]] = data.get(one["key"], "")
        elif "secretKeyRef" in each["valueFrom"]:
            found[each["name"]] = "a secret"
        else:
            found[each["name"]] = _of_pod(each["valueFrom"]["fieldRef"]["fieldPath"], template)
        named_before.append(each["name"])
    return found


def _filled(text: str, said: Mapping[str, str]) -> str:
    return re.sub(r"\$\((\w+)\)", lambda found: said.get(found[1], found[0]), text)


def _of_pod(path: str, template: Object) -> str:
    if label := re.fullmatch(r"metadata\.labels\['(.+)'\]", path):
        return str(template["metadata"]["labels"].get(label[1], ""))
    # A StatefulSet's pods are called by their number.
    return {"metadata.name": f"{NAME}-coordination-0"}.get(path, "")


def same_services(those: list[Object]) -> Faults:
    wanted = {of_service(service) for service in SERVICES}
    for kind in ("StatefulSet", "Service", "PodDisruptionBudget"):
        if (found := set(named(those, kind))) != wanted:
            yield f"{kind}: not one for each service: {sorted(found ^ wanted)}"
    if set(named(those, "Job")) != {TOPICS}:
        yield "nothing creates the topics"
    if set(named(those, "CronJob")) != {BACKUP}:
        yield "nothing is backed up"
    if OPERATOR not in named(those, "Deployment"):
        yield "there is no place for the command line"
    others = {name_of(each) for each in those if each["kind"] in ("Deployment", "DaemonSet", "Pod")}
    if others - {OPERATORS_POD}:
        yield f"{sorted(others - {OPERATORS_POD})}: their pods have a new name each time"


def valid(those: list[Object]) -> Faults:
    for each in those:
        if fault := schema_fault(each):
            yield fault


def same_commands(those: list[Object]) -> Faults:
    for service, each in _ours(those):
        module = Process(service, service, 0, 0).module
        if (said := command(each["spec"]["template"])) != ["python", "-m", module]:
            yield f"{service}: runs {said}, not {module}"
        if find_spec(f"{module}.__main__") is None:
            yield f"{service}: there is no {module} to run"
    for name, job in named(those, "Job").items():
        if command(job["spec"]["template"]) != ["tenlines", "provision"]:
            yield f"{name}: does not run `tenlines provision`"


def same_settings(those: list[Object]) -> Faults:
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    same = environment_of(compose.read()["services"]["dust"])
    for owner, template in pods(those):
        said = environment(template, those)
        ours = {name: value for name, value in said.items() if name.startswith(PREFIX)}
        if unknown := set(ours) - known:
            yield f"{owner}: Settings do not know {sorted(unknown)}"
        # Neither who creates the topics nor the command line is one of several replicas.
        alone = set() if owner.startswith("StatefulSet/") else {PREFIX + "REPLICA"}
        if owner == f"Job/{TOPICS}":
            alone.add(PREFIX + "MONGO")
        if missing := launcher_settings() - alone - set(ours):
            yield f"{owner}: the launcher also sets {sorted(missing)}"
        try:
            settings = Settings(
                **{name.removeprefix(PREFIX).lower(): value for name, value in ours.items()}  # type: ignore[arg-type]
            )
        except ValidationError as error:
            yield f"{owner}: {error.errors()[0]['loc']} {error.errors()[0]['msg']}"
            continue
        for name in ("HOST", "KAFKA", "NAMESPACE", "COUNTY", "LOG_LEVEL"):
            if ours.get(PREFIX + name) != same[PREFIX + name]:
                yield f"{owner}: {name} is not docker-compose.yml's {same[PREFIX + name]}"
        if not alone and not settings.replica.startswith(NAME):
            yield f"{owner}: all its replicas are called {settings.replica}"


def ports(those: list[Object]) -> Faults:
    services = named(those, "Service")
    for service, each in _ours(those):
        template = each["spec"]["template"]
        listens = environment(template, those).get("TENLINES_PORT")
        inner = {str(port["containerPort"]): port["name"] for port in container(template)["ports"]}
        if set(inner) != {listens}:
            yield f"{service}: listens on {listens}, and its ports are {sorted(inner)}"
        outer = services.get(of_service(service), {"spec": {"ports": [], "selector": {}}})["spec"]
        if [port["port"] for port in outer["ports"]] != [DEFAULT_PORTS[service]]:
            yield f"{service}: its address has not the port {DEFAULT_PORTS[service]}"
        if [port["targetPort"] for port in outer["ports"]] != list(inner.values()):
            yield f"{service}: its address leads to no port of the process"
        if _selected(outer["selector"], those) != {service}:
            yield f"{service}: its address leads to {sorted(_selected(outer['selector'], those))}"
        if each["spec"]["serviceName"] != of_service(service):
            yield f"{service}: its pods are named by {each['spec']['serviceName']}"


def probes(those: list[Object]) -> Faults:
    for service, each in _ours(those):
        process = container(each["spec"]["template"])
        for kind, wanted in (
            ("startupProbe", "/healthz"),
            ("livenessProbe", "/healthz"),
            ("readinessProbe", "/readyz/database"),
        ):
            asks = process.get(kind, {}).get("httpGet", {})
            if asks.get("path") != wanted or not _routed(wanted):
                yield f"{service}: its {kind} asks for {asks.get('path')}, not {wanted}"
            if asks.get("port") not in {port["name"] for port in process["ports"]}:
                yield f"{service}: its {kind} asks at no port of the process"


def _routed(path: str) -> bool:
    app = FastAPI()
    app.include_router(health_router({}, {}))
    scope = {"type": "http", "path": path, "method": "GET"}
    return any(route.matches(scope)[0] is Match.FULL for route in app.routes)


def guarded(those: list[Object]) -> Faults:
    dockerfile = (ROOT / "deploy/docker/Dockerfile").read_text()
    user = re.search(r"^USER (\d+):(\d+)$", dockerfile, re.M)
    assert user, "the Dockerfile says who runs"
    for owner, template in pods(those):
        pod, process = template["spec"], container(template)
        everyone, own = pod.get("securityContext", {}), process.get("securityContext", {})
        if not everyone.get("runAsNonRoot") or everyone.get("runAsUser") != int(user[1]):
            yield f"{owner}: does not run as the image's user {user[1]}"
        if everyone.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{owner}: may make any system call"
        if (
            own.get("allowPrivilegeEscalation") is not False
            or own.get("capabilities") != {"drop": ["ALL"]}
            or own.get("privileged")
        ):
            yield f"{owner}: may do more than it needs"
        if own.get("readOnlyRootFilesystem") is not True:
            yield f"{owner}: could write into its image"
        if pod.get("automountServiceAccountToken") is not False:
            yield f"{owner}: has a key to the cluster"
        if pod.get("serviceAccountName") not in named(those, "ServiceAccount"):
            yield f"{owner}: there is no account {pod.get('serviceAccountName')}"
        if pod.get("enableServiceLinks") is not False:
            yield f"{owner}: the cluster adds TENLINES_…_PORT variables to its settings"
        if any(pod.get(shared) for shared in ("hostNetwork", "hostPID", "hostIPC")):
            yield f"{owner}: has the machine's rights"
        for volume in pod.get("volumes", ()):
            if "emptyDir" in volume and "sizeLimit" not in volume["emptyDir"]:
                yield f"{owner}: {volume['name']} has no bound"
        bounds = process.get("resources", {})
        if not {"cpu", "memory"} <= set(bounds.get("requests", {})) or "memory" not in bounds.get(
            "limits", {}
        ):
            yield f"{owner}: does not say what it needs"


def images(those: list[Object]) -> Faults:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert version, "pyproject.toml names the version"
    for owner, template in pods(those):
        if container(template)["image"] != f"{NAME}:{version[1]}":
            yield f"{owner}: runs {container(template)['image']}, but this is version {version[1]}"


def there(those: list[Object]) -> Faults:
    """What is named exists, except for the one secret."""
    configs, claims = set(named(those, "ConfigMap")), set(named(those, "PersistentVolumeClaim"))
    for owner, template in pods(those):
        for source in container(template).get("envFrom", ()):
            if source["configMapRef"]["name"] not in configs:
                yield f"{owner}: there are no settings {source['configMapRef']['name']}"
        for volume in template["spec"].get("volumes", ()):
            if (secret := volume.get("secret", {}).get("secretName", SECRET)) != SECRET:
                yield f"{owner}: nobody is told to make the secret {secret}"
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            if claim and claim not in claims:
                yield f"{owner}: there is no claim {claim}"


def own_database(those: list[Object]) -> Faults:
    """Each is its own user in MongoDB, and sees no other's password."""
    for owner, user, template in _users(those):
        said = environment(template, those)
        address = urlsplit(said["TENLINES_MONGO"])
        if address.username != user or not address.hostname:
            yield f"{owner}: is not itself to MongoDB, or finds none: {address.geturl()}"
        secrets = {v["name"] for v in template["spec"]["volumes"] if "secret" in v}
        mounts = [m for m in container(template)["volumeMounts"] if m["name"] in secrets]
        if [m["mountPath"] for m in mounts] != [said.get("TENLINES_MONGO_PASSWORD_FILE")]:
            yield f"{owner}: does not find its password"
        if any(_filled(m.get("subPathExpr", ""), said) != user for m in mounts):
            yield f"{owner}: sees the passwords of others"
        if [
            e["name"]
            for e in container(template)["env"]
            if "secretKeyRef" in e.get("valueFrom", {})
        ]:
            yield f"{owner}: whoever sees its settings sees a secret"


def _users(those: list[Object]) -> list[tuple[str, str, Object]]:
    """(owner, its user, pod template) of whatever comes to MongoDB."""
    users = {f"StatefulSet/{of_service(service)}": service for service in SERVICES}
    users |= {OPERATORS_POD: OPERATORS_USER, f"CronJob/{BACKUP}": OPERATORS_USER}
    return [(owner, users[owner], each) for owner, each in pods(those) if owner in users]


def operated(those: list[Object]) -> Faults:
    """People have one place to be in, and find there what the backup made."""
    for name, each in named(those, "Deployment").items():
        spec = each["spec"]
        if spec.get("replicas", 1) != 1 or spec.get("strategy") != {"type": "Recreate"}:
            yield f"{name}: a second one would wait for the claim on another node"
        if (found := _selected(spec["selector"]["matchLabels"], those)) != {OPERATORS_POD}:
            yield f"{name}: who asks for it may come to {sorted(found)}"
        if container(spec["template"]).get("ports"):
            yield f"{name}: is no service, and Prometheus would take it for one"
    for owner, user, template in _users(those):
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
            (term["topologyKey"], _selected(term["labelSelector"]["matchLabels"], those))
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


def survives(those: list[Object]) -> Faults:
    budgets = named(those, "PodDisruptionBudget")
    for service, each in _ours(those):
        spec = each["spec"]
        if spec.get("replicas", 2) < 2:
            yield f"{service}: has one replica, and none while it moves"
        budget = budgets.get(of_service(service), {"spec": {"selector": {"matchLabels": {}}}})
        if _selected(budget["spec"]["selector"]["matchLabels"], those) != {service}:
            yield f"{service}: its disruption budget counts other pods"
        if budget["spec"].get("maxUnavailable") != 1:
            yield f"{service}: more than one may be away, or a node may never be emptied"
        pod = spec["template"]["spec"]
        spread = pod.get("topologySpreadConstraints", [{"labelSelector": {"matchLabels": {}}}])
        if any(_selected(s["labelSelector"]["matchLabels"], those) != {service} for s in spread):
            yield f"{service}: its replicas are not spread over the nodes"
        if pod.get("terminationGracePeriodSeconds", 30) < 5 + 7 + 10 + 5:
            yield f"{service}: is killed before it has ended what it does"
    for name, job in named(those, "Job").items():
        if "ttlSecondsAfterFinished" not in job["spec"]:
            yield f"{name}: the next `apply` would be refused"


def fenced(those: list[Object]) -> Faults:
    policies = named(those, "NetworkPolicy")
    fence = policies.get(NAME, {}).get("spec", {"podSelector": {"matchLabels": {"": ""}}})
    for owner, template in pods(those):
        labels = template["metadata"]["labels"].items()
        if not fence["podSelector"]["matchLabels"].items() <= labels:
            yield f"{owner}: anybody may call it, in whatever role they say"
    for name, policy in policies.items():
        if any(not rule.get("from") for rule in policy["spec"].get("ingress", ())):
            yield f"{name}: lets everybody in"
    (settings,) = named(those, "ConfigMap").values()
    open_ = {port["port"] for rule in fence.get("egress", ()) for port in rule["ports"]}
    kafka = {int(at.rpartition(":")[2]) for at in settings["data"]["TENLINES_KAFKA"].split(",")}
    if missing := {53, 27017, *kafka} - open_:
        yield f"{NAME}: nobody gets out to port {sorted(missing)}"


def _selected(labels: dict[str, str], those: list[Object]) -> set[str]:
    """Whose pods have all these labels: a service, or what else owns them."""
    services = {f"StatefulSet/{of_service(service)}": service for service in SERVICES}
    return {
        services.get(owner, owner)
        for owner, template in pods(those)
        if labels.items() <= template["metadata"]["labels"].items()
    }


def _ours(those: list[Object]) -> list[tuple[str, Object]]:
    sets = named(those, "StatefulSet")
    return [(each, sets[of_service(each)]) for each in SERVICES if of_service(each) in sets]


def scaled(those: list[Object]) -> Faults:
    """Of the overlay that scales: each service by its own group, within what can share its work."""
    scalers = named(those, "ScaledObject")
    wanted = {of_service(service) for service in SERVICES}
    if set(scalers) != wanted:
        yield f"not one for each service: {sorted(set(scalers) ^ wanted)}"
    (settings,) = named(those, "ConfigMap").values()
    namespace = settings["data"]["TENLINES_NAMESPACE"]
    for service, each in _ours(those):
        if "replicas" in each["spec"]:
            yield f"{service}: each `apply` would set its replicas back"
        spec: dict[str, Any] = scalers.get(of_service(service), {"spec": {"triggers": []}})["spec"]
        if spec.get("scaleTargetRef") != {
            "apiVersion": each["apiVersion"], "kind": each["kind"], "name": of_service(service)
        }:  # fmt: skip
            yield f"{service}: scales {spec.get('scaleTargetRef')}"
        most, least = spec.get("maxReplicaCount", 100), spec.get("minReplicaCount", 0)
        if not 2 <= least <= most <= PARTITIONS:
            yield f"{service}: {least} to {most} replicas, of which {PARTITIONS} can have work"
        for trigger in spec["triggers"]:
            said = trigger["metadata"]
            if trigger["type"] != "kafka" or set(said) - KAFKA_TRIGGER:
                yield f"{service}: KEDA does not know {sorted(set(said) - KAFKA_TRIGGER)}"
            if said.get("consumerGroup") != consumer_group(namespace, service):
                yield f"{service}: looks at the group {said.get('consumerGroup')}"
            if said.get("bootstrapServersFromEnv") not in environment(
                each["spec"]["template"], those
            ):
                yield f"{service}: KEDA does not know where Kafka is"
        if len(spec["triggers"]) != 1:
            yield f"{service}: nothing scales it"


RULES: tuple[Callable[[list[Object]], Faults], ...] = (
    same_services,
    valid,
    same_commands,
    same_settings,
    ports,
    probes,
    guarded,
    images,
    there,
    own_database,
    operated,
    nightly,
    survives,
    fenced,
)
