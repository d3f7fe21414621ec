"""What must be true of deploy/kubernetes. Each rule says, in sentences, what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any
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
from tests.unit.deploy.kubernetes_operator_rules import nightly, operated
from tests.unit.deploy.kubernetes_pods import (
    BACKUP,
    NAME,
    OPERATOR,
    OPERATORS_POD,
    SECRET,
    TOPICS,
    Faults,
    command,
    container,
    environment,
    filled,
    of_service,
    pods,
    selected,
    services_in,
    users,
)

KAFKA_TRIGGER = {
    "activationLagThreshold", "allowIdleConsumers", "bootstrapServers", "bootstrapServersFromEnv",
    "consumerGroup", "excludePersistentLag", "lagThreshold", "limitToPartitionsWithLag",
    "offsetResetPolicy", "topic", "version",
}  # fmt: skip
"""Of what KEDA's documentation of the trigger `kafka` lists, what we might use. The trigger's
metadata are words to the schema: a misspelt one would be passed over in silence."""


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
    for service, each in services_in(those):
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
    for service, each in services_in(those):
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
        if selected(outer["selector"], those) != {service}:
            yield f"{service}: its address leads to {sorted(selected(outer['selector'], those))}"
        if each["spec"]["serviceName"] != of_service(service):
            yield f"{service}: its pods are named by {each['spec']['serviceName']}"


def probes(those: list[Object]) -> Faults:
    for service, each in services_in(those):
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
    for owner, user, template in users(those):
        said = environment(template, those)
        address = urlsplit(said["TENLINES_MONGO"])
        if address.username != user or not address.hostname:
            yield f"{owner}: is not itself to MongoDB, or finds none: {address.geturl()}"
        secrets = {v["name"] for v in template["spec"]["volumes"] if "secret" in v}
        mounts = [m for m in container(template)["volumeMounts"] if m["name"] in secrets]
        if [m["mountPath"] for m in mounts] != [said.get("TENLINES_MONGO_PASSWORD_FILE")]:
            yield f"{owner}: does not find its password"
        if any(filled(m.get("subPathExpr", ""), said) != user for m in mounts):
            yield f"{owner}: sees the passwords of others"
        if [
            e["name"]
            for e in container(template)["env"]
            if "secretKeyRef" in e.get("valueFrom", {})
        ]:
            yield f"{owner}: whoever sees its settings sees a secret"


def survives(those: list[Object]) -> Faults:
    budgets = named(those, "PodDisruptionBudget")
    for service, each in services_in(those):
        spec = each["spec"]
        if spec.get("replicas", 2) < 2:
            yield f"{service}: has one replica, and none while it moves"
        budget = budgets.get(of_service(service), {"spec": {"selector": {"matchLabels": {}}}})
        if selected(budget["spec"]["selector"]["matchLabels"], those) != {service}:
            yield f"{service}: its disruption budget counts other pods"
        if budget["spec"].get("maxUnavailable") != 1:
            yield f"{service}: more than one may be away, or a node may never be emptied"
        pod = spec["template"]["spec"]
        spread = pod.get("topologySpreadConstraints", [{"labelSelector": {"matchLabels": {}}}])
        if any(selected(s["labelSelector"]["matchLabels"], those) != {service} for s in spread):
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


def scaled(those: list[Object]) -> Faults:
    """Of the overlay that scales: each service by its own group, within what can share its work."""
    scalers = named(those, "ScaledObject")
    wanted = {of_service(service) for service in SERVICES}
    if set(scalers) != wanted:
        yield f"not one for each service: {sorted(set(scalers) ^ wanted)}"
    (settings,) = named(those, "ConfigMap").values()
    namespace = settings["data"]["TENLINES_NAMESPACE"]
    for service, each in services_in(those):
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
