"""Every registered detector: what goes in, what comes out, and that its map is an account of its score."""

import copy
from functools import cache

import numpy as np
import pytest
import torch
from torch import nn

from models import registry
from models.detector import Detector
from models.detectors.clip_vit_b16 import MAPS
from models.fusion import fuse
from models.graph import graph_of
from models.regions import REGION_NAMES
from models.serving import Network
from pipeline.errors import UnknownName
from pipeline.examining.edit_map import BY_REGIONS, LIKELIEST, MASK, PARTS, RAISED
from pipeline.examining.explain import CAMS, METHODS, SignedLogit, heatmaps, methods_of, raw_maps
from pipeline.examining.faithfulness import with_faithfulness
from pipeline.examining.networks import FaceCrops
from pipeline.examining.questions import Question
from pipeline.face import REGIONS, Face, in_crop
from pipeline.heatmap import Heatmap

MASKED = "mobilenet_v2_mask"
CLIP = "clip_vit_b16"
LARGE = 30_000_000
"""Numbers from which a smaller picture is used, to spare time."""

every = pytest.mark.parametrize("name", registry.names())
with_mask = pytest.mark.parametrize("name", [MASKED, "efficientnet_lite0_mask", CLIP])
QUADRANTS = [(0, 0), (0, 1), (1, 0), (1, 1)]


def picture(size: int, seed: int, count: int = 1) -> torch.Tensor:
    """Return smooth blobs of colour, (count, 3, size, size) in [0, 1]."""
    coarse = torch.rand(count, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    return nn.functional.interpolate(coarse, (size, size), mode="bicubic", align_corners=False).clamp(0, 1)


@cache
def seeded(name: str) -> Detector:
    """Return an untrained detector whose batch norms have seen pictures, so that activations stay in a sane range."""
    torch.manual_seed(7)
    detector = registry.build(name, outputs=5)
    for module in detector.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0
    detector.train()
    with torch.no_grad():
        detector(picture(side(detector), 11, 4))
    return detector.eval()


def side(detector: Detector) -> int:
    numbers = [*detector.parameters(), *detector.buffers()]
    return 128 if sum(tensor.numel() for tensor in numbers) > LARGE else 256


def hooks(detector: Detector) -> int:
    return sum(len(m._forward_hooks) + len(m._backward_hooks) + len(m._forward_pre_hooks) for m in detector.modules())


@cache
def stride(name: str) -> int:
    """Return the side in pixels of a cell of the map's layer, as the layer itself has it."""
    detector, sides = seeded(name), []
    handle = detector.cam_layer.register_forward_hook(lambda _module, _inputs, output: sides.append(output.shape[-1]))
    with torch.inference_mode():
        detector(picture(128, 1))
    handle.remove()
    return 128 // sides[0]


def beside_cells(detector: Detector, pixels: torch.Tensor) -> torch.Tensor | float:
    """Return what a logit has beside its cells and its bias: of CLIP what the class tokens add."""
    if detector is not seeded(CLIP):
        return 0.0
    features = detector.features((pixels - detector.mean) / detector.std)
    return features[:, MAPS:] @ detector.head.weight[0, MAPS:]


def last_linear(detector: Detector) -> nn.Linear:
    return [module for module in detector.head.modules() if isinstance(module, nn.Linear)][-1]


def test_the_originals_network_is_there():
    assert {"resnet152", "efficientnet_lite0", "mobilenet_v2"} <= set(registry.names())


@every
def test_scores_are_one_number_a_picture(name):
    detector = seeded(name)
    with torch.inference_mode():
        said = detector(picture(96, 1, 3))
    assert said.logit.shape == (3,) and said.logit.dtype == torch.float32 and said.logit.isfinite().all()
    assert said.regions.shape == (3, len(REGION_NAMES)) and said.regions.isfinite().all()
    assert len(set(said.logit.tolist())) == 3, "different pictures get different scores"


@every
def test_normalisation_lies_inside(name):
    detector = seeded(name)
    buffers = dict(detector.named_buffers())
    assert buffers["mean"].shape == buffers["std"].shape == (1, 3, 1, 1)
    assert (buffers["mean"] > 0.3).all() and (buffers["mean"] < 0.6).all() and (buffers["std"] > 0).all()
    assert not {"mean", "std"} & set(detector.state_dict()), "they belong to the code, not to the weights"
    pixels = picture(64, 2, 2)
    with torch.inference_mode():
        by_hand = detector.scores(detector.features((pixels - detector.mean) / detector.std))
        assert torch.equal(detector(pixels).logit, by_hand[:, 0])


@every
def test_the_map_layer_is_part_of_the_network_and_spatial(name):
    detector = seeded(name)
    assert any(module is detector.cam_layer for module in detector.modules())
    seen = []
    handle = detector.cam_layer.register_forward_hook(lambda _module, _inputs, output: seen.append(output.shape))
    with torch.inference_mode():
        detector(picture(128, 1, 2))
    handle.remove()
    side = 128 // stride(name)
    assert len(seen) == 1 and seen[0][0] == 2 and seen[0][2:] == (side, side)
    channels = MAPS if name == CLIP else last_linear(detector).in_features
    assert stride(name) in (16, 32) and seen[0][1] == channels >= 256


@every
def test_a_map_sums_to_the_logit(name):
    detector, pixels = seeded(name), picture(96, 3, 2)
    maps = raw_maps(detector, pixels, [SignedLogit(1), SignedLogit(-1)])
    with torch.inference_mode():
        logits = (detector(pixels).logit - beside_cells(detector, pixels)).numpy()
    bias = last_linear(detector).bias[0].item()
    cells = 96 // stride(name)
    assert maps.dtype == np.float32 and maps.shape == (2, cells, cells)
    sums = maps.sum(axis=(1, 2)) * (1, -1) + bias
    np.testing.assert_allclose(sums, logits, rtol=1e-3, atol=1e-3 * np.abs(maps).max())


@every
def test_an_edit_moves_the_map_where_it_was_made(name):
    detector = seeded(name)
    size = side(detector)
    half, plain = size // 2, picture(size, 1)
    pictures = [plain]
    for row, column in QUADRANTS:
        edited = plain.clone()
        edited[..., row * half : (row + 1) * half, column * half : (column + 1) * half] = picture(
            half, 99 + len(pictures)
        )
        pictures.append(edited)
    maps = raw_maps(detector, torch.cat(pictures), [SignedLogit(1)] * 5)
    cells = maps.shape[1] // 2
    inside, outside = [], []
    for (row, column), change in zip(QUADRANTS, np.abs(maps[1:] - maps[0]), strict=True):
        assert change.max() > 1e-3 * np.abs(maps[0]).max()
        place = np.zeros(change.shape, bool)
        place[row * cells : (row + 1) * cells, column * cells : (column + 1) * cells] = True
        inside.append(change[place].mean())
        outside.append(change[~place].mean())
    assert np.mean(inside) > 1.15 * np.mean(outside)


@every
def test_nothing_is_left_behind_by_a_map(name):
    detector, pixels = seeded(name), picture(64, 4)
    before = hooks(detector)
    with torch.inference_mode():
        score = detector(pixels).logit
    raw_maps(detector, pixels, [SignedLogit(1)])
    assert hooks(detector) == before == 0
    assert not detector.training and all(weight.grad is None for weight in detector.parameters())
    with torch.inference_mode():
        assert torch.equal(detector(pixels).logit, score)


@every
def test_folding_the_norms_keeps_the_function(name):
    torch.manual_seed(7)
    folded, pixels = copy.deepcopy(seeded(name)), picture(64, 5, 2)
    fuse(folded.eval(), 64)
    assert not [module for module in folded.modules() if isinstance(module, nn.BatchNorm2d)]
    assert hooks(folded) == 0 and any(module is folded.cam_layer for module in folded.modules())
    with torch.inference_mode():
        expected, found = seeded(name)(pixels).logit, folded(pixels).logit
    torch.testing.assert_close(found, expected, rtol=1e-2, atol=1e-3)


@every
def test_the_served_network_is_the_same_function(name):
    detector, size = seeded(name), 64
    tensors = detector.tensors_to_serve(size)
    graph = graph_of(detector, size)
    assert len(graph) < 1_000_000, "the numbers stay in the safetensors file"
    network, pixels = Network(graph, tensors), picture(size, 5, 5)
    with torch.inference_mode():
        said = detector(pixels)
    together = network(pixels.numpy())
    assert together.shape == (5, 5) and together.dtype == np.float32
    expected = torch.cat([said.logit[:, None], said.regions], dim=1).numpy()
    np.testing.assert_allclose(together, expected, rtol=1e-2, atol=1e-3)
    assert np.array_equal(together, np.concatenate([network(one.numpy()) for one in pixels.split(1)]))
    assert np.array_equal(together[1:4], network(pixels[1:4].numpy()))
    with torch.inference_mode():
        pooled = detector.features((pixels - detector.mean) / detector.std).numpy()
    assert network.tells_features
    np.testing.assert_allclose(network.answers(pixels.numpy()).features, pooled, rtol=1e-2, atol=1e-3)


@every
def test_a_score_does_not_depend_on_its_neighbours_in_eval_mode(name):
    """The head goes row by row."""
    detector, features = seeded(name), torch.rand(9, last_linear(seeded(name)).in_features)
    with torch.inference_mode():
        together = detector.scores(features)
        alone = torch.cat([detector.scores(row) for row in features.split(1)])
        some = detector.scores(features[3:6])
    assert torch.equal(together, alone) and torch.equal(together[3:6], some)


def test_a_map_costs_no_gradients_before_its_layer():
    detector, seen = seeded("resnet18"), []

    def watch(_module: nn.Module, _inputs: object, output: torch.Tensor) -> None:
        if output.requires_grad:
            output.register_hook(seen.append)

    handle = detector.body.conv1.register_forward_hook(watch)
    raw_maps(detector, picture(64, 1), [SignedLogit(1)])
    handle.remove()
    assert seen == []


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["resnet18", MASKED])
def test_methods(name, method):
    detector, pixels = seeded(name), picture(96, 6, 2)
    if method not in methods_of(detector):
        return
    points = np.stack([oval(96), oval(96)]) if method in BY_REGIONS else None
    maps = raw_maps(detector, pixels, [SignedLogit(1)] * 2, method, points)
    cells = 96 // stride(name)
    assert maps.shape == (2, cells, cells) and maps.dtype == np.float32 and np.isfinite(maps).all()
    assert maps.std(axis=(1, 2)).min() > 0 and not np.array_equal(*maps), "each picture has a map of its own"
    alone = raw_maps(detector, pixels[1:], [SignedLogit(1)], method, points if points is None else points[1:])[0]
    sign = np.sign((alone * maps[1]).sum()) if method.startswith("eigen") else 1  # that of a component is arbitrary
    np.testing.assert_allclose(sign * alone, maps[1], rtol=1e-3, atol=1e-3 * np.abs(alone).max())
    assert hooks(detector) == 0


@with_mask
def test_a_network_has_a_mask_map_where_it_has_a_mask(name):
    assert methods_of(seeded(name)) == METHODS and set(METHODS) == {*CAMS, MASK, *BY_REGIONS}
    assert methods_of(seeded("resnet18")) == tuple(CAMS)
    bare = registry.build(name, outputs=1, pretrained=False).eval()
    assert methods_of(bare) == (*CAMS, MASK), "parts are told by region outputs"
    with pytest.raises(UnknownName, match=r"this network.*mask"):
        raw_maps(bare, picture(64, 1), [SignedLogit(1)], PARTS, oval(64)[None])
    with pytest.raises(UnknownName, match=r"this network.*gradcam.*layercam"):
        raw_maps(seeded("resnet18"), picture(64, 1), [SignedLogit(1)], MASK)


@with_mask
def test_a_mask_map_is_what_the_mask_head_says(name):
    detector, pixels = seeded(name), picture(96, 6, 2)
    with torch.inference_mode():
        said = detector(pixels).mask[:, 0].numpy()
    maps = raw_maps(detector, pixels, [SignedLogit(1), SignedLogit(-1)], MASK)
    expected = said * np.array([1, -1], np.float32)[:, None, None]
    np.testing.assert_allclose(maps, expected, rtol=1e-3, atol=1e-3 * np.abs(said).max())


@with_mask
def test_a_mask_argues_against_edits_only_where_the_label_is_real(name):
    """It tells where, not which kind: a photo's edited part is the same for a deepfake and for facetune."""
    detector, pixels = seeded(name), picture(96, 6).numpy()
    crops, grids = filling(pixels), {}
    for positive, label in (
        ("edited", "edited"),
        ("edited", "real"),
        ("deepfake", "deepfake"),
        ("deepfake", "facetune"),
    ):
        (grids[label],) = heatmaps(detector, positive, crops, [Question(positive, label)], MASK)
    np.testing.assert_array_equal(grids["real"].grid, -grids["edited"].grid)
    for label in ("deepfake", "facetune"):
        np.testing.assert_array_equal(grids[label].grid, grids["edited"].grid)
    assert "left as it was" in grids["real"].meaning and "edited" in grids["facetune"].meaning


def filling(pixels: np.ndarray, landmarks: np.ndarray | None = None) -> FaceCrops:
    """Return the crop of one face that fills its photo, so that the photo's pixels are the crop's."""
    side = pixels.shape[-1]
    window, points = (0.0, 0.0, float(side), float(side)), oval(side) if landmarks is None else landmarks
    return FaceCrops([Face(window, points, window, np.zeros((side, side, 3), np.uint8), 1.0)], pixels)


def oval(side: int) -> np.ndarray:
    """Landmarks of a face that fills a crop, (468, 2): each part's points round a place of its own."""
    points = np.full((468, 2), side / 2, np.float32)
    for name, part in REGIONS.items():
        turn = np.linspace(0, 2 * np.pi, len(part), endpoint=False)
        points[list(part)] = side * (np.array(PLACES[name]) + 0.1 * np.stack([np.cos(turn), np.sin(turn)], axis=1))
    return points


PLACES = {"left eye": (0.3, 0.3), "right eye": (0.7, 0.3), "nose": (0.5, 0.5), "mouth": (0.5, 0.8)}


@with_mask
def test_a_map_by_parts_is_the_mask_raised_where_a_part_was_edited(name):
    detector, pixels, points = seeded(name), picture(128, 3), oval(128)[None]
    with torch.no_grad():
        last_linear(detector).weight.zero_()
        last_linear(detector).bias.copy_(torch.tensor([0.0, -20.0, -20.0, -20.0, 20.0]))  # the mouth, surely
    (mask,) = raw_maps(detector, pixels, [SignedLogit(1)], MASK)
    (parts,) = raw_maps(detector, pixels, [SignedLogit(1)], PARTS, points)
    raised = (parts - mask) / RAISED
    assert raised[6, 4] == pytest.approx(1, abs=0.02) and raised.max() <= 1 + 1e-4
    assert abs(raised[:5]).max() < 1e-4 and abs(raised[:, :1]).max() < 1e-4, "eyes, nose and edge stay as they are"
    (against,) = raw_maps(detector, pixels, [SignedLogit(-1)], PARTS, points)
    np.testing.assert_array_equal(against, -parts)
    crops = filling(pixels.numpy(), points[0])
    (told,) = heatmaps(detector, "edited", crops, [Question("edited", "edited")], PARTS)
    (parts,) = raw_maps(detector, pixels, [SignedLogit(1)], PARTS, in_crop(crops.faces[0], 128)[None])
    np.testing.assert_array_equal(told.grid, parts)
    assert "parts" in told.meaning and told.method == PARTS
    with pytest.raises(ValueError, match="landmarks"):
        raw_maps(detector, pixels, [SignedLogit(1)], PARTS)


@with_mask
def test_a_map_by_the_likeliest_part_raises_that_one_whatever_its_odds(name):
    detector, pixels, points = copy.deepcopy(seeded(name)), picture(128, 3), oval(128)[None]
    with torch.no_grad():
        last_linear(detector).weight.zero_()
        last_linear(detector).bias.copy_(torch.tensor([0.0, -30.0, -30.0, -30.0, -8.0]))  # hardly the mouth
    (mask,), (parts,), (likeliest,) = (
        raw_maps(detector, pixels, [SignedLogit(1)], method, points) for method in (MASK, PARTS, LIKELIEST)
    )
    raised = (likeliest - mask) / RAISED
    assert raised[6, 4] == pytest.approx(1, abs=0.02) and abs(parts - mask).max() < 0.01
    assert abs(raised[:5]).max() < 1e-4, "eyes, nose and edge stay as they are"


def test_a_mask_map_is_measured_as_any_other():
    """The logit of this network is the brightness of one corner: a map of that corner matters, one elsewhere not."""
    pixels = np.random.default_rng(0).random((3, 96, 96)).astype(np.float32)

    def logits(batch: np.ndarray) -> np.ndarray:
        return 100 * batch[:, :, :32, :32].std(axis=(1, 2, 3))  # blurring takes the grain away

    grids = np.full((2, 6, 6), -3, np.float32)
    grids[0, :2, :3], grids[1, 4:, 3:] = 3, 3
    (right,), (wrong,) = ([with_faithfulness(heatmap_of(grid), logits, pixels, "edited")] for grid in grids)
    assert right.faithfulness > 0 > wrong.faithfulness


def heatmap_of(grid: np.ndarray) -> Heatmap:
    return Heatmap(grid, (0.0, 0.0, 96.0, 96.0), "edited", "edited", MASK)


def test_the_map_of_the_other_label_is_the_negative():
    detector, pixels = seeded("resnet18"), picture(96, 6).numpy()
    crops = filling(pixels)
    (edited,) = heatmaps(detector, "edited", crops, [Question("edited", "edited")])
    (real,) = heatmaps(detector, "edited", crops, [Question("edited", "real")])
    np.testing.assert_allclose(edited.grid, -real.grid, rtol=1e-5, atol=1e-7)
    assert (edited.label, real.label, edited.stage, edited.method) == ("edited", "real", "edited", "gradcam")


def test_an_unknown_method_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="gradcam"):
        raw_maps(seeded("resnet18"), picture(64, 1), [SignedLogit(1)], "gradcan")


def test_hooks_are_released_where_a_map_fails():
    detector = seeded("resnet18")

    def breaks(_output: torch.Tensor) -> torch.Tensor:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        raw_maps(detector, picture(64, 1), [breaks])
    assert hooks(detector) == 0
