"""Ports of 127.0.0.1: free ones for tests, and who holds a taken one."""

from __future__ import annotations

import contextlib
import random
import socket
from itertools import islice

import psutil

HOST = "127.0.0.1"
_NEVER_OUTGOING = range(12_000, 32_000)
"""Below the ports that Linux and macOS use for outgoing connections."""


def free_ports(count: int) -> list[int]:
    """`count` different ports nobody uses now.

    None of them is one that the kernel gives to outgoing connections: a client that tries again
    and again to reach a killed server would sooner or later hold that server's port itself.
    """
    candidates = random.SystemRandom().sample(_NEVER_OUTGOING, k=50 * count)
    return list(islice((port for port in candidates if not is_taken(port)), count))


def is_open(port: int, seconds: float = 1.0) -> bool:
    """Whether somebody accepts connections on `port` now."""
    try:
        socket.create_connection((HOST, port), timeout=seconds).close()
    except OSError:
        return False
    return True


def is_taken(port: int) -> bool:
    """Whether a server could not listen on `port` now."""
    with socket.socket() as probe:
        # As servers do: a connection in TIME_WAIT does not make a port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def holder(port: int) -> str | None:
    """`name (pid)` of the process that holds `port`; None when we may not see it."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except (psutil.Error, OSError):
        return None
    # A listener says most; but a mere outgoing connection takes its port, too.
    connections.sort(key=lambda each: each.status != psutil.CONN_LISTEN)
    for connection in connections:
        address = tuple(connection.laddr)
        if port in address[1:] and connection.pid:
            with contextlib.suppress(psutil.Error):
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return None
