"""The intake as a process, and a device that talks to it."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.launcher.ports import free_ports

ROOT = Path(__file__).parents[3]
DEVICES = """
devices:
  - {mn: JX00000001, signal: industry.cems, device: JX-CEMS-1, enterprise: JX-Q-1, outlet: "1"}
  - mn: JX00000002
    signal: dust.site-monitor
    crc: modbus
    dust_unit: ug/m3
    minutes: 5
    site: JX-G-1
"""


@asynccontextmanager
async def intake(bootstrap: str, namespace: str, folder: Path) -> AsyncIterator[int]:
    """`python -m services.intake.hj212`, listening; its port. It must end cleanly on SIGTERM."""
    (port,) = free_ports(1)
    devices = folder / "devices.yaml"
    devices.write_text(DEVICES, encoding="utf-8")
    log = (folder / "intake.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.intake.hj212",
        cwd=ROOT,
        env={
            **os.environ,
            "TENLINES_KAFKA": bootstrap,
            "TENLINES_NAMESPACE": namespace,
            "TENLINES_PORT": str(port),
            "TENLINES_HJ212_DEVICES": str(devices),
        },
        stderr=log,
    )
    try:
        await _listening(process, port, folder)
        yield port
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            assert await process.wait() == 0, (folder / "intake.log").read_text()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        log.close()


async def _listening(process: asyncio.subprocess.Process, port: int, folder: Path) -> None:
    async with asyncio.timeout(30):
        while True:
            assert process.returncode is None, (folder / "intake.log").read_text()
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


class Device:
    """One connection of a device."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, port: int) -> "Device":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def say(self, *raw: bytes) -> None:
        for each in raw:
            self._writer.write(each)
            await self._writer.drain()

    async def answer(self, seconds: float = 20) -> bytes:
        async with asyncio.timeout(seconds):
            return await self._reader.readline()

    async def no_answer(self, seconds: float) -> None:
        try:
            said = await self.answer(seconds)
        except TimeoutError:
            return
        raise AssertionError(f"answered {said!r}")

    async def hang_up(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
