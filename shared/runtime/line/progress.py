"""How far a line's relay and stream are, as gauges that are read when somebody asks."""

import time

from shared.runtime import metrics
from shared.runtime.relay import Relay
from shared.runtime.worker.worker import Worker


def measure_progress(line: str, relay: Relay, worker: Worker) -> None:
    """Connect the gauges of `line` to its running parts."""
    started = time.monotonic()
    metrics.RELAY_BACKLOG.labels(line).set_function(lambda: relay.backlog)
    metrics.RELAY_OLDEST.labels(line).set_function(lambda: relay.oldest_seconds)
    metrics.STREAM_LAG.labels(line).set_function(lambda: worker.lag.behind)
    metrics.STREAM_IN_HAND.labels(line).set_function(lambda: worker.lag.in_hand)
    metrics.LAST_PROGRESS.labels(line, "relay").set_function(
        lambda: time.monotonic() - relay.last_progress
    )
    metrics.LAST_PROGRESS.labels(line, "stream").set_function(
        lambda: time.monotonic() - (worker.last_progress or started)
    )
