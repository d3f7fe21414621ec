"""Log lines: what each says of what is being done, and what none may say."""

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
from pydantic import BaseModel, ValidationError
from pymongo.errors import BulkWriteError, DuplicateKeyError

from shared.adapters.mongo.trouble import reaching
from shared.application.ports import Unavailable
from shared.contract.envelope import COMMAND, headers
from shared.contract.trace import Trace, following, untold
from shared.runtime.discretion import codes, discreet, told, way_to
from shared.runtime.logging import about, configure_logging
from shared.runtime.worker.about import handling
from shared.runtime.worker.record import Record
from tests.unit.http.world import START

log = logging.getLogger("some.module")
NAME, PHONE, WORDS = "王秀兰", "13812345678", "他家半夜烧秸秆"


@pytest.fixture(params=["json", "text"])
def style(request: pytest.FixtureRequest) -> str:
    said: str = request.param
    return said


@pytest.fixture
def written(style: str) -> Iterator[Callable[[], str]]:
    """What was logged, by the whole chain as a service has it."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    configure_logging("dust", "INFO", style, "dust")
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    try:
        yield stream.getvalue
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def test_a_line_says_what_it_is_about(written: Callable[[], str], style: str) -> None:
    trace = untold()
    with following(trace), about(entry="p-1", command="c-1"):
        log.info("done")
        with about(entry="p-2"):
            log.info("inside")
    log.info("after")
    done, inside, after = written().strip().splitlines()
    if style == "json":
        line = json.loads(done)
        found = {name: line[name] for name in ("line", "entry", "command", "trace", "message")}
        assert found == {
            "line": "dust", "entry": "p-1", "command": "c-1", "trace": trace.id, "message": "done",
        }  # fmt: skip
        assert json.loads(inside)["entry"] == "p-2" and json.loads(inside)["command"] == "c-1"
        assert json.loads(after).keys().isdisjoint({"entry", "command", "trace"})
    else:
        assert f"line=dust entry=p-1 command=c-1 trace={trace.id}" in done
        assert "entry=p-2" in inside and "entry" not in after and "trace" not in after


def test_what_the_call_itself_says_comes_first(written: Callable[[], str]) -> None:
    with about(entry="of the context"):
        log.info("x", extra={"entry": "of the call"})
    assert "of the call" in (said := written()) and "of the context" not in said


def test_where_an_id_belongs_only_an_id_is_said(written: Callable[[], str]) -> None:
    with about(entry=NAME, command=PHONE), about(finding="dust:1", version="0190-ab.c_D"):
        log.info("x")
    assert NAME not in (said := written()) and PHONE not in said
    assert "dust:1" in said and "0190-ab.c_D" in said
    assert codes({"a": "x y", "b": "", "c": 7, "d": "x" * 121}) == {"c": 7}


def test_a_record_of_a_command_is_told_by_its_headers(written: Callable[[], str]) -> None:
    trace = Trace("a" * 32, "b" * 16, sampled=True)
    with following(trace):
        pairs = headers(COMMAND, "gateway", "c-9", START, "p-9")
    record = Record("t.dust.commands", 0, 7, b"p-9", b"{not json", pairs)
    with handling(record):
        log.info("unreadable")
    said = written()
    for part in ("c-9", "p-9", trace.id):
        assert part in said


class Reporter(BaseModel):
    age: int


def _pydantic() -> None:
    Reporter.model_validate({"age": f"{NAME} {PHONE} {WORDS}"})


def _driver() -> None:
    raise DuplicateKeyError(
        f'E11000 dup key: {{ name: "{NAME}" }}', 11000, {"keyValue": {"name": WORDS}}
    )


def _bulk() -> None:
    failed = {"index": 0, "code": 11000, "errmsg": NAME, "op": {"description": WORDS}}
    raise BulkWriteError({"writeErrors": [failed], "writeConcernErrors": []})


def _plain() -> None:
    int(NAME + WORDS)


def _chained() -> None:
    try:
        _plain()
    except ValueError as error:
        raise KeyError(WORDS) from error


def _grouped() -> None:
    raise ExceptionGroup("two", [ValueError(NAME), KeyError(WORDS)])


@pytest.mark.parametrize("fail", [_pydantic, _driver, _bulk, _plain, _chained, _grouped])
def test_an_exception_keeps_to_itself_what_somebody_wrote(
    fail: Callable[[], None], written: Callable[[], str]
) -> None:
    try:
        fail()
    except Exception:
        log.exception("it crashed")
    said = written()
    assert "it crashed" in said and fail.__name__ in said, "the way to it is told"
    for secret in (NAME, PHONE, WORDS):
        assert secret not in said and ascii(secret)[1:-1] not in said


def test_what_an_operation_says_is_told() -> None:
    assert told(Unavailable("MongoDB is away")).endswith("Unavailable: MongoDB is away")
    assert told(FileNotFoundError(2, "No such file", "/tmp/x")).endswith("'/tmp/x'")
    assert told(DuplicateKeyError("x", 11000)) == "pymongo.errors.DuplicateKeyError (code 11000)"
    assert told(ValueError("x")) == "ValueError"


def test_the_reason_stands_before_what_it_led_to() -> None:
    try:
        _chained()
    except KeyError as error:
        said = way_to(error)
    assert said.index("ValueError") < said.index("This was the reason") < said.index("\nKeyError")


def test_a_driver_that_does_not_confirm_quotes_no_document() -> None:
    details = {
        "writeErrors": [{"index": 0, "code": 91, "errmsg": NAME, "op": {"text": WORDS}}],
        "writeConcernErrors": [{"code": 64, "errmsg": "waiting for replication timed out"}],
    }
    with pytest.raises(Unavailable) as caught, reaching():
        raise BulkWriteError(details)
    assert NAME not in str(caught.value) and WORDS not in str(caught.value)
    assert "BulkWriteError" in str(caught.value)


async def test_a_task_that_nobody_waited_for_does_not_tell_either(
    written: Callable[[], str],
) -> None:
    async def fails() -> None:
        raise ValueError(WORDS)

    task = asyncio.create_task(fails())
    await asyncio.wait({task})
    context = {"message": "Task exception was never retrieved", "exception": task.exception()}
    asyncio.get_running_loop().call_exception_handler({**context, "future": task})
    said = written()
    assert "never retrieved" in said and WORDS not in said
    task.exception()


def test_numbers_of_persons_are_taken_out_and_ids_stay_whole(written: Callable[[], str]) -> None:
    id_ = "13812345-6781-4381-8234-567813812345"
    trace = "e13712345678a13912345678b0000000"
    log.warning("call %s", PHONE, extra={"said": f"tel 0537-8721234 {id_}", "trace": trace})
    said = written()
    assert PHONE not in said and "8721234" not in said and id_ in said and trace in said
    assert discreet(f"{id_} {PHONE}") == f"{id_} （电话略）"


def test_a_line_that_cannot_be_made_gives_nothing_away(
    written: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    (handler,) = (
        h for h in logging.getLogger().handlers if type(h).__module__.startswith("shared")
    )
    wrong = {"name": log.name, "msg": "%d", "args": (WORDS,), "levelno": logging.INFO}
    handler.handle(logging.makeLogRecord(wrong))
    err = capsys.readouterr().err
    assert "some.module cannot be written: TypeError" in err and WORDS not in err + written()


def test_validation_is_still_told_where_it_belongs() -> None:
    """To the caller: what is right, by field. The log alone is silent."""
    with pytest.raises(ValidationError) as caught:
        _pydantic()
    assert told(caught.value) == "pydantic_core._pydantic_core.ValidationError"
