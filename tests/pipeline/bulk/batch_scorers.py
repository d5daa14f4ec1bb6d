"""Scorers without networks for the tests of batches; worker processes and killed parents load them by name."""

import os
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pipeline.bulk.fetch import items_of
from pipeline.bulk.parts import Facts, Scored, row_of, table_of
from pipeline.bulk.stuck import ended_if_stuck
from pipeline.errors import UnknownName
from pipeline.records import begin_record, failure


@dataclass(frozen=True)
class Pretend:
    """Reads inputs as a batch does, and calls every photo real.

    Attributes:
        pause: seconds a chunk takes.
        poison: ends the process at every photo whose address ends so.
        endless: never comes to an end with every photo whose address ends so.
        once: a file that is made when the process ends itself, at its first chunk; "" for never.
        vanish: a folder that is removed after the first chunk.
    """

    pause: float = 0.0
    poison: bytes = b"?"
    endless: bytes = b"?"
    once: str = ""
    vanish: str = ""

    def __call__(self):
        return self

    def score(self, inputs):
        with ended_if_stuck():
            return self._score(inputs)

    def _score(self, inputs):
        if self.once and not Path(self.once).exists():
            Path(self.once).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        facts, rows, sources = Facts(seconds=self.pause), [], {one.number: one.shown for one in inputs}
        time.sleep(self.pause)
        places = dict.fromkeys(sources, 0)
        for number, item in items_of(inputs):
            if sources[number].encode().endswith(self.poison):
                os.kill(os.getpid(), signal.SIGKILL)
            while sources[number].encode().endswith(self.endless):
                time.sleep(1)
            facts.account.receive(item)
            if item.left_out:
                continue
            told = {"sha256": sha256(item.data).hexdigest(), "verdict": "real", "p_edited": 0.1, "p_deepfake": None}
            told = {"error": failure(item.error, item.count)} if item.error else told | {"faces": [], "release": "none"}
            record = begin_record(item.name, item.raw_name) | told
            rows.append(row_of(number, places[number], sources[number], record))
            places[number] += 1
            facts.note(record, item.count)
        if self.vanish:
            shutil.rmtree(self.vanish, ignore_errors=True)
        return Scored(table_of(rows), facts)


@dataclass(frozen=True)
class Stillborn:
    """Ends the process while it loads."""

    def __call__(self):
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Unknown:
    """Cannot load what it was told to."""

    def __call__(self):
        raise UnknownName("There is no release of that name.")


def main() -> None:
    """Run a batch as a process of its own, to be killed: SOURCE OUT PAUSE."""
    from pipeline.bulk.batch import Batch, run  # workers load this file too, and need none of it

    source, out, pause = sys.argv[1:]
    sys.exit(run(Batch(source, Path(out), resume=True, workers=2), Pretend(float(pause))))
