"""Names that hold what else ends a line, and more posts than can be added up anew each time."""

import json
import math
from datetime import datetime, timedelta

import pytest

from pipeline.reach import posts
from pipeline.reach.engagement import Row
from pipeline.reach.posts import engaged_of
from pipeline.reach.scored import scored_of_results
from pipeline.reach.views import PerView

RECORD = {"path": "one.jpg", "sha256": "aa" * 32, "verdict": "deepfake", "p_edited": 0.9, "p_deepfake": 0.8}
REFUSED = {"path": "three.jpg", "error": {"code": "unreadable_photo", "message": "It is no photo."}}


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\x85"])
def test_a_name_may_hold_what_else_ends_a_line(tmp_path, odd):
    records = [RECORD | {"path": f"one{odd}copy.jpg"}, REFUSED]
    path = tmp_path / "results.jsonl"
    path.write_text("\r\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8")
    assert [photo.name for photo in scored_of_results(path).photos] == [f"one{odd}copy.jpg", "three.jpg"]


def test_growth_is_a_running_total_and_exact(monkeypatch):
    rows = [
        Row(
            n,
            "a",
            url=f"https://x/{n % 300}",
            platform="x",
            followers=n + 1,
            posted=datetime(2026, 3, 1) + timedelta(minutes=n),
        )
        for n in range(900)
    ]
    added = [0]

    def counted(values, *start):
        values = list(values)
        added[0] += len(values)
        return sum(values, *start)

    monkeypatch.setattr(posts, "sum", counted, raising=False)
    growth = engaged_of(rows, PerView()).growth
    reach = [row.followers * 0.1 for row in rows]
    assert [total for _, total in growth] == [math.fsum(reach[max(0, n - 299) : n + 1]) for n in range(900)]
    assert added[0] < 10 * len(rows), "not all posts at each step"
