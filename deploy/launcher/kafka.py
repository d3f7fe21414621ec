"""The real Kafka broker as a local process: one KRaft node on two ports of 127.0.0.1."""

from __future__ import annotations

import base64
import os
import uuid
from pathlib import Path

from deploy.launcher import kafka_jars, kafka_probe, needs
from deploy.launcher.child import Child
from deploy.launcher.fetch import Say, run_tool, silent
from deploy.launcher.kafka_jars import ASSETS
from deploy.launcher.ports import HOST

READY_SECONDS = 60.0
_ENDED_BY_SIGTERM = 143  # what a Java that closed down in order exits with
# Fast starts before peak speed: the first compiler only, the collector with no threads.
_JVM = ["-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"]


class Kafka:
    """A broker on a data folder. A start after `kill` goes on where the data ends."""

    name = "kafka"

    def __init__(
        self,
        *,
        cache: Path,
        data: Path,
        log: Path,
        port: int,
        controller_port: int,
        heap: str = "512m",
    ) -> None:
        """`cache` may be shared by many brokers; `data` belongs to one at a time."""
        self.port = port
        self.address = f"{HOST}:{port}"
        self.controller_port = controller_port
        self._cache = cache.absolute()
        self._data = data.absolute()
        self._log = log.absolute()
        self._heap = heap
        self._dump: Path | None = None
        self.child: Child | None = None

    def prepare(self, say: Say = silent) -> None:
        """Fetch what is missing, telling `say` of it; safe in any thread. Raises Trouble."""
        needs.java()
        kafka_jars.fetch(self._cache, say)

    def start(self) -> None:
        """Start the broker and return at once; formats the data folder the first time.

        Call it from the main thread. Raises Trouble.
        """
        libs = kafka_jars.fetch(self._cache)
        self._configure()
        if not (self._data / "logs" / "meta.properties").exists():
            self._format(libs)
        self.child = Child(
            self.name,
            [*self._java(libs), *self._dump_option(), "kafka.Kafka", str(self._properties)],
            self._log,
        )
        self.child.start()

    def ready(self) -> bool:
        """Whether it serves now; asks it over the wire."""
        return kafka_probe.serves(self.port)

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return when it serves. Raises Trouble on the deadline or when it dies."""
        assert self.child is not None, "start() comes first"
        self.child.wait_ready(self.ready, seconds)

    def stop(self) -> None:
        """End it cleanly. Does nothing when it does not run."""
        if self.child is None:
            return
        self.child.stop()
        if self._dump is not None:
            if self.child.exit_code == _ENDED_BY_SIGTERM and self._dump.exists():
                self._dump.rename(self._archive)
            self._dump.unlink(missing_ok=True)
            self._dump = None

    def kill(self) -> None:
        """kill -9, for tests of what survives it."""
        if self.child is not None:
            self.child.kill()

    def restart(self) -> None:
        """Start again on the same data and wait until it serves."""
        self.start()
        self.wait_ready()

    @property
    def cluster_id(self) -> str:
        """The id its data was formatted with, chosen once and kept beside the data."""
        file = self._data / "cluster-id"
        if not file.exists():
            self._data.mkdir(parents=True, exist_ok=True)
            raw = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
            # An id that begins with a dash would be read as an option by the formatter.
            file.write_text("T" + raw[1:-1] + "A")
        return file.read_text().strip()

    @property
    def _properties(self) -> Path:
        return self._data / "server.properties"

    @property
    def _archive(self) -> Path:
        """Java's archive of loaded classes: it halves the start. Valid for these jars only."""
        libs = kafka_jars.folder(self._cache)
        return libs.with_name(f"{libs.name}.jsa")

    def _configure(self) -> None:
        self._data.mkdir(parents=True, exist_ok=True)
        ours = (
            f"listeners=PLAINTEXT://{self.address},CONTROLLER://{HOST}:{self.controller_port}\n"
            f"advertised.listeners=PLAINTEXT://{self.address}\n"
            f"controller.quorum.voters=1@{HOST}:{self.controller_port}\n"
            f"log.dirs={self._data / 'logs'}\n"
        )
        base = (ASSETS / "server.properties").read_text(encoding="utf-8")
        self._properties.write_text(base + ours, encoding="utf-8")

    def _format(self, libs: Path) -> None:
        run_tool(
            [
                *self._java(libs),
                "kafka.tools.StorageTool",
                "format",
                "--ignore-formatted",
                "--cluster-id",
                self.cluster_id,
                "--config",
                str(self._properties),
            ],
            cwd=self._data,
            what="Formatting Kafka's data folder",
            way_out=f"If {self._data} holds nothing you need, `make reset` starts afresh.",
        )

    def _java(self, libs: Path) -> list[str]:
        command = [needs.java(), f"-Xmx{self._heap}", *_JVM]
        if self._archive.exists():
            command += [f"-XX:SharedArchiveFile={self._archive}", "-Xshare:auto"]
        command += ["-Xlog:disable", "-Xlog:all=error:stderr"]
        command += [f"-Dlog4j2.configurationFile={ASSETS / 'log4j2.properties'}"]
        return [*command, "-cp", kafka_jars.class_path(libs)]

    def _dump_option(self) -> list[str]:
        """The first broker on a cache leaves the class archive behind when it ends cleanly."""
        if self._archive.exists():
            return []
        self._dump = self._archive.with_name(f"{self._archive.name}.{os.getpid()}-{self.port}")
        return [f"-XX:ArchiveClassesAtExit={self._dump}"]
