"""Log lines: readable at a terminal, one JSON object a line elsewhere; the same fields in both."""

import contextlib
import logging
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from typing import Any, TextIO

import orjson

from shared.contract.trace import current
from shared.runtime.discretion import codes, discreet, way_to

_about: ContextVar[Mapping[str, str | int]] = ContextVar("about", default=MappingProxyType({}))


@contextmanager
def about(**facts: str) -> Iterator[None]:
    """Every line that the block logs says these; what is no id or code is left out."""
    token = _about.set({**_about.get(), **codes(facts)})
    try:
        yield
    finally:
        _about.reset(token)


class _Context(logging.Filter):
    """What is being done: the line where the service is one, the entry, the command, the trace."""

    def __init__(self, line: str | None) -> None:
        super().__init__()
        self._always = {"line": line} if line is not None else {}

    def filter(self, record: logging.LogRecord) -> bool:
        trace = current()
        facts = {**self._always, **_about.get(), **({"trace": trace.id} if trace else {})}
        for name, value in facts.items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True


_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _Discreet(logging.Formatter):
    """The last look at whatever anybody logs: see `discretion`."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def formatException(self, ei: _Raised) -> str:
        return way_to(ei[1]).rstrip() if ei[1] is not None else ""

    def message(self, record: logging.LogRecord) -> str:
        said = record.getMessage()
        if record.name == "asyncio":
            # Its further lines are reprs, that of a failed task with what its exception says.
            said = said.partition("\n")[0]
        return discreet(said)

    def more(self, record: logging.LogRecord) -> dict[str, Any]:
        """What the call, or the context, said beside the message."""
        found = {key: value for key, value in vars(record).items() if key not in _PLAIN}
        return {k: discreet(v) if isinstance(v, str) else v for k, v in found.items()}


class JsonFormatter(_Discreet):
    """Every `extra=` of a log call becomes a member of the object."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": self.message(record),
            **self.more(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=lambda value: discreet(str(value))).decode()


class TextFormatter(_Discreet):
    def format(self, record: logging.LogRecord) -> str:
        at = time.strftime("%H:%M:%S", time.localtime(record.created))
        line = f"{at} {record.levelname:<7} {self._service} {self.message(record)}"
        extra = " ".join(f"{key}={value}" for key, value in self.more(record).items())
        line += f"  [{extra}]" if extra else ""
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:
        """Python's own would write down the call's arguments as they are."""
        kind = type(sys.exception()).__name__
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"a log line of {record.name} cannot be written: {kind}\n")


def configure_logging(service: str, level: str, style: str, line: str | None = None) -> None:
    """Send all logging to standard error in one style (`auto`, `json` or `text`). `line`: the key
    where the service is one."""
    text = style == "text" or (style == "auto" and sys.stderr.isatty())
    handler = _Handler(sys.stderr)
    handler.setFormatter(TextFormatter(service) if text else JsonFormatter(service))
    handler.addFilter(_Context(line))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Chatty libraries: their warnings matter, their progress does not. httpx would also write down
    # whole URLs, and a robot's key is part of its URL.
    chatty = ("aiokafka", "faust", "mode", "pymongo", "uvicorn.access", "asyncio")
    for name in (*chatty, "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
