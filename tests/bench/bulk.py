"""Batches: photos a second of a core at more and more photos, beside the sum of its parts; memory; what a million cost.

Parts and rates are in processor time, which work beside it hardly changes: waiting for a core is not in them.
BENCH_BULK_MOST: photos of the largest batch, 1,000 by default and at most 20,000; BENCH_BULK_RELEASE: quick by default.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.bulk.cost import costs
from pipeline.bulk.inputs import Input
from pipeline.bulk.order import Order
from pipeline.bulk.parts import FOLDER, Scored, write_part
from pipeline.bulk.plan import SUMMARY
from pipeline.cascade import judge
from pipeline.examining.lanes import cores
from pipeline.examining.line_up import line_up
from pipeline.examining.networks import FaceCrops, with_answers
from pipeline.photo import Photo
from pipeline.settings import PROJECT
from tests.bench.photos import portraits

MOST = int(os.environ.get("BENCH_BULK_MOST", "1000"))
RELEASE = os.environ.get("BENCH_BULK_RELEASE", "quick")
COUNTS = (100, 1_000, 5_000, 20_000)
DIFFERENT, MACHINES, PAUSE = 50, (1, 4, 16), 0.2


def throughput() -> dict[str, Any]:
    """Return rates, memory and costs; the parts are measured in a process of their own, on one core."""
    data, found, rate = portraits(DIFFERENT), dict[str, Any](), 0.0
    with tempfile.TemporaryDirectory() as scratch:
        for count in (count for count in COUNTS if count <= MOST):
            kept, megabytes, seconds = _batch(Path(scratch) / str(count), data, count)
            rate = kept["examined"] / kept["processor_seconds"]
            found |= {
                f"{count:,} photos: photos a second of processor time, start apart": round(rate, 2),
                f"{count:,} photos: photos/s of a core, start apart": round(kept["photos_a_core_second"], 2),
                f"{count:,} photos: photos/s, start included": round(count / seconds, 2),
                f"{count:,} photos: peak memory of all processes, MB": megabytes,
            }
    command = [sys.executable, "-c", "import json; from tests.bench.bulk import parts; print(json.dumps(parts()))"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    own = json.loads(done.stdout.splitlines()[-1])
    whole, driver = 1 / rate, own.pop("hand out and write, s")
    found |= {f"{name}, ms": round(1000 * seconds, 2) for name, seconds in own.items()}
    found["sum of decode, faces and networks, ms"] = round(1000 * sum(own.values()), 2)
    found["a photo in the largest batch, ms"] = round(1000 * whole, 2)
    found["the batch over the sum"] = round(whole / sum(own.values()), 2)
    found["handing out and writing a part, of the one parent, ms a photo"] = round(1000 * driver, 3)
    for cost in costs(rate, cores(), MACHINES, driver):
        named = f"a million photos on {cost.machines} machine{'s' * (cost.machines > 1)} of {cores()} cores"
        found[named] = f"{cost.hours:.1f} h, {cost.core_hours:.0f} core hours"
    return found


def _batch(folder: Path, data: list[bytes], count: int) -> tuple[dict[str, Any], int, float]:
    """Run a batch of so many photos; return its summary, the peak memory in MB and the seconds it took."""
    photos, out = folder / "in", folder / "out"
    photos.mkdir(parents=True)
    for number in range(count):
        (photos / f"{number:05}.jpg").write_bytes(data[number % len(data)])
    command = [sys.executable, "-m", "pipeline", "batch", str(photos), "--out", str(out), "--release", RELEASE]
    since, peak = time.perf_counter(), 0
    with subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.DEVNULL) as running:
        while running.poll() is None:
            peak = max(peak, _memory_of(running.pid))
            time.sleep(PAUSE)
    seconds = time.perf_counter() - since
    return json.loads((out / SUMMARY).read_text(encoding="utf-8")), peak // 1024, seconds


def _memory_of(pid: int) -> int:
    """Return the kB that a process and its children hold, what they share counted once (PSS)."""
    total = 0
    for one in (pid, *_children(pid)):
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")
            total += int(text.split("\nPss:")[1].split()[0])
        except (OSError, IndexError):  # it has just ended
            continue
    return total


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def parts() -> dict[str, float]:
    """Return the seconds that one core takes for each part of a photo, and the parent for its share."""
    scorer, data = Order(RELEASE).load(), portraits(DIFFERENT)
    cascade = scorer.cascade
    photos, decode = _mean([partial(Photo.read, one) for one in data])
    lineups, find = _mean([partial(line_up, photo) for photo in photos])
    crops, cut = _mean([partial(FaceCrops.of, lineup.faces) for lineup in lineups])
    _, ask = _mean([lambda c=one: judge(cascade, with_answers(cascade, "edited", c)) for one in crops])
    return {"decode": decode, "faces": find + cut, "networks": ask, "hand out and write, s": _driver(scorer, data)}


def _mean(calls: list[Any]) -> tuple[list[Any], float]:
    calls[0]()  # the first one warms up
    since = time.process_time()
    found = [call() for call in calls]
    return found, (time.process_time() - since) / len(calls)


def _driver(scorer: Any, data: list[bytes]) -> float:
    """Return the seconds a photo that the parent spends on a chunk."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / FOLDER).mkdir()
        (folder / "a.jpg").write_bytes(data[0])
        one = scorer.score([Input(str(folder / "a.jpg").encode(), outright=True, number=0)])
        chunk = Scored.join([one] * 64)
        since = time.process_time()
        for number in range(20):
            write_part(folder, number, chunk)
        return (time.process_time() - since) / 20 / 64
