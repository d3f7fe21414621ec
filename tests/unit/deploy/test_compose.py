"""docker-compose.yml keeps every rule, and every rule notices when it is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.docker_compose import config
from tests.unit.deploy import compose_rules as rules
from tests.unit.deploy.compose import Compose, read

Rule = Callable[[Compose], rules.Faults]
Services = dict[str, dict[str, Any]]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_file_keeps_the_rule(rule: Rule) -> None:
    assert list(rule(read())) == []


def test_compose_itself_reads_it_as_we_do() -> None:
    seen = config(profiles=["alerts", "traces", "tools"])
    ours = read()
    assert set(seen["services"]) == set(ours["services"])
    for name, service in ours["services"].items():
        assert (seen["services"][name].get("environment") or {}) == rules.environment_of(service)
        assert seen["services"][name].get("command") == service.get("command")
    assert set(config()["services"]) == set(ours["services"]) - set(rules.OPTIONAL)


def test_another_county_and_namespace_are_one_setting_each() -> None:
    compose = read({"TENLINES_NAMESPACE": "b", "TENLINES_COUNTY": "deploy"})
    assert compose["services"]["mongo"]["environment"]["TENLINES_NAMESPACE"] == "b"
    for name in ("dust", "gateway", "provision", "operator"):
        environment = rules.environment_of(compose["services"][name])
        assert environment["TENLINES_NAMESPACE"] == "b"
        assert environment["TENLINES_COUNTY"] == "deploy"


def _set(name: str, key: str, value: Any) -> Callable[[Services], None]:
    return lambda services: services[name].__setitem__(key, value)


def _env(name: str, key: str, value: str) -> Callable[[Services], None]:
    return lambda services: services[name].__setitem__(
        "environment", services[name]["environment"] | {key: value}
    )


def _without(name: str, key: str) -> Callable[[Services], None]:
    return lambda services: services[name].__setitem__(
        "environment", {k: v for k, v in services[name]["environment"].items() if k != key}
    )


def _mongo(name: str, who: str) -> Callable[[Services], None]:
    url = f"mongodb://{who}@mongo:27017/?replicaSet=tenlines&authSource=admin"
    return _env(name, "TENLINES_MONGO", url)


BROKEN: list[tuple[Rule, str, Callable[[Services], Any]]] = [
    (rules.same_services, "a line is missing", lambda s: s.pop("vocs")),
    (rules.same_services, "an eleventh line", lambda s: s.update(noise={})),
    (rules.same_services, "no provisioning", lambda s: s.pop("provision")),
    (
        rules.same_commands,
        "another line's code",
        _set("coal", "command", ["python", "-m", "services.dust"]),
    ),
    (rules.same_commands, "no topics", _set("provision", "command", ["tenlines", "up"])),
    (rules.same_settings, "an unknown setting", _env("dust", "TENLINES_KAFKAS", "kafka:9092")),
    (rules.same_settings, "a setting fewer", _without("dust", "TENLINES_REPLICA")),
    (rules.same_settings, "a wrong value", _env("dust", "TENLINES_LOG_LEVEL", "LOUD")),
    (rules.same_settings, "loopback in a container", _env("dust", "TENLINES_HOST", "127.0.0.1")),
    (rules.same_settings, "another port", _env("dust", "TENLINES_PORT", "8199")),
    (rules.same_settings, "no such pack", _env("dust", "TENLINES_COUNTY", "deploy/counties/x")),
    (rules.same_settings, "the host's listener", _env("dust", "TENLINES_KAFKA", "kafka:19092")),
    (
        rules.same_settings,
        "no replica set",
        _env("dust", "TENLINES_MONGO", "mongodb://mongo:27017"),
    ),
    (rules.same_settings, "another replica set", _set("mongo", "command", ["--replSet", "rs0"])),
    (rules.ports, "open to all", _set("dust", "ports", ["8101:8101"])),
    (rules.ports, "open to all by address", _set("grafana", "ports", ["0.0.0.0:3000:3000"])),
    (rules.ports, "taken twice", _set("grafana", "ports", ["127.0.0.1:9090:3000"])),
    (rules.ports, "into the void", _set("dust", "ports", ["127.0.0.1:8101:8000"])),
    (rules.ports, "not where clients look", _set("kafka", "ports", ["127.0.0.1:9092:19092"])),
    (rules.ports, "MongoDB for all", _set("mongo", "ports", ["127.0.0.1:27017:27017"])),
    (rules.ports, "not the host's listener", _set("kafka", "ports", ["127.0.0.1:19092:9092"])),
    (rules.health, "none", lambda s: s["gateway"].pop("healthcheck")),
    (rules.health, "none at the engine", lambda s: s["mongo"].pop("healthcheck")),
    (rules.images, "latest", _set("prometheus", "image", "prom/prometheus:latest")),
    (rules.images, "no tag", _set("mongo", "image", "mongo")),
    (rules.images, "a moving tag", _set("grafana", "image", "grafana/grafana:12")),
    (rules.images, "an old image of ours", _set("dust", "image", "tenlines:0.0.9")),
    (rules.images, "pulled", _set("dust", "pull_policy", "missing")),
    (rules.images, "an untested Kafka", _set("kafka", "image", "apache/kafka:3.9.0")),
    (rules.images, "built twice", _set("dust", "build", {"context": "."})),
    (rules.files, "no Dockerfile", _set("provision", "build", {"context": "."})),
    (rules.files, "no such file", _set("mongo", "volumes", ["./nowhere.js:/x.js:ro"])),
    (rules.files, "writable", _set("prometheus", "volumes", ["./deploy/prometheus:/etc/p"])),
    (rules.files, "undeclared", _set("mongo", "volumes", ["mongo-dta:/data/db"])),
    (rules.files, "writes elsewhere", lambda s: s["operator"]["volumes"][1].update(target="/etc")),
    (rules.files, "makes it as root", lambda s: s["operator"]["volumes"][1].update(bind={})),
    (rules.same_settings, "another user", _mongo("coal", "dust")),
    (rules.same_settings, "a password in the address", _mongo("coal", "coal:secret")),
    (
        rules.same_settings,
        "no user",
        _env("coal", "TENLINES_MONGO", "mongodb://mongo:27017/?replicaSet=tenlines"),
    ),
    (rules.same_settings, "no password", _without("coal", "TENLINES_MONGO_PASSWORD_FILE")),
    (
        rules.secrets,
        "another's",
        _set("coal", "secrets", [{"source": "mongo-dust", "target": "mongo"}]),
    ),
    (rules.secrets, "none", lambda s: s["coal"].pop("secrets")),
    (rules.secrets, "all of them", lambda s: s["coal"].update(secrets=s["mongo"]["secrets"])),
    (rules.secrets, "in the environment", _env("mongo", "MONGO_PASSWORD", "x")),
    (rules.limits, "none", lambda s: s["dust"].pop("deploy")),
    (
        rules.limits,
        "only one",
        lambda s: s["kafka"].update(deploy={"resources": {"limits": {"memory": "1g"}}}),
    ),
    (
        rules.limits,
        "too much",
        lambda s: s["kafka"]["deploy"]["resources"]["limits"].update(memory="9g"),
    ),
    (rules.profiles, "always", lambda s: s["jaeger"].pop("profiles")),
    (rules.profiles, "a line is optional", _set("dust", "profiles", ["x"])),
    (rules.profiles, "waits for what may not run", _set("dust", "depends_on", {"jaeger": {}})),
    (rules.kept, "data in the container", _set("mongo", "volumes", [])),
    (rules.kept, "beside the volume", _env("kafka", "KAFKA_LOG_DIRS", "/tmp/logs")),
    (rules.lives, "stays dead", lambda s: s["dust"].pop("restart")),
    (rules.lives, "topics again and again", _set("provision", "restart", "always")),
    (rules.lives, "too early", _set("dust", "depends_on", {"kafka": {}})),
    (rules.lives, "before Kafka", _set("provision", "depends_on", {})),
    (rules.guarded, "writes its root", _set("dust", "read_only", False)),
    (rules.guarded, "keeps its capabilities", lambda s: s["provision"].pop("cap_drop")),
    (rules.guarded, "on the host's network", _set("mongo", "network_mode", "host")),
    (rules.guarded, "anonymous", _env("grafana", "GF_AUTH_ANONYMOUS_ENABLED", "true")),
    (rules.guarded, "admin/admin", _without("grafana", "GF_SECURITY_ADMIN_PASSWORD__FILE")),
    (rules.guarded, "the operator writes its root", _set("operator", "read_only", False)),
]


@pytest.mark.parametrize(
    ("rule", "breaks"),
    [pytest.param(rule, breaks, id=f"{rule.__name__}: {what}") for rule, what, breaks in BROKEN],
)
def test_the_rule_notices(rule: Rule, breaks: Callable[[Services], Any]) -> None:
    compose = read()
    breaks(compose["services"])
    assert list(rule(compose))


@pytest.mark.parametrize("service", ["dust", "gateway"])
def test_a_health_check_of_an_address_that_is_not_there_is_noticed(service: str) -> None:
    compose = read()
    check = compose["services"][service]["healthcheck"]
    asked = [word.replace("/readyz", "/ready") for word in check["test"]]
    compose["services"][service]["healthcheck"] = check | {"test": asked}
    assert [service] == [fault.partition(":")[0] for fault in rules.health(compose)]
