"""Which of the driver's errors mean: the database is away, or did not confirm."""

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    CursorNotFound,
    ExecutionTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
)

from shared.adapters.heard import Failure, failed
from shared.application.ports import Unavailable

P = ParamSpec("P")
R = TypeVar("R")

_REFUSED = {
    13: "the user of TENLINES_MONGO has no right to this database (Unauthorized)",
    18: "the user or password of TENLINES_MONGO is wrong (AuthenticationFailed)",
}
"""Until somebody sets the secret or the role right; no restart is needed then."""
PASSING = frozenset(
    {
        6,  # HostUnreachable
        7,  # HostNotFound
        *_REFUSED,
        50,  # MaxTimeMSExpired
        64,  # WriteConcernFailed
        89,  # NetworkTimeout
        91,  # ShutdownInProgress
        100,  # UnsatisfiableWriteConcern: too few members are up
        134,  # ReadConcernMajorityNotAvailableYet
        189,  # PrimarySteppedDown
        202,  # NetworkInterfaceExceededTimeLimit
        262,  # ExceededTimeLimit
        9001,  # SocketException
        10107,  # NotWritablePrimary
        11600,  # InterruptedAtShutdown
        11601,  # Interrupted
        11602,  # InterruptedDueToReplStateChange
        13388,  # StaleConfig
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
        14031,  # OutOfDiskSpace
    }
)
"""Server errors that pass without anybody changing a line of code."""


def is_passing(error: PyMongoError) -> bool:
    """Whether `error` says nothing about the request itself: its effect is unknown, try later."""
    if isinstance(error, ConnectionFailure | CursorNotFound | ExecutionTimeout | WriteConcernError):
        return True
    if isinstance(error, BulkWriteError):
        details = error.details or {}
        codes = {failed.get("code") for failed in details.get("writeErrors", ())}
        return bool(details.get("writeConcernErrors")) or bool(codes & PASSING)
    return isinstance(error, OperationFailure) and error.code in PASSING


def failure(error: PyMongoError) -> Failure:
    """The error in one word, for counting."""
    if isinstance(error, NotPrimaryError):
        return "not_primary"
    if error.timeout or isinstance(error, ServerSelectionTimeoutError):
        return "timeout"
    if isinstance(error, ConnectionFailure):
        return "connection"
    if isinstance(error, WriteConcernError):
        return "unconfirmed"
    return "refused" if isinstance(error, OperationFailure) else "other"


def _said(error: PyMongoError) -> str:
    """The server's own words may quote whole documents and commands, and ours go into logs."""
    if isinstance(error, OperationFailure):
        return _REFUSED.get(error.code or 0, f"{type(error).__name__}, code {error.code}")
    return f"{type(error).__name__}: {error}"


@contextmanager
def reaching() -> Iterator[None]:
    """Turn the driver's passing errors into Unavailable; everything else is a bug and stays one."""
    try:
        yield
    except PyMongoError as error:
        failed("mongo", failure(error))
        if is_passing(error):
            raise Unavailable(f"MongoDB did not confirm: {_said(error)}") from error
        raise


def reaches(call: Callable[P, Awaitable[R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """`reaching` around a whole coroutine function."""

    @wraps(call)
    async def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with reaching():
            return await call(*args, **kwargs)

    return wrapped
