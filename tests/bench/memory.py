"""What processes take of the machine's memory: `python -m tests.bench.memory`.

For the limits in docker-compose.yml and the sizes in deploy/README.md. Resident memory of two lines,
the gateway and both engines, idle and after some work, from the system's own accounts.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import httpx
import psutil

from deploy.launcher.world import World

REPORTS = 600
PROCESSES = ("dust", "hotspot", "gateway", "kafka", "mongo")
CLERK = {"X-Actor": "zhang", "X-Role": "department", "X-Unit": "housing"}
BODY = {
    "line": "dust",
    "title": "工地裸土未覆盖",
    "severity": "general",
    "location": {"lon": 116.3, "lat": 35.05, "town": "370828001"},
}


def measure(world: World) -> dict[str, int]:
    """Process → MiB, children among them."""
    found = {}
    for name in PROCESSES:
        process = psutil.Process(world.pid(name))
        family = (process, *process.children(recursive=True))
        found[name] = sum(each.memory_info().rss for each in family) >> 20
    return found


def main() -> None:
    """Print both measurements, a line a process."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), only=["dust", "hotspot", "gateway"])
        try:
            world.start()
            idle = measure(world)
            with httpx.Client(base_url=world.address("gateway"), timeout=30) as gateway:
                for _ in range(REPORTS):
                    gateway.post("/v1/problems", headers=CLERK, json=BODY).raise_for_status()
                gateway.get("/v1/exports/problems.xlsx", headers=CLERK).raise_for_status()
            busy = measure(world)
        finally:
            world.stop()
    print(f"resident MiB: idle, and after {REPORTS} reports and an export of them")
    for name in PROCESSES:
        print(f"{name:10} {idle[name]:5} {busy[name]:5}")


if __name__ == "__main__":
    main()
