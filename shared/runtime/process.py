"""A service process: uvicorn owns the loop, everything else is a supervised part beside it.

The process ends when it is told to, or when any part ends: a part that crashed takes the process
with it, loudly, and whoever supervises the process starts it again.
"""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from itertools import product
from typing import get_args

import uvicorn
import uvloop
from starlette.types import ASGIApp

from shared.adapters.heard import Client, Failure, listen
from shared.runtime import metrics
from shared.runtime.logging import configure_logging
from shared.runtime.settings import Settings
from shared.runtime.tracing import start_tracing

log = logging.getLogger(__name__)
Part = Callable[[], Awaitable[None]]
_GRACE = 5
"""Seconds that open HTTP requests get when the process is told to end."""


class Fatal(Exception):
    """The process cannot run as it is configured; its text says what to do."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours: uvicorn would raise them again before our parts have ended."""
        yield


def keep_what_is_loaded() -> None:
    """Modules, schemas and the county's pack live to the end: the collector need not look through
    them again and again. A sweep of 1,000 entries took a sixth of its time there
    (`python -m tests.bench.sweep` with and without this call)."""
    gc.collect()
    gc.freeze()


async def serve(app: ASGIApp, settings: Settings, parts: Mapping[str, Part]) -> None:
    """Serve `app` on the settings' address beside `parts` until SIGTERM or SIGINT.

    Raises what a part raised. HTTP ends first, so that no request finds half a service.
    """
    keep_what_is_loaded()
    server = _Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
            timeout_keep_alive=65,
        )
    )
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    http = asyncio.create_task(_http(server), name="http")
    running = {asyncio.create_task(_named(part), name=name) for name, part in parts.items()}
    waiting = asyncio.create_task(told.wait(), name="signal")
    try:
        done, _ = await asyncio.wait({http, waiting, *running}, return_when=asyncio.FIRST_COMPLETED)
        failed = [task for task in done if task is not waiting]
        for task in failed:
            log.error("part %s ended, so the process ends", task.get_name())
            task.result()
        if failed:
            raise RuntimeError(f"part {failed[0].get_name()} ended by itself")
    finally:
        waiting.cancel()
        server.should_exit = True
        await asyncio.wait({http}, timeout=_GRACE + 2)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=10)


async def _named(part: Part) -> None:
    await part()


async def _http(server: uvicorn.Server) -> None:
    try:
        await server.serve()
    except SystemExit:
        # uvicorn's way to say that it could not bind; its own line in the log says why.
        raise Fatal(
            f"cannot listen on {server.config.host}:{server.config.port}; "
            "free the port or set TENLINES_PORT"
        ) from None


def _version() -> str:
    try:
        return version("tenlines")
    except PackageNotFoundError:
        return "unknown"  # started from a tree that was never installed


def run(
    service: str,
    settings: Settings,
    main: Callable[[], Awaitable[None]],
    line: str | None = None,
) -> None:
    """Run a service's `main` to its end; the process exits with 1 and a sentence when it fails.
    `line`: its key where the service is one."""
    configure_logging(service, settings.log_level, settings.log_format, line)
    metrics.BUILD.labels(_version(), settings.replica).set(1)
    metrics.STARTED.set_to_current_time()
    end_tracing = start_tracing(service, settings.replica, settings.traces, settings.traces_share)
    for client, failure in product(get_args(Client), get_args(Failure)):
        metrics.CLIENT_ERRORS.labels(client, failure)
    listen(lambda client, failure: metrics.CLIENT_ERRORS.labels(client, failure).inc())
    try:
        uvloop.run(_named(main))
    except Fatal as error:
        print(f"{service}: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception:
        log.critical("%s crashed", service, exc_info=True)
        sys.exit(1)
    finally:
        end_tracing()
