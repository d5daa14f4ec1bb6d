"""What a batch tells of itself: how far it is, what a million photos cost, and the parts as one table."""

import pandas as pd
import pytest

from pipeline.bulk import progress
from pipeline.bulk.cost import core_hours, costs
from pipeline.bulk.inputs import Input
from pipeline.bulk.parts import FOLDER, Facts, Scored, done_parts, lost, read_rows, write_part
from pipeline.bulk.plan import LARGEST, SMALLEST, Plan, size_of_chunks
from pipeline.bulk.progress import BatchProgress, duration


def test_rate_and_time_left_are_those_of_this_call(monkeypatch, capsys):
    clock = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    shown = BatchProgress(10_000, 4_000)
    clock[0] = 160.0  # networks were loaded meanwhile
    shown.add(64, 0)
    clock[0] = 200.0
    shown.add(400, 3)
    assert "4,464 of 10,000 (45 %), 10.0 photos/s, 9 min left" in capsys.readouterr().err
    shown.close()
    assert [duration(seconds) for seconds in (40, 720, 12_000)] == ["40 s", "12 min", "3 h 20 min"]


def test_costs_add_up_until_the_parent_has_no_second_left():
    one, four, many = costs(20.0, 2, (1, 4, 1000), driver_seconds=0.0005, price=0.05)
    assert core_hours(20.0) == pytest.approx(13.89, abs=0.01) == one.core_hours
    assert (one.photos_a_second, four.photos_a_second, many.photos_a_second) == (40, 160, 2000)
    assert four.hours == pytest.approx(one.hours / 4) and four.core_hours == pytest.approx(one.core_hours)
    assert many.core_hours > one.core_hours and one.price == pytest.approx(one.core_hours * 0.05)
    assert costs(20.0, 2, (1000,))[0].photos_a_second == 40_000


def test_parts_are_one_table_for_whoever_reads_them(tmp_path):
    (tmp_path / FOLDER).mkdir()
    inputs = [Input(f"/{n}.jpg".encode(), number=n, count=n + 1) for n in range(3)]
    for chunk, one in enumerate(inputs):
        write_part(tmp_path, chunk, lost(one))
    (tmp_path / FOLDER / ".part-0000009.parquet.ab.part").write_bytes(b"half")
    facts = dict(done_parts(tmp_path))
    assert sorted(facts) == [0, 1, 2] and facts[2].account.handed_over == facts[2].account.refused.total() == 3
    assert len(list((tmp_path / FOLDER).iterdir())) == 3, "what was half written is gone"
    table = pd.read_parquet(tmp_path / FOLDER)
    assert list(table.input) == [0, 1, 2] and list(table.stands_for) == [1, 2, 3]
    assert read_rows(tmp_path).column("path").to_pylist() == ["/0.jpg", "/1.jpg", "/2.jpg"]
    assert Facts.from_dict(facts[2].as_dict()) == facts[2]


def test_pieces_of_a_chunk_come_in_the_order_of_its_inputs():
    pieces = [lost(Input(b"/a", number=number)) for number in (5, 3, 4)]
    joined = Scored.join(pieces)
    assert joined.rows.column("input").to_pylist() == [3, 4, 5] and joined.facts.account.handed_over == 3


@pytest.mark.parametrize(("inputs", "size"), [(0, SMALLEST), (100, SMALLEST), (1000, 15), (20_000, LARGEST)])
def test_chunks_grow_with_the_batch_and_hold_all_of_it(tmp_path, inputs, size):
    assert size_of_chunks(inputs) == size
    plan = Plan(tmp_path, inputs, size)
    assert sum(map(plan.inputs_of, range(-(-inputs // size)))) == inputs
