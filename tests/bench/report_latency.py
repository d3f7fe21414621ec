"""Report → 201, and answer → visible in the list, through a running gateway. Prints medians.

`python -m tests.bench.report_latency [GATEWAY] [COUNT]` against a running system (`make up`). It
registers problems: run it on a system whose ledgers may hold them. The floor is `GET /healthz` in
the same run.
"""

from __future__ import annotations

import statistics
import sys
import time
import uuid

import httpx


def main(gateway: str = "http://127.0.0.1:8000", count: str = "60") -> None:
    answered, visible, floor = [], [], []
    with httpx.Client(base_url=gateway, timeout=15) as client:
        for number in range(int(count)):
            word = f"bench{uuid.uuid4().hex[:10]}"
            started = time.perf_counter()
            client.get("/healthz").raise_for_status()
            floor.append(time.perf_counter() - started)
            started = time.perf_counter()
            response = client.post(
                "/v1/problems",
                headers={"X-Actor": "bench", "X-Role": "coordinator", "Idempotency-Key": word},
                json={
                    "line": "dust",
                    "title": f"{word} {number}",
                    "severity": "general",
                    "location": {"lon": 116.3, "lat": 35.05, "town": "370828001"},
                },
            )
            answered.append(time.perf_counter() - started)
            assert response.status_code == 201, response.text
            started = time.perf_counter()
            while not client.get("/v1/problems", params={"q": word}).json()["items"]:
                assert time.perf_counter() - started < 10, "not visible within 10 s"
            visible.append(time.perf_counter() - started)
    for name, times in (("floor", floor), ("answered", answered), ("visible after", visible)):
        ordered = sorted(times)
        print(
            f"{name:14s} median {statistics.median(times) * 1000:7.1f} ms"
            f"  p95 {ordered[int(len(ordered) * 0.95)] * 1000:7.1f} ms"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
