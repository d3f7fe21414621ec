"""Reads the manifests of deploy/kubernetes: what runs, as whom, with which settings and labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import cast

from deploy.launcher.processes import SERVICES
from tests.unit.deploy.kubernetes import Object, name_of, named

Faults = Iterator[str]
"""Sentences that say what is wrong."""
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
    return [filled(word, said) for word in container(template)["command"]]


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
            found[each["name"]] = filled(each["value"], {n: found[n] for n in named_before})
        elif one := each["valueFrom"].get("configMapKeyRef"):
            data = named(those, "ConfigMap").get(one["name"], {}).get("data", {})
            found[each["name"]] = data.get(one["key"], "")
        elif "secretKeyRef" in each["valueFrom"]:
            found[each["name"]] = "a secret"
        else:
            found[each["name"]] = _of_pod(each["valueFrom"]["fieldRef"]["fieldPath"], template)
        named_before.append(each["name"])
    return found


def filled(text: str, said: Mapping[str, str]) -> str:
    return re.sub(r"\$\((\w+)\)", lambda found: said.get(found[1], found[0]), text)


def _of_pod(path: str, template: Object) -> str:
    if label := re.fullmatch(r"metadata\.labels\['(.+)'\]", path):
        return str(template["metadata"]["labels"].get(label[1], ""))
    # A StatefulSet's pods are called by their number.
    return {"metadata.name": f"{NAME}-coordination-0"}.get(path, "")


def selected(labels: dict[str, str], those: list[Object]) -> set[str]:
    """Whose pods have all these labels: a service, or what else owns them."""
    services = {f"StatefulSet/{of_service(service)}": service for service in SERVICES}
    return {
        services.get(owner, owner)
        for owner, template in pods(those)
        if labels.items() <= template["metadata"]["labels"].items()
    }


def services_in(those: list[Object]) -> list[tuple[str, Object]]:
    sets = named(those, "StatefulSet")
    return [(each, sets[of_service(each)]) for each in SERVICES if of_service(each) in sets]


def users(those: list[Object]) -> list[tuple[str, str, Object]]:
    """(owner, its user, pod template) of whatever comes to MongoDB."""
    users = {f"StatefulSet/{of_service(service)}": service for service in SERVICES}
    users |= {OPERATORS_POD: OPERATORS_USER, f"CronJob/{BACKUP}": OPERATORS_USER}
    return [(owner, users[owner], each) for owner, each in pods(those) if owner in users]
