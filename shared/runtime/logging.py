"""Log lines: readable at a terminal, one JSON object a line elsewhere; the same fields in both."""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType

import orjson

from shared.contract.trace import current

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=MappingProxyType({}))


@contextmanager
def about(**facts: str) -> Iterator[None]:
    """Every line that the block logs says these: ids and codes, never what a person wrote."""
    token = _about.set({**_about.get(), **facts})
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


class JsonFormatter(logging.Formatter):
    """Every `extra=` of a log call becomes a member of the object."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
            **{key: value for key, value in vars(record).items() if key not in _PLAIN},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class TextFormatter(logging.Formatter):
    def __init__(self, service: str) -> None:
        super().__init__("%(asctime)s %(levelname)-7s " + service + " %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        extra = " ".join(f"{k}={v}" for k, v in vars(record).items() if k not in _PLAIN)
        return super().format(record) + (f"  [{extra}]" if extra else "")


def configure_logging(service: str, level: str, style: str, line: str | None = None) -> None:
    """Send all logging to standard error in one style (`auto`, `json` or `text`). `line`: the key
    where the service is one."""
    text = style == "text" or (style == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
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
