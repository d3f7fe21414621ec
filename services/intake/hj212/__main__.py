"""Runs the HJ 212 intake: `TENLINES_HJ212_DEVICES=FILE python -m services.intake.hj212`."""

import asyncio
import logging
import signal
from collections import Counter

from services.intake.hj212.connection import Limits
from services.intake.hj212.delivery import KafkaDelivery
from services.intake.hj212.devices import EXAMPLE, Devices, load_devices
from services.intake.hj212.server import Server
from services.intake.hj212.settings import Hj212Settings
from shared.adapters.kafka.producer import Producer
from shared.adapters.pack import PackError
from shared.runtime.clock import clock_for
from shared.runtime.process import Fatal, run

log = logging.getLogger("services.intake.hj212")

_REPORT_EVERY = 60.0


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = Hj212Settings()

    async def life() -> None:
        await serve(settings, _devices(settings))

    run("hj212", settings, life)


async def serve(settings: Hj212Settings, devices: Devices) -> None:
    """Raises Fatal when it cannot listen."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    producer = Producer(settings.kafka, client_id="intake-hj212")
    delivery = KafkaDelivery(producer, settings.namespace, clock_for(settings.test_clock))
    limits = Limits(connections=settings.hj212_connections, idle=settings.hj212_idle_seconds)
    server = Server(devices, delivery, limits)
    try:
        port = await server.start(settings.host, settings.port)
    except OSError as error:
        raise Fatal(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); "
            "free the port or set TENLINES_PORT"
        ) from None
    log.info("listening on %s:%d for %d devices", settings.host, port, len(devices))
    try:
        await _report_until(told, server)
    finally:
        await server.stop()
        await producer.stop()
        log.info("ended: %s", dict(server.counts))


async def _report_until(told: asyncio.Event, server: Server) -> None:
    said: Counter[str] = Counter()
    while not told.is_set():
        waiting = asyncio.ensure_future(told.wait())
        await asyncio.wait({waiting}, timeout=_REPORT_EVERY)
        waiting.cancel()
        if server.counts != said:
            said = Counter(server.counts)
            log.info("%d connections, packets so far: %s", len(server), dict(said))


def _devices(settings: Hj212Settings) -> Devices:
    if settings.hj212_devices is None:
        raise Fatal(f"set TENLINES_HJ212_DEVICES to the devices file; an example: {EXAMPLE}")
    try:
        return load_devices(settings.hj212_devices)
    except PackError as error:
        raise Fatal(f"the devices file cannot be used:\n{error}") from None


if __name__ == "__main__":
    main()
