"""Every batched operation of the forge, by the same rules; the faces are small squares of sample_data's originals."""

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
import torch

from models.errors import UnknownName
from pipeline.forge import Edit, Subject, all_operations, operation
from pipeline.forge.batched import BatchedOperation, Crops, Edits, all_batched, batched
from pipeline.forge.batched.geometry import parts
from tests.pipeline.forge.batched_faces import batch_of, faces, lenders, square

ALL = sorted(all_batched())
PASTES = [name for name in ALL if batched(name).needs_donor]
WHOLE = ("remade",)
"""Operations that edit all of the crop."""
FEW = torch.arange(3)
every = pytest.mark.parametrize("name", ALL)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small batches: threads would wait for each other longer than they work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@cache
def edited(name: str, strength: float = 1.0) -> Edits:
    return batched(name).run(faces(), lenders(), strength)


@cache
def single(name: str) -> list[Edit]:
    """Return what the single-photo operation makes of the same faces and donors."""
    made = []
    for place, (pixels, points) in enumerate(zip(lenders().pixels, lenders().landmarks, strict=True)):
        donor = Subject(pixels.permute(1, 2, 0).numpy().astype(np.uint8), points.numpy())
        subject = square(("collins", "hopper")[place % 2])
        made.append(operation(name).run(subject, donor, np.random.default_rng(place), 1.0))
    return made


def levels(one: Edits, crops: Crops) -> torch.Tensor:
    """Return how far each pixel moved, (B, H, W), in levels of its strongest channel."""
    return (one.pixels.int() - crops.pixels.int()).abs().amax(dim=1)


def test_every_operation_has_a_batched_form_of_its_name_label_and_kind():
    assert sorted(all_operations()) == ALL
    for name in ALL:
        one, usual = batched(name), operation(name)
        assert isinstance(one, BatchedOperation) and one.edit.__module__ == f"pipeline.forge.batched.operations.{name}"
        known = (one.name, one.label, one.kind, one.needs_donor)
        assert known == (name, usual.label, usual.kind, usual.needs_donor)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="smooth_skin"):
        batched("smoothskin")


@every
@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_the_mask_covers_what_changed(name: str, strength: float):
    one, moved = edited(name, strength), levels(edited(name, strength), faces())
    assert one.pixels.dtype == torch.uint8 and one.mask.dtype == torch.float32 and one.bits.dtype == torch.bool
    assert one.pixels.shape == faces().pixels.shape and one.bits.shape == (len(faces()), 4)
    assert bool(((one.mask >= 0) & (one.mask <= 1)).all())
    assert not bool(moved[one.mask == 0].any())
    assert bool(one.changed.any()) and bool((moved.flatten(1).amax(dim=1) > 0)[one.changed].all())
    if strength == 1:
        assert float(moved[one.mask > 0.5].float().mean()) > 2  # and it covers no more than is to be seen
        share = float((one.mask > 0.1).float().mean())
        assert share == 1 if name in WHOLE else 0.002 < share < 0.5


@every
def test_bits_fit_the_mask(name: str):
    one, places = edited(name), parts(faces())
    share = (one.mask[:, None] * places).sum(dim=(2, 3)) / places.sum(dim=(2, 3))
    assert not bool(one.bits[~one.changed].any())
    assert float(share[one.bits].min() if one.bits.any() else 1) > 0
    if name in ("denoised", "enhancer", "face_swap", "resynthesis", "seamless_swap"):
        assert bool((one.bits == (share > 0.25))[one.changed].all())
    if name == "part_composite":
        assert float(share[one.bits].min()) > 0.4 and float(share[~one.bits].max()) < 0.4


@every
def test_a_mirrored_crop_gives_the_mirrored_edit(name: str):
    crops, donors = faces().mirrored(), lenders().mirrored()
    assert bool(crops.flipped.all()) and not torch.equal(crops.pixels, faces().pixels)
    one, other = edited(name), batched(name).run(crops, donors)
    apart = (one.pixels.int() - other.pixels.flip(3).int()).abs()
    assert float((apart > 1).float().mean()) < 4e-3  # where a JPEG's rounding tips over
    assert float(apart.float().mean()) < 0.02
    assert float((one.mask - other.mask.flip(2)).abs().max()) < 0.01
    assert torch.equal(one.bits, other.bits[:, [1, 0, 2, 3]])


@every
def test_alone_as_in_a_batch(name: str):
    one = edited(name)
    for place in (1, 6):
        at = torch.tensor([place])
        alone = batched(name).run(faces().at(at), lenders().at(at))
        apart = (alone.pixels[0].int() - one.pixels[place].int()).abs()
        assert int(apart.max()) <= 1 and float((apart > 0).float().mean()) < 1e-3
        assert float((alone.mask[0] - one.mask[place]).abs().max()) < 1e-3
        assert torch.equal(alone.bits[0], one.bits[place])


@every
def test_seeds_differ_and_the_same_seed_gives_the_same_bytes(name: str):
    subjects = [square("collins")] * 6
    crops, donors = batch_of(subjects, [1, 2, 3, 4, 5, 1]), lenders().at(torch.zeros(6, dtype=torch.long))
    one = batched(name).run(crops, donors)
    assert torch.equal(one.pixels[0], one.pixels[5]) and torch.equal(one.mask[0], one.mask[5])
    assert len({picture.numpy().tobytes() for picture in one.pixels}) > 2


@every
def test_as_strong_as_the_single_photo_operation(name: str):
    """Seeds draw other things in the two, so what is compared is how much of a face changes, and by how much."""
    one, usual = edited(name), single(name)
    places = enumerate(usual)
    moved = [np.abs(edit.rgb.astype(int) - square(("collins", "hopper")[place % 2]).rgb) for place, edit in places]
    mine = (one.pixels.float() - faces().pixels).abs().mean()
    assert 0.5 < float(mine) / float(np.mean(moved)) < 2
    assert 0.6 < float(one.mask.mean()) / float(np.mean([edit.mask for edit in usual])) < 1.7
    assert abs(float(one.changed.float().mean()) - float(np.mean([edit.changed for edit in usual]))) < 0.3


@pytest.mark.parametrize("name", [name for name in ALL if name not in PASTES])
def test_more_strength_changes_more(name: str):
    assert float(levels(edited(name, 0.3), faces()).float().mean()) < float(
        levels(edited(name), faces()).float().mean()
    )


@every
def test_strength_0_and_faces_that_are_none_are_left_alone(name: str):
    points = faces().landmarks[:4].clone()
    points[0], points[1], points[2] = 0.0, float("nan"), points[2] + 5000
    crops = Crops.of(faces().pixels[:4], points, torch.arange(4))
    strengths = torch.tensor([1.0, 1.0, 1.0, 0.0])
    one = batched(name).run(crops, lenders().at(torch.arange(4)), strengths)
    assert not bool(one.changed.any()) and not bool(one.bits.any())
    assert torch.equal(one.pixels, crops.pixels.to(torch.uint8))


@every
@pytest.mark.parametrize("level", [0, 255])
def test_a_flat_picture(name: str, level: int):
    crops = faces().at(torch.arange(2)).showing(torch.full_like(faces().pixels[:2], float(level)))
    one = batched(name).run(crops, lenders().at(torch.arange(2)))
    assert not bool(levels(one, crops)[one.mask == 0].any()) and bool(torch.isfinite(one.mask).all())


def test_crops_need_not_be_square():
    wide = Crops.of(faces().pixels[:2, :, 8:106], faces().landmarks[:2] - torch.tensor([0.0, 8.0]), torch.arange(2))
    donors = Crops.of(
        lenders().pixels[:2, :, 8:106], lenders().landmarks[:2] - torch.tensor([0.0, 8.0]), torch.arange(2)
    )
    for name in ("blemish", "face_swap", "self_blend"):
        one = batched(name).run(wide, donors)
        assert one.pixels.shape == wide.pixels.shape and bool(one.changed.all())


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_a_strength_outside_0_to_1_is_an_error(strength: float):
    with pytest.raises(ValueError, match="strengths"):
        batched("makeup").run(faces(), None, strength)


def test_donors_that_are_missing_or_of_another_size_are_an_error():
    for name in PASTES:
        for donors in (None, lenders().showing(lenders().pixels[..., :90])):
            with pytest.raises(ValueError, match="donor"):
                batched(name).run(faces(), donors)


@pytest.mark.parametrize("name", PASTES)
def test_a_donor_that_does_not_fit_is_refused(name: str):
    turned = lenders().landmarks.clone()
    turned[:, 1, 0] += 0.5 * lenders().unit  # the nose's tip far to the side
    donors = Crops(lenders().pixels, turned, lenders().seeds, lenders().flipped)
    inverted = lenders().showing(255 - lenders().pixels)
    for unfit in (donors, inverted):
        assert not bool(batched(name).run(faces().at(FEW), unfit.at(FEW)).changed.any())
