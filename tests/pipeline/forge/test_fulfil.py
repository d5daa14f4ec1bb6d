"""Carrying out one wish: what cannot be done is a refusal with a reason, and ends nothing."""

import numpy as np
import pytest

from pipeline.errors import NothingToEdit
from pipeline.forge import Edit, Subject, operation
from pipeline.forge import fulfil as module
from pipeline.forge.fulfil import make_edit
from pipeline.forge.operation import NO_BITS, Operation
from pipeline.forge.operations import reshape
from pipeline.forge.orders import Try, Wish
from tests.pipeline.forge.operations.test_operations import face, part_of


def only(warp: str) -> int:
    """Return a seed of which reshaping draws no other warp."""

    def drawn(seed: int) -> list[str]:
        rng = np.random.default_rng(seed)
        return sorted(rng.choice(sorted(reshape.WARPS), size=int(rng.integers(1, 4)), replace=False).tolist())

    return next(seed for seed in range(1000) if drawn(seed) == [warp])


def test_an_edit_of_what_the_photos_edge_cut_off_is_refused():
    cut = part_of(face(), 0, 0, 204, 120)
    edit = operation("reshape").run(cut, None, np.random.default_rng(only("smile")), 1.0)
    assert not edit.changed and edit.steps == ({"refused": "nothing of it lies in the photo"},)
    assert np.array_equal(edit.rgb, cut.rgb) and edit.region_bits == NO_BITS
    with pytest.raises(NothingToEdit, match="reshape: nothing of it lies in the photo"):
        make_edit(cut, Wish(("reshape",), 1.0), Try(only("smile")))


def test_an_operations_own_reason_is_kept():
    donor = Subject(255 - face().rgb, face().landmarks)
    edit = operation("face_swap").run(face(), donor, np.random.default_rng(0), 1.0)
    assert not edit.changed and "nothing of it" not in edit.steps[0]["refused"]


def test_an_empty_edit_without_a_reason_ends_no_run(monkeypatch):
    class Silent(Operation):
        def run(self, subject, *_):
            return Edit(subject.rgb, np.zeros(subject.rgb.shape[:2], np.float32), NO_BITS, ({"way": "none"},))

    silent = Silent("silent", "facetune", "retouch", False, reshape.edit)
    monkeypatch.setattr(module, "operation", lambda _name: silent)
    monkeypatch.setattr(module, "lend_face", lambda *_: None)
    with pytest.raises(NothingToEdit, match="silent: nothing was changed"):
        make_edit(face(), Wish(("silent",), 1.0), Try(1))
