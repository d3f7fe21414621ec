"""What must be true of docker-compose.yml. Each rule says, in sentences, what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fastapi.routing import APIRoute
from pydantic import ValidationError

from deploy.launcher.places import ROOT
from deploy.launcher.processes import DEFAULT_PORTS, SERVICES, Process
from deploy.launcher.service import Service
from shared.runtime.http.health import health_router
from shared.runtime.settings import Settings
from tests.unit.deploy.compose import Compose

Faults = Iterator[str]
ONE_SHOT = "provision"
PREFIX = "TENLINES_"
_PORT = re.compile(r"127\.0\.0\.1:(\d+):(\d+)")
_PINNED = re.compile(r"[\w./-]+:v?\d+\.\d+\.\d+(-[\w.-]+)?")
_PROBE = re.compile(r'"http://127\.0\.0\.1:" \+ os\.environ\["TENLINES_PORT"\] \+ "(/\w+)"')
THIRD_PARTY_PROBES = {
    "kafka": "/opt/kafka/bin/kafka-broker-api-versions.sh --bootstrap-server 127.0.0.1:9092",
    "mongo": "mongosh --quiet --norc --file /etc/tenlines/ready.js",
    "prometheus": "wget -q --spider http://127.0.0.1:9090/-/ready",
    "grafana": "wget -q --spider http://127.0.0.1:3000/api/health",
}
"""The tools that the images bring, asked for what each documents as being ready."""


def environment_of(service: dict[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in service.get("environment", {}).items()}


def published(service: dict[str, Any]) -> list[tuple[int, int]]:
    """(port of the machine, port of the container), of the ports that are well written."""
    found = [_PORT.fullmatch(str(port)) for port in service.get("ports", ())]
    return [(int(each[1]), int(each[2])) for each in found if each]


def launcher_settings() -> set[str]:
    """The names of the settings that the launcher gives every service."""
    world = {PREFIX + "KAFKA": "", PREFIX + "MONGO": "", PREFIX + "NAMESPACE": ""}
    service = Service(Process("dust", "dust", 0, 8101), world, ROOT)
    return {name for name in service._env if name.startswith(PREFIX)}


def same_services(compose: Compose) -> Faults:
    third_party = {*THIRD_PARTY_PROBES, ONE_SHOT}
    found = set(compose["services"]) - third_party
    if found != set(SERVICES):
        yield f"not the launcher's services: {sorted(found ^ set(SERVICES))}"
    if missing := third_party - set(compose["services"]):
        yield f"missing: {sorted(missing)}"


def same_commands(compose: Compose) -> Faults:
    for name, service in _ours(compose):
        wanted = ["python", "-m", Process(name, name, 0, 0).module]
        if service["command"] != wanted:
            yield f"{name}: runs {service['command']}, not {wanted}"
    if compose["services"][ONE_SHOT]["command"] != ["tenlines", "provision"]:
        yield f"{ONE_SHOT}: does not run `tenlines provision`"


def same_settings(compose: Compose) -> Faults:
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    for name, service in [*_ours(compose), (ONE_SHOT, compose["services"][ONE_SHOT])]:
        said = environment_of(service)
        if unknown := set(said) - known:
            yield f"{name}: Settings do not know {sorted(unknown)}"
        wanted = launcher_settings() - ({PREFIX + "PORT"} if name == ONE_SHOT else set())
        if missing := wanted - set(said):
            yield f"{name}: the launcher also sets {sorted(missing)}"
        try:
            settings = Settings(
                **{key.removeprefix(PREFIX).lower(): value for key, value in said.items()}  # type: ignore[arg-type]
            )
        except ValidationError as error:
            yield f"{name}: {error.errors()[0]['loc']} {error.errors()[0]['msg']}"
            continue
        yield from _reaches(name, settings, compose)
        if settings.host != "0.0.0.0":
            yield f"{name}: listens on {settings.host}, where its published port does not lead"
        if not (ROOT / settings.county).is_dir() or settings.county.is_absolute():
            yield f"{name}: there is no pack {settings.county} in the image"
        if name != ONE_SHOT and settings.port != DEFAULT_PORTS.get(name):
            yield f"{name}: listens on {settings.port}, not {DEFAULT_PORTS.get(name)}"


def _reaches(name: str, settings: Settings, compose: Compose) -> Faults:
    advertised = compose["services"]["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    if f"PLAINTEXT://{settings.kafka}" not in advertised.split(","):
        yield f"{name}: Kafka does not answer to {settings.kafka}"
    mongo, command = urlsplit(settings.mongo), compose["services"]["mongo"]["command"]
    if mongo.hostname != "mongo" or mongo.port != 27017:
        yield f"{name}: MongoDB does not answer to {settings.mongo}"
    replica_set = command[command.index("--replSet") + 1]
    if parse_qs(mongo.query).get("replicaSet") != [replica_set]:
        yield f"{name}: the replica set is {replica_set}"


def ports(compose: Compose) -> Faults:
    seen: dict[int, str] = {}
    for name, service in compose["services"].items():
        if len(published(service)) != len(service.get("ports", ())):
            yield f"{name}: a port is not published as 127.0.0.1:PORT:PORT: {service['ports']}"
        for outside, _ in published(service):
            if outside in seen:
                yield f"{name}: port {outside} is {seen[outside]}'s"
            seen[outside] = name
    for name, service in _ours(compose):
        port = DEFAULT_PORTS.get(name, 0)
        if published(service) != [(port, port)]:
            yield f"{name}: publishes {published(service)}, not {port}"
    defaults = Settings.model_fields
    for name, address in (
        ("kafka", f"//{defaults['kafka'].default}"),
        ("mongo", defaults["mongo"].default),
    ):
        if [outside for outside, _ in published(compose["services"][name])] != [
            urlsplit(address).port
        ]:
            yield f"{name}: is not published where TENLINES_{name.upper()} looks by default"
    listeners = compose["services"]["kafka"]["environment"]["KAFKA_LISTENERS"]
    for outside, inside in published(compose["services"]["kafka"]):
        if f"HOST://0.0.0.0:{inside}" not in listeners.split(","):
            yield f"kafka: nothing listens on the published port {outside}"


def health(compose: Compose) -> Faults:
    routes = {route.path for route in health_router({}, {}).routes if isinstance(route, APIRoute)}
    for name, service in compose["services"].items():
        if name == ONE_SHOT:
            continue
        probe = " ".join(service.get("healthcheck", {}).get("test", ()))
        if name in THIRD_PARTY_PROBES:
            if THIRD_PARTY_PROBES[name] not in probe:
                yield f"{name}: its health check does not ask {THIRD_PARTY_PROBES[name]}"
            continue
        path = _PROBE.search(probe)
        if path is None or path[1] not in routes:
            yield f"{name}: its health check asks for no address that exists ({sorted(routes)})"


def images(compose: Compose) -> Faults:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert version, "pyproject.toml names the version"
    pom = (ROOT / "deploy/launcher/assets/kafka/pom.xml").read_text()
    kafka = re.search(r"<artifactId>kafka_2.13</artifactId>\s*<version>(.+)</version>", pom)
    assert kafka, "pom.xml names Kafka's version"
    for name, service in compose["services"].items():
        if not _PINNED.fullmatch(service["image"]):
            yield f"{name}: the image {service['image']} is not pinned to a version"
        ours = name in (ONE_SHOT, *SERVICES)
        if ours and service["image"] != f"tenlines:{version[1]}":
            yield f"{name}: runs {service['image']}, but this is version {version[1]}"
        if ours and service.get("pull_policy") != "never":
            yield f"{name}: its image could come from a registry"
    if compose["services"]["kafka"]["image"] != f"apache/kafka:{kafka[1]}":
        yield f"kafka: is not the {kafka[1]} that is tested here"
    builders = [name for name, service in compose["services"].items() if "build" in service]
    if builders != [ONE_SHOT]:
        yield f"one image is built once, not by {builders}"


def files(compose: Compose) -> Faults:
    build = compose["services"][ONE_SHOT].get("build", {})
    if not (ROOT / build.get("context", "-") / build.get("dockerfile", "-")).is_file():
        yield f"{ONE_SHOT}: there is no Dockerfile at {build}"
    used = set()
    for name, service in compose["services"].items():
        for volume in service.get("volumes", ()):
            source, _, rest = volume.partition(":")
            if source.startswith("."):
                if not (ROOT / source).exists():
                    yield f"{name}: there is no {source}"
                if not rest.endswith(":ro"):
                    yield f"{name}: could write into the checkout ({source})"
            elif source in compose["volumes"]:
                used.add(source)
            else:
                yield f"{name}: no volume {source} is declared"
    if unused := set(compose["volumes"]) - used:
        yield f"nobody uses the volumes {sorted(unused)}"


def kept(compose: Compose) -> Faults:
    homes = {
        "kafka": "/var/lib/kafka/data",
        "mongo": "/data/db",
        "prometheus": "/prometheus",
        "grafana": "/var/lib/grafana",
    }
    for name, home in homes.items():
        mounts = [str(volume) for volume in compose["services"][name].get("volumes", ())]
        if not any(re.fullmatch(rf"[\w-]+:{home}", mount) for mount in mounts):
            yield f"{name}: what it keeps in {home} would be lost with the container"
    logs = compose["services"]["kafka"]["environment"]["KAFKA_LOG_DIRS"]
    if not logs.startswith(homes["kafka"] + "/"):
        yield f"kafka: writes to {logs}, outside its volume"


def lives(compose: Compose) -> Faults:
    for name, service in compose["services"].items():
        wanted = "no" if name == ONE_SHOT else "unless-stopped"
        if service.get("restart") != wanted:
            yield f"{name}: restart must be {wanted!r}"
    for name, service in _ours(compose):
        waits = service.get("depends_on", {})
        for other, condition in (
            (ONE_SHOT, "service_completed_successfully"),
            ("mongo", "service_healthy"),
        ):
            if waits.get(other, {}).get("condition") != condition:
                yield f"{name}: starts before {other} is {condition}"
    waits = compose["services"][ONE_SHOT].get("depends_on", {})
    if waits.get("kafka", {}).get("condition") != "service_healthy":
        yield f"{ONE_SHOT}: starts before Kafka answers"


def guarded(compose: Compose) -> Faults:
    for name, service in [*_ours(compose), (ONE_SHOT, compose["services"][ONE_SHOT])]:
        if not (
            service.get("read_only")
            and service.get("cap_drop") == ["ALL"]
            and "no-new-privileges:true" in service.get("security_opt", ())
        ):
            yield f"{name}: may do more than it needs"
    for name, service in compose["services"].items():
        if service.get("privileged") or service.get("network_mode") == "host":
            yield f"{name}: has the machine's rights"
    grafana = environment_of(compose["services"]["grafana"])
    if grafana.get("GF_AUTH_ANONYMOUS_ENABLED") != "false":
        yield "grafana: lets anybody look"
    if not grafana.get("GF_SECURITY_ADMIN_PASSWORD"):
        yield "grafana: its admin has the password that everybody knows"


def _ours(compose: Compose) -> list[tuple[str, dict[str, Any]]]:
    return [(name, compose["services"][name]) for name in SERVICES if name in compose["services"]]


RULES: tuple[Callable[[Compose], Faults], ...] = (
    same_services,
    same_commands,
    same_settings,
    ports,
    health,
    images,
    files,
    kept,
    lives,
    guarded,
)
