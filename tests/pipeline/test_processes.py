"""Work in other processes: in order, few pieces in flight, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from itertools import count

import pytest

from pipeline.errors import Interrupted
from pipeline.processes import AHEAD, in_order

SLEEPER = """
import os, time
from pipeline.processes import in_order
def work(number):
    print(os.getpid(), flush=True)
    time.sleep(60)
if __name__ == "__main__":
    list(in_order(work, range(8), 2))
"""


def die(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_work(workers):
    assert list(in_order(str, range(30), workers)) == [str(number) for number in range(30)]


def test_work_is_taken_only_as_fast_as_it_is_done():
    taken = []
    endless = (taken.append(number) or number for number in count())
    results = in_order(abs, endless, 2)
    assert [next(results) for _ in range(5)] == list(range(5))
    assert len(taken) <= 5 + 2 * AHEAD
    results.close()


def test_a_killed_worker_is_told():
    with pytest.raises(Interrupted, match="run the same command again"):
        list(in_order(die, range(3), 2))


def test_workers_end_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "sleeper.py"
    script.write_text(SLEEPER)
    environment = os.environ | {"PYTHONPATH": os.getcwd()}  # noqa: PTH109
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment)
    assert parent.stdout is not None
    with parent.stdout as said:
        workers = {int(said.readline()) for _ in range(2)}
    parent.kill()
    parent.wait()
    until = time.monotonic() + 20
    while any(alive(worker) for worker in workers) and time.monotonic() < until:
        time.sleep(0.1)
    assert len(workers) == 2 and not any(alive(worker) for worker in workers)


def alive(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
