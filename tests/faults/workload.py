"""People who do not give up: each command is sent again under its key until it is answered."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

_PASSING = {409, 500, 502, 503}
_PAUSE = 0.2


@dataclass
class Outcome:
    """What was acknowledged: problem ids by title, and how many comments each problem got."""

    problems: dict[str, str] = field(default_factory=dict)
    comments: Counter[str] = field(default_factory=Counter)
    retries: int = 0


class Workload:
    """Registers problems and comments on them, from several threads; each request goes to any of
    the gateways, a repeated one to any again."""

    def __init__(
        self,
        gateways: Sequence[str],
        seed: int,
        commands: int,
        seconds: float,
        lines: Sequence[str] = ("dust", "mobile"),
    ) -> None:
        self._gateways, self._lines = gateways, lines
        self._name = f"f{seed}"
        self._random = Random(seed)
        self._commands = commands
        self._deadline = time.monotonic() + seconds
        self._lock = threading.Lock()
        self.outcome = Outcome()
        self.done = 0

    def start(self, threads: int = 8) -> list[Future[None]]:
        pool = ThreadPoolExecutor(threads)
        rounds = [self._random.randrange(2**31) for _ in range(self._commands // 5)]
        futures = [pool.submit(self._round, number, seed) for number, seed in enumerate(rounds)]
        pool.shutdown(wait=False)
        return futures

    def _round(self, number: int, seed: int) -> None:
        """One problem and four comments on it."""
        random = Random(seed)
        title = f"{self._name} problem {number}"
        with httpx.Client(timeout=10) as client:
            answer = self._until_answered(
                client,
                "/v1/problems",
                f"{self._name}-{number}",
                {
                    "line": random.choice(self._lines),
                    "title": title,
                    "severity": "general",
                    "location": {"lon": 116.3, "lat": 35.05, "town": "370828001"},
                },
            )
            with self._lock:
                self.outcome.problems[title] = answer["id"]
            for comment in range(4):
                path = f"/v1/problems/{answer['id']}/comment"
                key = f"{self._name}-{number}-{comment}"
                self._until_answered(client, path, key, {"text": f"comment {comment}"})
                with self._lock:
                    self.outcome.comments[answer["id"]] += 1

    def _until_answered(
        self, client: httpx.Client, path: str, key: str, body: dict[str, Any]
    ) -> dict[str, Any]:
        headers = {
            "X-Actor": "clerk",
            "X-Role": "coordinator",
            "Idempotency-Key": key,
            "Prefer": "wait=3",
        }
        said, random = "", Random(key)
        while time.monotonic() < self._deadline:
            address = random.choice(self._gateways) + path
            try:
                response = client.post(address, json=body, headers=headers)
            except httpx.TransportError as error:
                said = repr(error)
            else:
                if response.status_code in (200, 201):
                    with self._lock:
                        self.done += 1
                    answer: dict[str, Any] = response.json()
                    return answer
                said = f"{response.status_code} {response.text[:300]}"
                assert response.status_code in _PASSING | {202, 404}, said
            with self._lock:
                self.outcome.retries += 1
            time.sleep(_PAUSE)
        raise AssertionError(f"{path} under key {key} was not answered in time, last: {said}")
