"""The table of processes: the contract's ports, parts of it, and more of a service."""

from __future__ import annotations

import pytest

from deploy.launcher.processes import names, table, usual_ports


def test_ports_are_those_of_the_contract() -> None:
    wanted = names()
    assert usual_ports(wanted, {}) == {
        "gateway": 8000,
        "dust": 8101,
        "mobile": 8102,
        "coal": 8103,
        "burning": 8104,
        "hotspot": 8105,
        "industry": 8106,
        "energy": 8107,
        "vocs": 8108,
        "livelihood": 8109,
        "episode": 8110,
        "coordination": 8111,
    }


def test_a_part_with_replicas_and_a_moved_port() -> None:
    wanted = names(["gateway", "dust"], {"dust": 3})
    processes = table(wanted, usual_ports(wanted, {"dust": 9101, "dust-2": 9000}))
    assert [(p.name, p.module, p.replica, p.port) for p in processes] == [
        ("gateway", "services.gateway", 0, 8000),
        ("dust", "services.dust", 0, 9101),
        ("dust-1", "services.dust", 1, 8201),
        ("dust-2", "services.dust", 2, 9000),
    ]


def test_no_two_processes_share_a_port() -> None:
    wanted = names(replicas={"dust": 3, "gateway": 2, "episode": 2})
    ports = usual_ports(wanted, {})
    assert len(set(ports.values())) == len(wanted) == 16


@pytest.mark.parametrize(
    ("only", "replicas"), [(["dusk"], {}), (None, {"dusk": 2}), (None, {"dust": 0})]
)
def test_what_does_not_exist_is_refused(only: list[str] | None, replicas: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"no service `dusk`; there are: gateway|at least one"):
        names(only, replicas)
