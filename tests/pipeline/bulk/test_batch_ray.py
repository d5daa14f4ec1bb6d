"""The same batch on a Ray cluster of this machine: two workers, one of which is killed in the middle."""

import os
import sys
from pathlib import Path

import pytest
from batch_scorers import Pretend

from pipeline.bulk.batch import Batch, run
from pipeline.bulk.parts import read_rows
from pipeline.bulk.plan import SUMMARY
from pipeline.errors import BadSource
from pipeline.storage.read_json import read_json

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.filterwarnings("ignore")  # of Ray's own

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def cluster():
    """A cluster with two cores, whose workers find the project and this folder."""
    paths = os.pathsep.join((str(HERE), str(HERE.parents[2]), *filter(None, sys.path)))
    environment = {"env_vars": {"PYTHONPATH": paths}}
    ray.init(num_cpus=2, include_dashboard=False, logging_level="warning", runtime_env=environment)
    yield
    ray.shutdown()


def test_a_killed_actor_neither_repeats_nor_loses_a_photo(cluster, photos, tmp_path):
    out, once, here = tmp_path / "ray", tmp_path / "once", tmp_path / "local"
    assert run(Batch(str(photos), out, workers=2, engine="ray"), Pretend(pause=0.1, once=str(once))) == 0
    assert once.exists(), "one of two workers ended itself over its first chunk"
    assert run(Batch(str(photos), here, workers=1), Pretend()) == 0
    assert read_rows(out).equals(read_rows(here)) and len(read_rows(out)) == 40
    kept = read_json(out / SUMMARY, BadSource, "summary")
    assert (kept["engine"], kept["workers"], kept["complete"], kept["examined"]) == ("ray", 2, True, 40)
