"""What the batched operations share: draws, filters, colours, masks, blends, each against what it stands for."""

import cv2
import numpy as np
import pytest
import torch
from scipy import sparse
from scipy.sparse.linalg import spsolve

from pipeline.face import OVAL, REGIONS
from pipeline.forge.batched import Crops, donors
from pipeline.forge.batched import skin as batched_skin
from pipeline.forge.batched.batch import mirror_order
from pipeline.forge.batched.blending import harmonic, poisson
from pipeline.forge.batched.colour import from_ycc, median_in, to_lab, to_rgb, to_ycc
from pipeline.forge.batched.draws import Draws
from pipeline.forge.batched.geometry import covered_parts, feather, hull
from pipeline.forge.batched.separable import blur, box_mean, low_pass
from pipeline.forge.batched.warping import bend, folded_share, jitter, read_at, similarity, warp
from pipeline.forge.geometry import blending, masks, warping
from pipeline.forge.geometry import donors as usual_donors
from pipeline.forge.geometry.warping import MESH
from tests.pipeline.forge.batched_faces import SIDE, faces, lenders, square

PAIR = (square("collins"), square("hopper"))


def draws(*seeds: int, flipped: bool = False) -> Draws:
    return Draws(torch.tensor(seeds), torch.full((len(seeds),), flipped))


def test_a_draw_depends_on_its_own_seed_and_name_alone():
    both, alone = draws(5, 6), draws(6)
    for shape in ((), (3,), (2, 4, 4)):
        assert torch.equal(both.unit("x", *shape)[1], alone.unit("x", *shape)[0])
    before = alone.unit("x")
    alone.unit("y", 100)
    assert torch.equal(alone.unit("x"), before)
    assert not torch.equal(alone.unit("x"), alone.unit("y")) and not torch.equal(*both.unit("x", 4))
    assert not torch.equal(alone.below("first").unit("x"), alone.below("second").unit("x"))


def test_draws_are_spread_evenly():
    many = draws(*range(4000))
    for drawn in (many.unit("x"), draws(1).unit("x", 4000)[0]):
        counts = torch.histc(drawn, 8, 0, 1)
        assert float((counts - 500).abs().max()) < 110 and float(drawn.min()) >= 0 and float(drawn.max()) < 1
    assert set(many.whole("n", 3).tolist()) == {0, 1, 2}
    assert torch.equal(many.some_of("parts", many.seeds % 5, 4).sum(dim=1), many.seeds % 5)
    grain = draws(1, 2).grain("g", 64, 64)
    assert abs(float(grain.mean())) < 0.05 and abs(float(grain.std()) - 1) < 0.05


def test_what_has_a_side_is_mirrored():
    usual, other = draws(3), draws(3, flipped=True)
    assert torch.equal(usual.sideways("x", 4), -other.sideways("x", 4))
    assert torch.equal(usual.grain("g", 5, 7), other.grain("g", 5, 7).flip(3))
    assert torch.equal(usual.unit("x"), other.unit("x"))


def test_the_mirrored_landmarks_are_a_face_again():
    order = np.array(mirror_order())
    assert (order[order] == np.arange(468)).all() and (order == np.arange(468)).sum() > 10
    assert {order[point] for point in REGIONS["left eye"]} == set(REGIONS["right eye"])
    assert {order[point] for point in OVAL} == set(OVAL)
    twice = faces().mirrored().mirrored()
    assert torch.equal(twice.pixels, faces().pixels) and torch.allclose(twice.landmarks, faces().landmarks, atol=1e-4)
    across, _ = faces().mirrored().axes
    assert bool((across[:, 0] > 0).all())


def test_crops_that_do_not_fit_each_other_are_an_error():
    with pytest.raises(ValueError, match="crops are"):
        Crops.of(faces().pixels, faces().landmarks[:1], faces().seeds)


def test_filters_are_opencvs():
    sigmas, radii = torch.tensor([0.7, 6.0]), torch.tensor([2.0, 9.0])
    pixels = faces().pixels[:2]
    for place, one in enumerate(PAIR):
        picture = one.rgb.astype(np.float32)
        soft = cv2.GaussianBlur(picture, (0, 0), float(sigmas[place]))
        assert np.abs(blur(pixels, sigmas)[place].permute(1, 2, 0).numpy() - soft).max() < 0.5
        side = 2 * int(radii[place]) + 1
        mean = cv2.boxFilter(picture, -1, (side, side))
        assert np.abs(box_mean(pixels, radii)[place].permute(1, 2, 0).numpy() - mean).max() < 0.05
        small = blending.low_pass(one.rgb, 0.37)
        mine = low_pass(pixels, torch.tensor([0.37, 0.37]))[place].permute(1, 2, 0).numpy()
        assert np.abs(mine - small).mean() < 0.1


def test_colours_are_opencvs():
    pixels = faces().pixels[:2]
    for place, one in enumerate(PAIR):
        assert np.abs(to_lab(pixels)[place].permute(1, 2, 0).numpy() - blending.to_lab(one.rgb)).max() < 0.5
    assert float((to_rgb(to_lab(pixels)) - pixels).abs().max()) <= 1
    assert float((from_ycc(to_ycc(pixels)) - pixels).abs().mean()) < 1
    where = torch.zeros(2, 1, SIDE, SIDE, dtype=torch.bool)
    where[0, :, 20:41, 30:51] = True
    assert np.allclose(median_in(pixels, where)[0], np.median(PAIR[0].rgb[20:41, 30:51].reshape(-1, 3), axis=0))
    assert torch.equal(median_in(pixels, where)[1], torch.zeros(3))


def test_masks_are_those_of_single_photos():
    crops = faces().at(torch.arange(2))
    for place, one in enumerate(PAIR):
        unit, shape = masks.eye_distance(one.landmarks), one.rgb.shape
        for region, points in REGIONS.items():
            for grow in (0.0, 0.15):
                usual = masks.region(region, one.landmarks, shape, grow * unit)
                mine = hull(crops, points, grow * crops.unit)[place, 0].numpy()
                assert np.abs(mine - usual).sum() < 0.14 * usual.sum()
        usual = masks.skin(one.rgb, one.landmarks)
        mine = batched_skin.skin(crops)[place, 0].numpy()
        assert np.abs(mine - usual).mean() < 0.04 and 0.85 < mine.mean() / usual.mean() < 1.2
        mine = batched_skin.likeness(crops)[place, 0].numpy()
        assert np.abs(mine - masks.skin_likeness(one.rgb, one.landmarks)).mean() < 0.03


def test_a_feather_never_reaches_out_and_bits_tell_what_is_covered():
    crops = faces().at(torch.arange(2))
    mask = hull(crops, REGIONS["mouth"], 2.0 * torch.ones(2))
    soft = feather(mask, torch.tensor([3.0, 6.0]))
    assert bool((soft <= mask).all()) and bool((soft.sum(dim=(1, 2, 3)) < 0.9 * mask.sum(dim=(1, 2, 3))).all())
    assert covered_parts(mask, crops).tolist() == [[False, False, False, True]] * 2


def test_donors_are_told_as_for_single_photos():
    crops = faces().at(torch.arange(2))
    for place, one in enumerate(PAIR):
        assert np.abs(donors.pose(crops)[place].numpy() - usual_donors.pose(one.landmarks)[:2]).max() < 1e-3
        assert bool(donors.wear_glasses(crops)[place]) == usual_donors.wears_glasses(one)
        assert np.abs(batched_skin.cheek_colour(crops)[place].numpy() - usual_donors.skin_colour(one)).max() < 2
    gap = batched_skin.cheek_colour(lenders()) - batched_skin.cheek_colour(faces())
    assert float(gap.abs().max()) < 2


def test_a_donor_that_is_shrunk_does_not_alias():
    crops, donor = faces().at(torch.arange(1)), faces().at(torch.arange(1))
    smaller = Crops(crops.pixels, crops.landmarks * 0.5, crops.seeds, crops.flipped)
    noise = donor.showing(255.0 * torch.rand(donor.pixels.shape, generator=torch.Generator().manual_seed(1)).round())
    assert float(donors.fit(noise, smaller).pixels.std()) < 0.6 * float(noise.pixels.std())
    assert torch.equal(donors.fit(noise, crops).pixels, noise.pixels)


def test_warps_are_those_of_single_photos():
    source, target = PAIR[0].landmarks, PAIR[1].landmarks
    usual = warping.similarity(source, target)
    ends = [torch.from_numpy(points)[None] for points in (source, target)]
    mine = similarity(*ends)
    assert np.abs(mine[0].numpy() - usual).max() < 1e-3
    centre, shift = np.array([60.0, 70.0]), np.array([2.0, -1.0])
    usual = warping.jitter(usual, centre, 1.05, 3.0, shift)
    given = (
        torch.from_numpy(centre)[None].float(),
        torch.tensor([1.05]),
        torch.tensor([3.0]),
        torch.from_numpy(shift)[None].float(),
    )
    mine = jitter(mine, *given)
    assert np.abs(mine[0].numpy() - usual).max() < 2e-3
    made = warp(faces().pixels[:1], mine)[0].permute(1, 2, 0).numpy()
    inner = np.abs(made - warping.warp(PAIR[0].rgb, usual, (SIDE, SIDE)))[16:-16, 16:-16]
    assert inner.mean() < 0.6


def test_a_bent_face_has_its_landmarks_where_they_belong():
    source, target = (torch.from_numpy(one.landmarks[list(MESH)])[None] for one in PAIR)
    unit = faces().unit[1:2]
    places = bend(source, target, unit, (SIDE, SIDE))
    there = read_at(places.permute(0, 3, 1, 2), target[:, None], "bilinear")[:, :, 0].transpose(1, 2)
    assert float((there - source).square().sum(dim=2).mean().sqrt()) < 0.02 * float(unit)
    everywhere = torch.ones(1, 1, SIDE, SIDE)
    assert float(folded_share(places, everywhere)) < 0.01 and float(folded_share(places.flip(2), everywhere)) > 0.9


def test_a_membrane_is_harmonic():
    rows, columns = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    plane = (0.3 * rows - 0.2 * columns + 5)[None, None]
    hole = torch.zeros_like(plane)
    hole[:, :, 12:50, 14:52] = 1
    filled = harmonic(torch.where(hole > 0, 99.0, plane), hole)
    assert float((filled - plane).abs().max()) < 0.5
    assert torch.equal(filled[hole == 0], plane[hole == 0])


def solved(values: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Return (H, W) with the hole filled harmonically, by one sparse system."""
    rows, columns = np.nonzero(hole)
    place = {pixel: number for number, pixel in enumerate(zip(rows.tolist(), columns.tolist(), strict=True))}
    system, right = sparse.lil_matrix((len(place), len(place))), np.zeros(len(place))
    for (row, column), number in place.items():
        system[number, number] = 4
        for near in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if near in place:
                system[number, place[near]] = -1
            else:
                right[number] += values[near]
    filled = values.astype(np.float64)
    filled[rows, columns] = spsolve(system.tocsr(), right)
    return filled


def test_cloning_solves_poissons_equation():
    base, layer = faces().pixels[:1], faces().pixels[1:2]
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.ellipse(mask, (64, 64), (30, 24), 0, 0, 360, 1.0, -1)
    mine = poisson(base, layer, torch.from_numpy(mask)[None, None])[0]
    assert torch.equal(mine[:, mask == 0], base[0][:, mask == 0])
    for made, under, over in zip(mine.numpy(), base[0].numpy(), layer[0].numpy(), strict=True):
        exact = np.clip(over + solved(under - over, mask > 0), 0, 255)
        far = np.abs(made - exact)[mask > 0]
        assert far.mean() < 4 < np.abs(over - exact)[mask > 0].mean()
