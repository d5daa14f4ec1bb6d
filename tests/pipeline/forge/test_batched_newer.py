"""What is particular to each batched operation of the forge's second generation."""

import numpy as np
import pytest
import torch

from pipeline.face import LIPS
from pipeline.forge.batched import Crops, batched, filters, remaking
from pipeline.forge.batched.donors import side_light
from pipeline.forge.batched.geometry import hull
from pipeline.forge.batched.operations import clone_stamp, recolour
from pipeline.forge.geometry import filters as usual_filters
from pipeline.forge.geometry.donors import side_light as usual_side_light
from pipeline.forge.geometry.masks import EYES
from pipeline.forge.operations import detail_levels
from pipeline.forge.operations.seamless_swap import KEPT
from tests.pipeline.forge.batched_faces import faces, lenders, square

PAIR = (square("collins"), square("hopper"))


def test_filters_are_those_of_single_photos():
    pixels, sigma = faces().pixels[:2], torch.tensor([0.7, 1.5])
    levels, rest = filters.detail_levels(pixels, sigma, 4)
    assert float((sum(levels) + rest - pixels).abs().max()) < 1e-2
    sharp = filters.sharpen_edges(pixels, sigma, torch.tensor([1.0, 2.5]), 1.5, 30.0)
    for place, one in enumerate(PAIR):
        usual, _ = usual_filters.detail_levels(one.rgb.astype(np.float32), float(sigma[place]), 4)
        for mine, level in zip(levels, usual, strict=True):
            assert np.abs(mine[place].permute(1, 2, 0).numpy() - level).max() < 0.6
        amount = (1.0, 2.5)[place]
        made = usual_filters.sharpen_edges(one.rgb.astype(np.float32), float(sigma[place]), amount, 1.5, 30.0)
        assert np.abs(sharp[place].permute(1, 2, 0).numpy() - made).max() < 0.8


def test_gains_and_light_are_those_of_single_photos():
    mine = batched("detail_levels")
    assert mine.label == "facetune"
    from pipeline.forge.batched.operations.detail_levels import gains

    shares = gains(*(torch.tensor([value]) for value in (0.8, 90.0, 0.03, 2.0)))[0]
    assert np.allclose(shares.numpy(), detail_levels.gains(0.8, 90.0, 0.03, 2.0), atol=1e-5)
    assert float(shares[0]) == 0 and float(shares.max()) > 0.5
    for place, one in enumerate(PAIR):
        assert abs(float(side_light(faces())[place]) - usual_side_light(one)) < 3


def test_noise_of_a_band_has_spread_one():
    noise = remaking.noise_in_band(faces().draws("test"), faces().shape, torch.full((8,), 1.5))
    assert abs(float(noise.std()) - (1 + remaking.COLOURED**2) ** 0.5) < 0.08


def test_a_seamless_swap_refuses_glasses_and_keeps_what_is_drawn():
    crops = faces()
    edit = batched("seamless_swap").run(crops, lenders())
    assert edit.changed.tolist() == [True, False] * 4  # Hopper wears glasses; a face swap takes some all the same
    assert bool(batched("face_swap").run(crops, lenders()).changed[1::2].any())
    draws = crops.draws("seamless_swap")
    same = (edit.pixels == crops.pixels.to(torch.uint8)).all(dim=1)
    for name, share, outlines in zip(("mouth", "eyes"), KEPT, ((LIPS,), EYES), strict=True):
        kept = draws.chance(name, share)
        for outline in outlines:
            where = hull(crops, outline)[:, 0] > 0.99
            stays = torch.stack([bool_map[inside].all() for bool_map, inside in zip(same, where, strict=True)])
            assert torch.equal(stays[edit.changed], kept[edit.changed])


def test_remade_is_all_of_the_crop():
    edit = batched("remade").run(faces())
    assert bool((edit.mask == 1).all()) and bool(edit.bits.all())


def test_recolouring_leaves_the_eyes_alone(monkeypatch: pytest.MonkeyPatch):
    inner = torch.maximum(*(hull(faces(), eye, -1.0) for eye in EYES))[:, 0] > 0.9
    for share in (0.0, 1.0):
        monkeypatch.setattr(recolour, "BY_HAIR", share)
        edit = batched("recolour").run(faces())
        assert bool(edit.changed[0]) and float(edit.mask[inner].max()) < 0.3
        assert bool(edit.changed[1]) == (share == 0)  # Hopper wears a hat


def test_a_stamp_copies_pixels(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clone_stamp, "STROKES", (1, 1))
    monkeypatch.setattr(clone_stamp, "OPACITY", (1.0, 1.0))
    monkeypatch.setattr(clone_stamp, "HEALED", 0.0)
    crops = Crops(faces().pixels, faces().landmarks, faces().seeds + 20, faces().flipped)
    edit = batched("clone_stamp").run(crops)
    known = clone_stamp._known(crops, clone_stamp.skin(crops))
    draws = crops.draws("clone_stamp").below("stroke 0")
    _, offset, found = clone_stamp._places(crops, known, draws, torch.full((8,), clone_stamp.LARGEST_GAP[0]))
    assert torch.equal(found > 0, edit.changed) and int(edit.changed.sum()) > 2
    for place in edit.changed.nonzero()[:, 0].tolist():
        rows, columns = (edit.mask[place] > 0.999).nonzero(as_tuple=True)
        across, down = offset[place].long().tolist()
        lent = crops.pixels[place, :, rows + down, columns + across]
        assert torch.equal(edit.pixels[place, :, rows, columns].float(), lent)
