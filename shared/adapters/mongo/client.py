"""The connection: durable writes, bounded waits."""

from typing import Any, TypeAlias

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase

Document: TypeAlias = dict[str, Any]
Client: TypeAlias = "AsyncIOMotorClient[Document]"
Database: TypeAlias = "AsyncIOMotorDatabase[Document]"
Collection: TypeAlias = "AsyncIOMotorCollection[Document]"

SELECT_MS = 3_000
"""How long a call waits for a server to be there."""
SOCKET_MS = 10_000
"""How long a call waits for an answer; a server that hangs counts as away after that."""
POOL = 64


def connect(url: str, socket_ms: int = SOCKET_MS) -> Client:
    """A client whose writes have returned only when a majority has them in its journal.

    It connects at its first use, on the event loop that runs then. Reads see only what a majority
    has: an answer that is repeated to a caller must not be rolled back afterwards. Close it with
    `close()`.
    """
    return AsyncIOMotorClient(
        url,
        appname="tenlines",
        tz_aware=True,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        serverSelectionTimeoutMS=SELECT_MS,
        connectTimeoutMS=SELECT_MS,
        socketTimeoutMS=socket_ms,
        waitQueueTimeoutMS=SOCKET_MS,
        # Less than the socket's: a write that waits for its majority says so before it is cut.
        wTimeoutMS=SOCKET_MS - 2_000,
        maxPoolSize=POOL,
    )
