"""The summary of a batch: what came out, how fast, by what; kept beside the parts as summary.json."""

from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from models.files import write_json
from pipeline.bulk.cost import core_hours
from pipeline.bulk.parts import Facts
from pipeline.bulk.plan import Plan
from pipeline.bulk.sieve import Sieve
from pipeline.storage.clock import now
from pipeline.storage.names import as_text
from pipeline.storage.whole import whole_file

PACKAGES = ("onnxruntime", "ai-edge-litert", "numpy", "pillow", "opencv-python-headless", "pyarrow")


@dataclass
class BatchSummary:
    """What is kept of a batch beside its parts.

    Attributes:
        source: path or address.
        release: what judged; with a sieve the first one.
        engine: "local" or "ray".
        sieve: as it was used; None for none.
        started: this call, UTC, ISO 8601.
        workers: of this call.
        complete: whether everything that was listed is scored.
    """

    source: str
    release: str
    engine: str
    sieve: Sieve | None = None
    started: str = field(default_factory=now)
    workers: int = 0
    complete: bool = False
    _earlier: int = 0

    def begin(self, total: Facts, workers: int) -> None:
        """Note what earlier calls have done.

        Args:
            total: their facts.
            workers: of this call.
        """
        self.workers, self._earlier = workers, _photos(total)

    def record(self, total: Facts, plan: Plan, seconds: float) -> dict[str, Any]:
        """Return the summary as it is kept.

        Args:
            total: facts of all parts.
            plan: the batch.
            seconds: that this call scored for, its workers' start included.
        """
        photos, mine = _photos(total), _photos(total) - self._earlier
        by_core = photos / total.seconds if total.seconds else None
        return total.account.as_dict() | {
            "verdicts": dict(total.verdicts),
            "judged_by": dict(total.releases),
            "complete": self.complete,
            "inputs": plan.inputs,
            "chunk": plan.size,
            "source": as_text(self.source),
            "release": self.release,
            "sieve": self._sieve(),
            "engine": self.engine,
            "workers": self.workers,
            "this_call": {
                "photos": mine,
                "seconds": round(seconds, 1),
                "photos_a_second": round(mine / seconds, 2) if mine and seconds else None,
            },
            "core_seconds": round(total.seconds, 1),
            "processor_seconds": round(total.busy, 1),
            "photos_a_core_second": by_core and round(by_core, 3),
            "core_hours_a_million": by_core and round(core_hours(by_core), 2),
            "started": self.started,
            "ended": now(),
            "versions": {name: version(name) for name in PACKAGES},
        }

    def _sieve(self) -> dict[str, Any] | None:
        if self.sieve is None:
            return None
        figures = {"recall": self.sieve.recall.as_dict(), "untouched_sent_on": self.sieve.sent.as_dict()}
        return {"thorough": self.sieve.thorough, "threshold": self.sieve.threshold} | figures

    def write(self, path: Path, total: Facts, plan: Plan, seconds: float) -> None:
        """Write the summary, whole or not at all.

        Raises:
            OSError: it cannot be written.
        """
        with whole_file(path) as part:
            write_json(part, self.record(total, plan, seconds))


def _photos(facts: Facts) -> int:
    return facts.account.examined + facts.account.refused.total()
