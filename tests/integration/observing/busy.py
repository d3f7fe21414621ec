"""What happens in a county within a few weeks: enough for every panel to have something to show."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from deploy.launcher.world import World
from shared.adapters.kafka.producer import Producer
from shared.contract.topics import LineTopic, line_topic
from shared.declaration.county.keys import LINE_KEYS
from tests.fakes.pictures import picture
from tests.prometheus import Prometheus
from tests.waiting import until

Json = dict[str, Any]
NAMESPACE = "observed"
TOWNS = ("370828001", "370828101", "370828103")
LEAD = {"X-Actor": "chen", "X-Role": "coordinator", "X-Unit": "ecology"}
UNIT = {"X-Actor": "zhang", "X-Role": "department", "X-Unit": "housing"}
INSPECTOR = {"X-Actor": "wang", "X-Role": "inspector", "X-Unit": "water"}
DEVICE = {"X-Actor": "device", "X-Role": "device"}
WEEKS = timedelta(days=12)


@dataclass
class Busy:
    world: World
    prometheus: Prometheus
    clock: Path
    ahead: timedelta = timedelta()

    def live(self) -> None:
        """Problems live, tasks are reported on, devices speak, and time passes."""
        with httpx.Client(base_url=self.world.address("gateway"), timeout=30) as gateway:
            self._seen_at_rest()
            made = [self._reported(gateway, n) for n in range(24)]
            for problem in made[:12]:
                self._assigned(gateway, problem)
            done = [self._closed(gateway, problem) for problem in made[:3]]
            self._do(gateway, done[0], "object", UNIT, reason="现场仍有裸土")
            self._tasks_reported(gateway)
            self._signals()
            self._turn(WEEKS)
            self._signals()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def _seen_at_rest(self) -> None:
        """A counter's rise is seen only by who saw it before."""
        services = len(self.world.ports()) - 3  # without Kafka's two and MongoDB
        until(lambda: len(self.prometheus.ask("up == 1")) > services, 60, "every process is read")

    def _turn(self, by: timedelta) -> None:
        self.ahead += by
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(f"{self.ahead.total_seconds()} 0")
        fresh.replace(self.clock)

    def _reported(self, gateway: httpx.Client, number: int) -> Json:
        report = {
            "line": (*LINE_KEYS, "dust", "dust")[number % 12],
            "title": f"现场问题 {number}",
            "severity": ("general", "serious", "critical")[number % 3],
            "source": "patrol",
            "location": {"town": TOWNS[number % 3]},
        }
        return self._posted(gateway, "/v1/problems", LEAD, report, 201)

    def _assigned(self, gateway: httpx.Client, problem: Json) -> None:
        given = {"unit": "housing", "town": problem["location"]["town"]}
        problem |= self._do(gateway, problem, "assign", LEAD, **given)
        for command in ("accept", "start"):
            problem |= self._do(gateway, problem, command, UNIT)

    def _closed(self, gateway: httpx.Client, problem: Json) -> Json:
        photo = picture(size=(40, 30 + len(problem["title"])))
        stored = gateway.post("/v1/files", files={"file": ("a.jpg", photo)}, headers=UNIT)
        after = {"kind": "after", "sha256": stored.json()["sha256"]}
        problem = self._do(gateway, problem, "attach-evidence", UNIT, **after)
        problem = self._do(gateway, problem, "submit", UNIT)
        return self._do(gateway, problem, "approve", INSPECTOR, result="qualified")

    def _do(
        self, gateway: httpx.Client, problem: Json, command: str, who: dict[str, str], **body: Any
    ) -> Json:
        guarded = {**who, "If-Match": f'"{problem["version"]}"'}
        return self._posted(gateway, f"/v1/problems/{problem['id']}/{command}", guarded, body, 200)

    def _posted(
        self, http: httpx.Client, path: str, who: dict[str, str], body: Any, status: int
    ) -> Json:
        answer = http.post(path, headers={**who, "Prefer": "wait=20"}, json=body)
        assert answer.status_code == status, f"{path}: {answer.text}"
        found: Json = answer.json()
        return found

    def _tasks_reported(self, gateway: httpx.Client) -> None:
        for line in ("dust", "energy", "mobile"):
            tasks = gateway.get("/v1/tasks", params={"line": line, "limit": 200}).json()["items"]
            numeric = [t for t in tasks if (t["indicator"] or {}).get("target")]
            for number, task in enumerate(numeric):
                report = {"value": task["indicator"]["target"] * (0.6 + number / 5), "text": "月报"}
                self._do_task(gateway, task, report)

    def _do_task(self, gateway: httpx.Client, task: Json, report: Json) -> None:
        guarded = {**LEAD, "If-Match": f'"{task["version"]}"'}
        self._posted(gateway, f"/v1/tasks/{task['id']}/report", guarded, report, 200)

    def _signals(self) -> None:
        now = self.now().replace(microsecond=0)
        hour = now.replace(minute=0, second=0)
        for station in ("JX-1", "JX-2"):
            self._sent("hotspot", "station-hourly", {
                "device_id": station, "observed_at": hour.isoformat(), "avg_period": "PT1H",
                "pm25": 80, "pm10": 140, "so2": 9, "no2": 40, "co": 0.8, "o3": 60,
            })  # fmt: skip
        self._sent("episode", "alert", {
            "device_id": "市指挥部", "observed_at": now.isoformat(), "issuer": "市指挥部",
            "level": "orange", "starts_at": now.isoformat(),
        })  # fmt: skip
        for minute in range(3):
            at = hour - timedelta(hours=minute)
            self._sent("dust", "site-monitor", {
                "device_id": "G-7", "site": "G-7", "observed_at": at.isoformat(),
                "avg_period": "PT1H", "tsp": 1800, "pm10": 300, "lon": 116.3, "lat": 35.06,
            })  # fmt: skip
        asyncio.run(self._rubbish())

    def _sent(self, line: str, code: str, body: Json) -> None:
        with httpx.Client(base_url=self.world.address(line), timeout=30) as http:
            self._posted(http, f"/v1/signals/{code}", DEVICE, body, 202)

    async def _rubbish(self) -> None:
        producer = Producer(self.world.kafka_address, "rubbish", seconds=30)
        topic = line_topic(NAMESPACE, "dust", LineTopic.SIGNALS)
        try:
            await producer.send(topic, b"x", b"this is no signal", [])
        finally:
            await producer.stop()
