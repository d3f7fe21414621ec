"""Free ports are free, stay so, and a taken one has a name."""

from __future__ import annotations

import os
import socket

import psutil

from deploy.launcher.ports import free_ports, holder, is_open, is_taken


def test_free_ports_are_different_and_can_be_listened_on() -> None:
    found = free_ports(20)
    assert len(set(found)) == 20
    for port in found:
        assert not is_taken(port)
        assert not is_open(port)


def test_free_ports_are_never_those_of_outgoing_connections() -> None:
    assert all(port < 32_768 for port in free_ports(50))


def test_a_listener_takes_its_port_and_is_named() -> None:
    (port,) = free_ports(1)
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))
        server.listen()
        assert is_taken(port)
        assert is_open(port)
        assert holder(port) == f"{psutil.Process().name()} (pid {os.getpid()})"
    assert not is_taken(port)
    assert holder(port) is None
