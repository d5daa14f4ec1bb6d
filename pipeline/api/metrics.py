"""The service's own figures, as Prometheus reads them, in a registry of their own."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counters and gauges; none of them names a key, a file or a photo."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.calls = Counter(
            "telltale_requests", "Calls answered.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "telltale_request_seconds", "Time of a call.", ["route"], buckets=SECONDS, registry=self.registry
        )
        self.photos = Counter(
            "telltale_photos", "Photos by verdict, or by the code of the error.", ["verdict"], registry=self.registry
        )
        self.batches = Histogram(
            "telltale_batch_photos", "Photos examined together.", buckets=(1, 2, 4, 8, 16), registry=self.registry
        )
        self.refused = Counter("telltale_refused", "Calls refused, by reason.", ["reason"], registry=self.registry)
        self.waiting = Gauge("telltale_queue_photos", "Photos that wait to be examined.", registry=self.registry)
        self.held = Gauge("telltale_held_photos", "Photos of calls under way.", registry=self.registry)
        self.jobs = Gauge("telltale_jobs_unfinished", "Jobs that are not finished.", registry=self.registry)

    def text(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return generate_latest(self.registry)
