"""Asks a broker whether it serves, in one small request, without a client library.

A client would take longer to import than the broker to start, and needs an event loop.
"""

from __future__ import annotations

import socket
import struct

from deploy.launcher.ports import HOST

_METADATA, _VERSION, _CORRELATION, _NO_CLIENT_ID, _NO_TOPICS = 3, 1, 1, -1, 0


def serves(port: int, seconds: float = 1.0) -> bool:
    """Whether the broker answers and counts itself alive: only then can topics be created."""
    request = struct.pack(">hhihi", _METADATA, _VERSION, _CORRELATION, _NO_CLIENT_ID, _NO_TOPICS)
    try:
        with socket.create_connection((HOST, port), timeout=seconds) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            size = struct.unpack(">i", _read(connection, 4))[0]
            answer = _read(connection, size)
    except (OSError, struct.error):
        return False
    brokers = struct.unpack_from(">i", answer, 4)[0]  # after the correlation id
    return bool(brokers > 0)


def _read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionError("the broker hung up")
        data += piece
    return data
