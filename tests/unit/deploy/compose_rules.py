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
OPERATOR = "operator"
OPTIONAL = {"alertmanager": "alerts", "jaeger": "traces", OPERATOR: "tools"}
"""What runs only where somebody asks for it, and the profile by which that is done."""
MOST = 14 * 2**30
"""Memory that all limits together may come to, without what is optional."""
PREFIX = "TENLINES_"
_SECRETS = "/run/secrets"
_PORT = re.compile(r"127\.0\.0\.1:(\d+):(\d+)")
_PINNED = re.compile(r"[\w./-]+:v?\d+\.\d+\.\d+(-[\w.-]+)?")
_PROBE = re.compile(r'"http://127\.0\.0\.1:" \+ os\.environ\["TENLINES_PORT"\] \+ "(/\w+)"')
THIRD_PARTY_PROBES = {
    "kafka": "/opt/kafka/bin/kafka-broker-api-versions.sh --bootstrap-server 127.0.0.1:9092",
    "mongo": "mongosh --quiet --norc --file /etc/tenlines/ready.js",
    "prometheus": "wget -q --spider http://127.0.0.1:9090/-/ready",
    "grafana": "wget -q --spider http://127.0.0.1:3000/api/health",
    "alertmanager": "wget -q --spider http://127.0.0.1:9093/-/ready",
    "jaeger": "wget -q --spider http://127.0.0.1:13133/status",
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
    third_party = {*THIRD_PARTY_PROBES, ONE_SHOT, OPERATOR}
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
    for name, service in _with_ours(compose):
        said = environment_of(service)
        if unknown := set(said) - known:
            yield f"{name}: Settings do not know {sorted(unknown)}"
        without = {ONE_SHOT: {PREFIX + "PORT", PREFIX + "MONGO"}, OPERATOR: {PREFIX + "PORT"}}
        wanted = launcher_settings() - without.get(name, set())
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
        if name in SERVICES and settings.port != DEFAULT_PORTS.get(name):
            yield f"{name}: listens on {settings.port}, not {DEFAULT_PORTS.get(name)}"


def _reaches(name: str, settings: Settings, compose: Compose) -> Faults:
    advertised = compose["services"]["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    if f"PLAINTEXT://{settings.kafka}" not in advertised.split(","):
        yield f"{name}: Kafka does not answer to {settings.kafka}"
    mongo, command = urlsplit(settings.mongo), compose["services"]["mongo"]["command"]
    if name == ONE_SHOT:
        return
    if mongo.hostname != "mongo" or mongo.port != 27017:
        yield f"{name}: MongoDB does not answer to {settings.mongo}"
    replica_set = command[command.index("--replSet") + 1]
    if parse_qs(mongo.query).get("replicaSet") != [replica_set]:
        yield f"{name}: the replica set is {replica_set}"
    if mongo.username != name or mongo.password or "authSource=admin" not in mongo.query:
        yield f"{name}: must come to MongoDB as {name}, without a password in the address"
    if str(settings.mongo_password_file) != f"{_SECRETS}/mongo":
        yield f"{name}: its password lies in {_SECRETS}/mongo, not {settings.mongo_password_file}"


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
    wanted = urlsplit(f"//{Settings.model_fields['kafka'].default}").port
    if [outside for outside, _ in published(compose["services"]["kafka"])] != [wanted]:
        yield "kafka: is not published where TENLINES_KAFKA looks by default"
    if published(compose["services"]["mongo"]):
        yield "mongo: is published, and nobody outside needs it"
    listeners = compose["services"]["kafka"]["environment"]["KAFKA_LISTENERS"]
    for outside, inside in published(compose["services"]["kafka"]):
        if f"HOST://0.0.0.0:{inside}" not in listeners.split(","):
            yield f"kafka: nothing listens on the published port {outside}"


def health(compose: Compose) -> Faults:
    routes = {route.path for route in health_router({}, {}).routes if isinstance(route, APIRoute)}
    for name, service in compose["services"].items():
        if name in (ONE_SHOT, OPERATOR):
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
        ours = name in (ONE_SHOT, OPERATOR, *SERVICES)
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
            if isinstance(volume, dict):
                source, target = volume["source"], volume["target"]
                if (name, target) != (OPERATOR, "/backups") or volume.get("read_only"):
                    yield f"{name}: only the operator writes on the machine, into its backups"
                if volume["type"] != "bind" or volume["bind"] != {"create_host_path": False}:
                    yield f"{name}: {source} must be there, owned by the right user, before"
                continue
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


def secrets(compose: Compose) -> Faults:
    mounted: set[str] = set()
    for name, service in compose["services"].items():
        held = {
            each if isinstance(each, str) else each["source"] for each in service.get("secrets", ())
        }
        mounted |= held
        mine = {f"mongo-{name}"} if name in (*SERVICES, OPERATOR) else set()
        mine |= {"grafana-admin"} if name == "grafana" else set()
        mine |= set(compose["secrets"]) - {"grafana-admin"} if name == "mongo" else set()
        if held != mine:
            yield f"{name}: sees {sorted(held)}, and needs {sorted(mine)}"
        for key, value in environment_of(service).items():
            if "PASSWORD" in key and not value.startswith(_SECRETS + "/"):
                yield f"{name}: {key} shows a password to whoever inspects the container"
    if mounted != set(compose["secrets"]):
        yield f"not mounted, or not declared: {sorted(mounted ^ set(compose['secrets']))}"
    for secret, where in compose["secrets"].items():
        if where != {"file": f"./deploy/secrets/{secret}"}:
            yield f"{secret}: does not come from the file that deploy/docker/secrets.sh makes"


def limits(compose: Compose) -> Faults:
    together = 0
    for name, service in compose["services"].items():
        limit = service.get("deploy", {}).get("resources", {}).get("limits", {})
        if set(limit) != {"memory", "cpus", "pids"}:
            yield f"{name}: may take all of the machine ({limit})"
            continue
        number, unit = int(limit["memory"][:-1]), limit["memory"][-1]
        together += 0 if name in OPTIONAL else number * {"m": 2**20, "g": 2**30}[unit]
    if together > MOST:
        yield f"all together may take {together / 2**30:.1f} GiB"


def profiles(compose: Compose) -> Faults:
    for name, service in compose["services"].items():
        wanted = [OPTIONAL[name]] if name in OPTIONAL else []
        if service.get("profiles", []) != wanted:
            yield f"{name}: belongs to the profiles {service.get('profiles', [])}, not {wanted}"
        if name not in OPTIONAL and (late := set(service.get("depends_on", ())) & set(OPTIONAL)):
            yield f"{name}: waits for {sorted(late)}, which may not run"


def kept(compose: Compose) -> Faults:
    homes = {
        "kafka": "/var/lib/kafka/data",
        "mongo": "/data/db",
        "prometheus": "/prometheus",
        "grafana": "/var/lib/grafana",
        "alertmanager": "/alertmanager",
        "jaeger": "/tmp",
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
        wanted = "no" if name in (ONE_SHOT, OPERATOR) else "unless-stopped"
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
    for name, service in _with_ours(compose):
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
    if grafana.get("GF_SECURITY_ADMIN_PASSWORD__FILE") != f"{_SECRETS}/grafana-admin":
        yield "grafana: its admin has the password that everybody knows"


def _ours(compose: Compose) -> list[tuple[str, dict[str, Any]]]:
    return [(name, compose["services"][name]) for name in SERVICES if name in compose["services"]]


def _with_ours(compose: Compose) -> list[tuple[str, dict[str, Any]]]:
    """Everything that runs our image."""
    return [*_ours(compose), *((n, compose["services"][n]) for n in (ONE_SHOT, OPERATOR))]


RULES: tuple[Callable[[Compose], Faults], ...] = (
    same_services,
    same_commands,
    same_settings,
    ports,
    health,
    images,
    files,
    secrets,
    limits,
    profiles,
    kept,
    lives,
    guarded,
)
