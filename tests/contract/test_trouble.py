"""Which of the driver's errors pass by themselves, and which are bugs."""

import pytest
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    CursorNotFound,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WTimeoutError,
)

from shared.adapters.mongo.trouble import reaches, reaching
from shared.application.ports import Unavailable

PASSING = [
    AutoReconnect("cut"),
    NetworkTimeout("late"),
    NotPrimaryError("election"),
    ServerSelectionTimeoutError("away"),
    WaitQueueTimeoutError("pool"),
    WTimeoutError("majority"),
    ExecutionTimeout("slow"),
    CursorNotFound("restarted"),
    OperationFailure("stepped down", 11602),
    OperationFailure("disk full", 14031),
    BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 64}]}),
    BulkWriteError({"writeErrors": [{"code": 11000}, {"code": 11600}]}),
]
BUGS = [
    OperationFailure("no such command", 59),
    OperationFailure("document too large", 17419),
    DuplicateKeyError("there already"),
    BulkWriteError({"writeErrors": [{"code": 11000}], "writeConcernErrors": []}),
]


@pytest.mark.parametrize("error", PASSING, ids=repr)
async def test_passing(error: PyMongoError) -> None:
    @reaches
    async def call() -> None:
        raise error

    with pytest.raises(Unavailable) as caught:
        await call()
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", BUGS, ids=repr)
def test_bugs_stay_bugs(error: PyMongoError) -> None:
    with pytest.raises(type(error)), reaching():
        raise error
