"""The moving line under a running demo."""

import sys
import threading
from datetime import timedelta

from deploy.demo.player import Player
from deploy.launcher.counts import open_and_all

_EVERY_SECONDS = 2.0
_EVERY_SECONDS_IN_A_FILE = 15.0


class StatusLine:
    """Tells how far the simulated county is, until `stop`."""

    def __init__(self, player: Player, host: str, port: int) -> None:
        self._player, self._host, self._port = player, host, port
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="status", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=6)
        if sys.stdout.isatty():
            print()

    def _run(self) -> None:
        moving = sys.stdout.isatty()
        while not self._stopping.wait(_EVERY_SECONDS if moving else _EVERY_SECONDS_IN_A_FILE):
            print(f"\r{self._said()}   " if moving else self._said(), end="" if moving else "\n",
                  flush=True)  # fmt: skip

    def _said(self) -> str:
        if self._player.trouble:
            return f"等待 Kafka / waiting for Kafka: {self._player.trouble[:80]}"
        if self._player.now is None:
            return "正在生成信号 / making signals"
        there = f"{self._player.now + timedelta(hours=8):%Y-%m-%d %H:%M}"
        counts = open_and_all(self._host, self._port)
        problems = (
            f"问题 problems {counts[1]}（未结 open {counts[0]}）" if counts else "网关忙 gateway?"
        )
        return f"模拟时间 {there} · 信号 signals {self._player.sent:,} · {problems}"
