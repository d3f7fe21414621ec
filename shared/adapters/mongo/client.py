"""The connection: durable writes, bounded waits."""

from typing import Any, TypeAlias

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo.errors import PyMongoError

Document: TypeAlias = dict[str, Any]
Client: TypeAlias = "AsyncIOMotorClient[Document]"
Database: TypeAlias = "AsyncIOMotorDatabase[Document]"
Collection: TypeAlias = "AsyncIOMotorCollection[Document]"

SELECT_MS = 3_000
"""How long a call waits for a server to be there."""
SOCKET_MS = 10_000
"""How long a call waits for an answer; a server that hangs counts as away after that."""
POOL = 64


class WrongAddress(ValueError):
    """The connection string is none. The text does not repeat it: there may be a password in it."""


def connect(url: str, password: str | None = None, socket_ms: int = SOCKET_MS) -> Client:
    """A client whose writes have returned only when a majority has them in its journal.

    It connects at its first use, on the event loop that runs then. Reads see only what a majority
    has: an answer that is repeated to a caller must not be rolled back afterwards. Close it with
    `close()`. `password` is that of the user whom the URL names. Raises WrongAddress.
    """
    secret: dict[str, Any] = {} if password is None else {"password": password}
    try:
        return _client(url, socket_ms, secret)
    except (PyMongoError, ValueError, TypeError):
        # The driver quotes what it cannot read, and that may be half of a password.
        raise WrongAddress(
            "TENLINES_MONGO is no MongoDB connection string with a user where a password is given, "
            "such as mongodb://dust@mongo:27017/?replicaSet=tenlines&authSource=admin (in a "
            "password, characters like / : @ % are written as %2F %3A %40 %25)"
        ) from None


def _client(url: str, socket_ms: int, secret: dict[str, Any]) -> Client:
    return AsyncIOMotorClient(
        url,
        **secret,
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
