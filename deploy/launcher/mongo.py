"""MongoDB as a local process: `mongod` where there is one, else the embedded engine."""

from __future__ import annotations

import shutil
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.launcher import glibc, mongo_engine, needs
from deploy.launcher.child import Child
from deploy.launcher.fetch import Say, silent
from deploy.launcher.ports import HOST, is_open

READY_SECONDS = 60.0
CACHE_GIB = 0.25


class Mongo:
    """A server on a data folder. A start after `kill` goes on where the data ends."""

    name = "mongo"

    def __init__(self, *, cache: Path, data: Path, log: Path, port: int) -> None:
        """`cache` may be shared by many servers; `data` belongs to one at a time."""
        self.port = port
        self.address = f"mongodb://{HOST}:{port}"
        self._cache = cache.absolute()
        self._data = data.absolute()
        self._log = log.absolute()
        self.child: Child | None = None

    def prepare(self, say: Say = silent) -> None:
        """Fetch what is missing, telling `say` of it; safe in any thread. Raises Trouble."""
        if shutil.which("mongod") is None:
            needs.node()
            glibc.prefix(self._cache, say)
            mongo_engine.fetch(self._cache, say)

    def start(self) -> None:
        """Start the server and return at once. Call it from the main thread. Raises Trouble."""
        store = self._data / "db"
        store.mkdir(parents=True, exist_ok=True)
        self._sweep()
        mongod = shutil.which("mongod")
        if mongod:
            options = ["--bind_ip", HOST, "--port", str(self.port), "--quiet"]
            options += ["--wiredTigerCacheSizeGB", str(CACHE_GIB)]
            command, env = [mongod, "--dbpath", str(store), *options], {}
        else:
            command = mongo_engine.command(self._cache, store, HOST, self.port)
            env = mongo_engine.environment(self._cache)
        self.child = Child(self.name, command, self._log, env=env, cwd=self._data)
        self.child.start()

    def ready(self) -> bool:
        """Whether it answers a ping now."""
        if not is_open(self.port):
            return False  # at once: the driver would try for its whole timeout
        client: MongoClient[dict[str, object]] = MongoClient(
            self.address, serverSelectionTimeoutMS=500, directConnection=True
        )
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
        finally:
            client.close()
        return True

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return when it serves. Raises Trouble on the deadline or when it dies."""
        assert self.child is not None, "start() comes first"
        self.child.wait_ready(self.ready, seconds)

    def stop(self) -> None:
        """End it cleanly. Does nothing when it does not run."""
        if self.child is not None:
            self.child.stop()

    def kill(self) -> None:
        """kill -9, for tests of what survives it."""
        if self.child is not None:
            self.child.kill()

    def restart(self) -> None:
        """Start again on the same data and wait until it serves."""
        self.start()
        self.wait_ready()

    def _sweep(self) -> None:
        """Remove the socket folders of engines that were killed."""
        for left in self._data.glob("embedded-mongodb-*"):
            shutil.rmtree(left, ignore_errors=True)
