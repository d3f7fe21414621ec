"""deploy/kubernetes keeps every rule, and every rule notices when it is broken."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import click
import pytest
import yaml

from deploy.cli import main
from deploy.launcher.places import ROOT
from deploy.launcher.processes import SERVICES
from tests.prometheus import binary
from tests.unit.deploy import kubernetes_operator_rules as place
from tests.unit.deploy import kubernetes_rules as rules
from tests.unit.deploy.kubernetes import HOME, Object, Refused, named, objects, rendered
from tests.unit.deploy.kubernetes_pods import (
    BACKUP,
    COMPONENT,
    OPERATOR,
    Faults,
    command,
    container,
    environment,
    pods,
)

BASE, KEDA = HOME / "base", HOME / "overlays/keda"
PAGE = (ROOT / "docs/scale.md").read_text(encoding="utf-8")
Rule = Callable[[list[Object]], Faults]


@pytest.mark.parametrize("folder", [BASE, KEDA], ids=lambda folder: folder.name)
@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_manifests_keep_the_rule(folder: Path, rule: Rule) -> None:
    assert list(rule(objects(folder))) == []


def test_keda_scales_each_service_by_its_own_group() -> None:
    assert list(rules.scaled(objects(KEDA))) == []


def test_prometheus_finds_every_replica_and_calls_it_by_its_service(tmp_path: Path) -> None:
    config = yaml.safe_load((HOME / "prometheus.yml").read_text())
    (job,) = config["scrape_configs"]
    # Debian's Prometheus was built without the discovery; it reads the rest.
    assert job.pop("kubernetes_sd_configs") == [{"role": "pod"}]
    (tmp_path / "rest.yml").write_text(yaml.safe_dump(config))
    check: list[str | Path] = [binary("promtool"), "check", "config", tmp_path / "rest.yml"]
    subprocess.run(check, check=True, timeout=120)
    assert job["job_name"] == "tenlines", "the alerts ask for this name"
    *kept, service, _ = job["relabel_configs"]
    assert _label(service) == COMPONENT and service["target_label"] == "service"
    for owner, template in pods(objects(BASE)):
        ports = [port["name"] for port in container(template).get("ports", ())]
        found = template["metadata"]["labels"].get("app.kubernetes.io/part-of")
        assert [rule["regex"] for rule in kept] == [found, *(ports or ["http"])], owner
        assert bool(ports) is owner.startswith("StatefulSet/")


def _label(rule: Object) -> str:
    """The pod's label that a relabelling reads: Prometheus writes `_` for what it cannot spell."""
    (source,) = rule["source_labels"]
    domain, _, name = source.removeprefix("__meta_kubernetes_pod_label_").rpartition("_io_")
    return f"{domain.replace('_', '.')}.io/{name}"


def test_the_countys_overlay_of_the_page_renders_and_scales_by_its_own_groups(
    tmp_path: Path,
) -> None:
    (overlay,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S)
    base = os.path.relpath(KEDA, tmp_path.resolve())
    (tmp_path / "kustomization.yaml").write_text(overlay.replace("../keda", base))
    those = objects(tmp_path)
    for rule in (rules.same_services, rules.valid, rules.same_commands, rules.ports, rules.there,
                 rules.guarded, rules.own_database, place.operated, rules.survives, rules.fenced,
                 rules.scaled):  # fmt: skip
        assert list(rule(those)) == []
    for owner, template in pods(those):
        said = environment(template, those)
        assert said["TENLINES_NAMESPACE"] == said["TENLINES_COUNTY"].split("/")[-1][:-7] == "yutai"
        image = container(template)["image"]
        assert image.startswith("registry."), owner
        assert f"docker build -f deploy/docker/Dockerfile -t {image} ." in PAGE
        assert f"docker push {image}" in PAGE
        # KEDA asks the same address from its own namespace.
        assert re.fullmatch(r"[\w-]+\.[\w-]+(\.[\w.-]+)?:\d+", said["TENLINES_KAFKA"])
        if "TENLINES_MONGO" in said:
            # Every county has a `dust`: each in the county's own database of users.
            query = parse_qs(urlsplit(said["TENLINES_MONGO"]).query)
            assert query["authSource"] == ["yutai"], owner
    assert {each["metadata"]["namespace"] for each in those} == {"yutai"}


def test_the_pages_secret_has_every_password_however_often_it_is_pasted(tmp_path: Path) -> None:
    (snippet,) = re.findall(r"^(set --\n.*?^kubectl [^\n]+ secret [^\n]+)$", PAGE, re.M | re.S)
    (tmp_path / "kubectl").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >>{tmp_path}/said\n')
    (tmp_path / "kubectl").chmod(0o755)
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    for _ in range(2):
        (tmp_path / "said").write_text("")
        subprocess.run(["sh", "-euc", f"{snippet}\n{snippet}"], env=path, check=True, timeout=30)
        files = re.findall(r"^--from-file=(\S+?)=(\S+)$", (tmp_path / "said").read_text(), re.M)
        once = {user: f"deploy/secrets/yutai/mongo-{user}" for user in (*SERVICES, "operator")}
        assert dict(files) == once and len(files) == 2 * len(once)


def test_what_the_page_asks_of_the_command_line_exists() -> None:
    asked = re.findall(r"exec deploy/(\S+) -- tenlines ([\w-]+)(.*)$", PAGE, re.M)
    assert {verb for _, verb, _ in asked} == {"verify", "backup", "restore"}
    for deployment, verb, rest in asked:
        assert deployment == OPERATOR
        command = main.get_command(click.Context(main), verb)
        assert command is not None, verb
        options = {option for each in command.params for option in each.opts}
        assert set(re.findall(r"--[\w-]+", rest)) <= options, rest


def test_the_operator_does_nothing_and_goes_when_told() -> None:
    idle = command(named(objects(BASE), "Deployment")[OPERATOR]["spec"]["template"])
    process = subprocess.Popen(idle, start_new_session=True, stdout=subprocess.PIPE, text=True)
    try:
        time.sleep(0.5)
        assert process.poll() is None
        process.terminate()
        assert process.communicate(timeout=5)[0] == ""
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def test_a_folder_that_does_not_render_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("kind: Kustomization\nresources: [nowhere.yaml]\n")
    with pytest.raises(Refused, match=r"nowhere\.yaml"):
        rendered(tmp_path)


def _dust(kind: str, *path: Any, to: Any = None) -> Callable[[list[Object]], None]:
    """Puts `to` at a place of the dust line's object; without it, takes away what is there."""
    return _at(kind, "tenlines-dust", *path, to=to)


def _at(kind: str, name: str, *path: Any, to: Any = None) -> Callable[[list[Object]], None]:
    def change(those: list[Object]) -> None:
        place: Any = named(those, kind)[name]
        for step in path[:-1]:
            place = place[step]
        if to is None:
            del place[path[-1]]
        else:
            place[path[-1]] = to

    return change


def _without(kind: str, name: str) -> Callable[[list[Object]], None]:
    return lambda those: those.remove(named(those, kind)[name])


def _settings(name: str, to: str) -> Callable[[list[Object]], None]:
    def change(those: list[Object]) -> None:
        (config,) = named(those, "ConfigMap").values()
        config["data"][name] = to

    return change


def _night(words: str, others: str) -> Callable[[list[Object]], None]:
    """Puts other words into the backup's command."""

    def change(those: list[Object]) -> None:
        process = container(dict(pods(those))[f"CronJob/{BACKUP}"])
        assert words in process["command"][2]
        process["command"][2] = process["command"][2].replace(words, others)

    return change


POD = ("StatefulSet", "spec", "template", "spec")
PROCESS = (*POD, "containers", 0)
OPERATED = ("Deployment", "tenlines-operator", "spec")
OPERATORS_POD = (*OPERATED, "template", "spec")
NIGHT = ("CronJob", "tenlines-backup", "spec")
NIGHTS_POD = (*NIGHT, "jobTemplate", "spec", "template", "spec")
NEAR = (*NIGHTS_POD, "affinity", "podAffinity", "requiredDuringSchedulingIgnoredDuringExecution", 0)
TRIGGER = ("ScaledObject", "spec", "triggers", 0)
BROKEN: list[tuple[Rule, str, Callable[[list[Object]], None]]] = [
    (rules.same_services, "a line fewer", _without("StatefulSet", "tenlines-vocs")),
    (rules.same_services, "no address", _without("Service", "tenlines-dust")),
    (rules.same_services, "no topics", _without("Job", "tenlines-topics")),
    (rules.same_services, "no backup", _without("CronJob", "tenlines-backup")),
    (rules.same_services, "no operator", _without("Deployment", "tenlines-operator")),
    (rules.same_services, "another Deployment", lambda those: those.append(
        {"kind": "Deployment", "metadata": {"name": "tenlines-dust"}})),
    (rules.valid, "a misspelt zone", _at(*NIGHT, "timezone", to="Asia/Shanghai")),
    (rules.valid, "an unknown field", _dust(*PROCESS, "readOnlyRootFilesystem", to=True)),
    (rules.valid, "a misspelt field", _dust(*PROCESS, "livenesProbe", to={})),
    (rules.valid, "a word for a number", _dust("StatefulSet", "spec", "replicas", to="two")),
    (rules.valid, "a field missing", _dust("StatefulSet", "spec", "selector")),
    (rules.valid, "no such kind", _dust("Service", "kind", to="Srevice")),
    (rules.same_commands, "another line", _dust(*PROCESS, "command", 2, to="services.coal")),
    (rules.same_commands, "no label", _dust(*PROCESS, "command", 2, to="services.$(LINE)")),
    (rules.same_settings, "an unknown setting", _settings("TENLINES_KAFKAS", "kafka:9092")),
    (rules.same_settings, "a wrong value", _settings("TENLINES_LOG_LEVEL", "LOUD")),
    (rules.same_settings, "loopback in a pod", _settings("TENLINES_HOST", "127.0.0.1")),
    (rules.same_settings, "one name for all replicas", _dust(*PROCESS, "env", 1)),
    (rules.same_settings, "no database", _dust(*PROCESS, "env", 3)),
    (rules.same_settings, "no database for people", _at(*OPERATORS_POD, "containers", 0, "env", 2)),
    (rules.same_settings, "a backup of nothing", _at(*NIGHTS_POD, "containers", 0, "envFrom", to=[])),
    (rules.ports, "another port", _settings("TENLINES_PORT", "8001")),
    (rules.ports, "the neighbour's", _dust("Service", "spec", "ports", 0, "port", to=8102)),
    (rules.ports, "into the void", _dust("Service", "spec", "ports", 0, "targetPort", to="web")),
    (rules.ports, "to all", _dust("Service", "spec", "selector", COMPONENT)),
    (rules.ports, "to the operator", _at(*OPERATED, "template", "metadata", "labels", COMPONENT,
                                         to="dust")),
    (rules.probes, "none", _dust(*PROCESS, "livenessProbe")),
    (rules.probes, "elsewhere", _dust(*PROCESS, "startupProbe", "httpGet", "path", to="/health")),
    (rules.probes, "another port", _dust(*PROCESS, "readinessProbe", "httpGet", "port", to="web")),
    (rules.probes, "by the broker", _dust(*PROCESS, "readinessProbe", "httpGet", "path", to="/readyz")),
    (rules.guarded, "root", _dust(*POD, "securityContext", "runAsNonRoot", to=False)),
    (rules.guarded, "nobody we know", _dust(*POD, "securityContext", "runAsUser", to=1000)),
    (rules.guarded, "writes its root", _dust(*PROCESS, "securityContext", "readOnlyRootFilesystem")),
    (rules.guarded, "capabilities", _dust(*PROCESS, "securityContext", "capabilities", "drop", to=[])),
    (rules.guarded, "any system call", _dust(*POD, "securityContext", "seccompProfile")),
    (rules.guarded, "a key", _dust(*POD, "automountServiceAccountToken", to=True)),
    (rules.guarded, "the cluster's variables", _dust(*POD, "enableServiceLinks")),
    (rules.guarded, "a disk to fill", _dust(*POD, "volumes", 1, "emptyDir", "sizeLimit")),
    (rules.guarded, "all the memory", _dust(*PROCESS, "resources", "limits")),
    (rules.guarded, "people as root", _at(*OPERATORS_POD, "securityContext", "runAsNonRoot")),
    (rules.guarded, "a backup as root", _at(*NIGHTS_POD, "securityContext", "runAsUser", to=0)),
    (rules.images, "latest", _dust(*PROCESS, "image", to="tenlines:latest")),
    (rules.images, "another backup", _at(*NIGHTS_POD, "containers", 0, "image", to="tenlines:0.0.1")),
    (rules.there, "no settings", lambda those: those.remove(*named(those, "ConfigMap").values())),
    (rules.there, "a secret", _dust(*POD, "volumes", 0, "secret", "secretName", to="x")),
    (rules.there, "no claim", _without("PersistentVolumeClaim", "tenlines-backups")),
    (rules.own_database, "another's user", _dust(*PROCESS, "env", 3, "value", to="mongodb://coal@m")),
    (rules.own_database, "no hosts", _settings("MONGO_HOSTS", "")),
    (rules.own_database, "all passwords", _dust(*PROCESS, "volumeMounts", 1, "subPathExpr")),
    (rules.own_database, "another's password", _dust(*PROCESS, "volumeMounts", 1, "subPathExpr",
                                                     to="coal")),
    (rules.own_database, "nowhere", _dust(*PROCESS, "env", 4, "value", to="/tmp/mongo")),
    (rules.own_database, "in its settings", _dust(*PROCESS, "env", 2, "valueFrom", to={
        "secretKeyRef": {"name": "tenlines-mongo", "key": "dust"}})),
    (rules.own_database, "people as a service", _at(*OPERATORS_POD, "containers", 0, "env", 0, "value",
                                                    to="dust")),
    (rules.own_database, "a backup with all passwords", _at(*NIGHTS_POD, "containers", 0,
                                                            "volumeMounts", 2, "subPathExpr")),
    (place.operated, "two", _at(*OPERATED, "replicas", to=2)),
    (place.operated, "two for a while", _at(*OPERATED, "strategy")),
    (place.operated, "in the backup's pod", _at(*OPERATED, "selector", "matchLabels",
                                                COMPONENT)),
    (place.operated, "scraped", _at(*OPERATORS_POD, "containers", 0, "ports", to=[
        {"name": "http", "containerPort": 8000}])),
    (place.operated, "gone with the pod", _at(*OPERATORS_POD, "volumes", 1, to={
        "name": "backups", "emptyDir": {"sizeLimit": "1Gi"}})),
    (place.operated, "elsewhere", _at(*NIGHTS_POD, "containers", 0, "volumeMounts", 1, "mountPath",
                                      to="/backup")),
    (place.operated, "root's folder", _at(*NIGHTS_POD, "securityContext", "fsGroup")),
    (place.operated, "at noon", _at(*NIGHT, "schedule", to="0 12 * * *")),
    (place.operated, "by Greenwich", _at(*NIGHT, "timeZone")),
    (place.operated, "two at once", _at(*NIGHT, "concurrencyPolicy", to="Allow")),
    (place.operated, "anywhere", _at(*NIGHTS_POD, "affinity")),
    (place.operated, "in the same zone", _at(*NEAR, "topologyKey", to="topology.kubernetes.io/zone")),
    (place.operated, "beside anything", _at(*NEAR, "labelSelector", "matchLabels", COMPONENT)),
    (place.nightly, "not all", _night("--all", "dust")),
    (place.nightly, "Greenwich's day", _night("TZ=CST-8 ", "")),
    (place.nightly, "deletes without a new one", _night("&&", ";")),
    (place.nightly, "deletes young ones", _night("+30", "+10")),
    (place.nightly, "deletes people's", _night("'20[0-9][0-9]-[01][0-9]-[0-3][0-9]'", "'b*'")),
    (place.nightly, "deletes nothing", _night("rm -r", "echo")),
    (place.nightly, "always well", _night("tenlines backup", "true || tenlines backup")),
    (rules.survives, "one replica", _dust("StatefulSet", "spec", "replicas", to=1)),
    (rules.survives, "no budget", _without("PodDisruptionBudget", "tenlines-dust")),
    (rules.survives, "all at once", _dust("PodDisruptionBudget", "spec", "maxUnavailable", to=2)),
    (rules.survives, "on one node", _dust(*POD, "topologySpreadConstraints", 0, "labelSelector",
                                          to={"matchLabels": {}})),
    (rules.survives, "killed early", _dust(*POD, "terminationGracePeriodSeconds", to=10)),
    (rules.survives, "counts the operator", _at(*OPERATED, "template", "metadata", "labels",
                                                COMPONENT, to="dust")),
    (rules.survives, "once only", _at("Job", "tenlines-topics", "spec", "ttlSecondsAfterFinished")),
    (rules.fenced, "open", _without("NetworkPolicy", "tenlines")),
    (rules.fenced, "people outside", _at(*OPERATED, "template", "metadata", "labels",
                                         "app.kubernetes.io/part-of")),
    (rules.fenced, "to everybody", _at("NetworkPolicy", "tenlines", "spec", "ingress", to=[{}])),
    (rules.fenced, "no way to Kafka", _settings("TENLINES_KAFKA", "kafka:9094")),
    (rules.scaled, "a fifth", _dust("ScaledObject", "spec", "maxReplicaCount", to=5)),
    (rules.scaled, "down to none", _dust("ScaledObject", "spec", "minReplicaCount", to=0)),
    (rules.scaled, "a neighbour's group", _dust(*TRIGGER, "metadata", "consumerGroup",
                                                to="tenlines.coal")),
    (rules.scaled, "a misspelt word", _dust(*TRIGGER, "metadata", "lagTreshold", to="1")),
    (rules.scaled, "nobody's broker", _dust(*TRIGGER, "metadata", "bootstrapServersFromEnv", to="K")),
    (rules.scaled, "set back", _dust("StatefulSet", "spec", "replicas", to=2)),
    (rules.scaled, "another namespace", _settings("TENLINES_NAMESPACE", "wei")),
    (rules.valid, "not KEDA's", _dust("ScaledObject", "spec", "maxReplicas", to=4)),
    (rules.valid, "not a number", _dust("ScaledObject", "spec", "maxReplicaCount", to="four")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "breaks"),
    [pytest.param(rule, breaks, id=f"{rule.__name__}: {what}") for rule, what, breaks in BROKEN],
)
def test_the_rule_notices(rule: Rule, breaks: Callable[[list[Object]], Any]) -> None:
    those = objects(KEDA)
    breaks(those)
    assert list(rule(those))
