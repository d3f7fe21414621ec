"""The password of MongoDB comes from a file and is told to nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymongo.errors import OperationFailure

from deploy.launcher.trouble import Trouble
from deploy.launcher.usual import connected
from shared.adapters.mongo.client import WrongAddress, connect
from shared.adapters.mongo.trouble import reaching
from shared.application.ports import Unavailable
from shared.runtime.settings import NoSecret, Settings

SECRET = "s3cr3t/zw17h:0dd@l3tt3rs%"
URL = "mongodb://dust@127.0.0.1:1/?authSource=admin"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mongo-dust"
    path.write_text(SECRET + "\n", encoding="utf-8")
    return path


async def test_the_password_of_the_file_is_the_one_that_is_sent(file: Path) -> None:
    settings = Settings(mongo=URL, mongo_password_file=file)
    client = connected(settings)
    sent = client.delegate.options.pool_options._credentials
    assert (sent.username, sent.password, sent.source) == ("dust", SECRET, "admin")
    client.close()
    for told in (repr(settings), str(settings)):
        assert SECRET not in told and URL not in told


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_a_file_without_a_password_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "mongo-dust"
    if content is not None:
        path.write_text(content)
    settings = Settings(mongo=URL, mongo_password_file=path)
    with pytest.raises(NoSecret, match=r"TENLINES_MONGO_PASSWORD_FILE.*mongo-dust"):
        settings.mongo_password()
    with pytest.raises(Trouble, match="mongo-dust"):
        connected(settings)


@pytest.mark.parametrize(
    "url",
    [
        f"mongodb://dust:{SECRET}@mongo:27017",
        f"mongodb://dust:{SECRET}@mongo:port",
        f"mongo://dust:{SECRET}@mongo",
    ],
)
def test_a_wrong_address_is_not_repeated(url: str) -> None:
    with pytest.raises(WrongAddress) as caught:
        connect(url)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    for part in SECRET.replace("/", ":").replace("@", ":").split(":"):
        assert part.rstrip("%") not in str(caught.value)


@pytest.mark.parametrize(("code", "said"), [(13, "no right"), (18, "wrong")])
def test_who_is_refused_waits_and_repeats_nothing(code: int, said: str) -> None:
    command = 'not authorized on tenlines_coal to execute command { insert: "entries" }'
    with pytest.raises(Unavailable, match=said) as caught, reaching():
        raise OperationFailure(command, code)
    assert "insert" not in str(caught.value)
