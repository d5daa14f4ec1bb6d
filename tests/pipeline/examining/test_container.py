"""One container for all: the fixed one never changes, the random one asks nothing of the picture, tiers keep size."""

import hashlib

import numpy as np
import pytest

from pipeline.examining import container

SETTLED = "7fc6fc46ea0e3ac5d88ae2bee925d3bc36f513b6dda5292e212b92c2519283b0"
"""Of `patterned()`; releases are calibrated on this container, so a change of it takes a new release."""
SHAPES = [(256, 256, 3), (300, 200, 3), (41, 67, 3), (1400, 90, 3)]
CHANGING = sorted(set(container.TIERS) - {"clean"})


def patterned() -> np.ndarray:
    """Return (256, 256, 3) uint8 with gradients and hard edges."""
    y, x = np.mgrid[:256, :256]
    return np.stack([(x * 3 + y) % 256, (x * y // 64) % 256, (255 - x + 2 * y) % 256], axis=-1).astype(np.uint8)


def noise(shape: tuple[int, ...] = (256, 256, 3)) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_the_fixed_container_is_what_releases_were_made_with():
    assert hashlib.sha256(container.settle(patterned()).tobytes()).hexdigest() == SETTLED


@pytest.mark.parametrize("shake", [container.shake, container.share_online])
def test_a_seed_tells_the_random_container(shake):
    made = [shake(patterned(), np.random.default_rng(seed)).tobytes() for seed in (1, 1, 2, 3, 4)]
    assert made[0] == made[1] and len(set(made)) == 4


@pytest.mark.parametrize("shape", SHAPES[:3])
@pytest.mark.parametrize("shake", [container.shake, container.share_online])
def test_the_random_container_keeps_the_shape(shake, shape):
    crop = noise(shape)
    before = crop.copy()
    for seed in range(15):
        made = shake(crop, np.random.default_rng(seed))
        assert made.shape == shape and made.dtype == np.uint8
    assert (crop == before).all(), "the crop itself is left alone"


@pytest.mark.parametrize("seed", range(40))
def test_what_is_drawn_does_not_depend_on_the_picture(seed):
    states = []
    for crop in (np.zeros((256, 256, 3), np.uint8), noise(), patterned(), noise((64, 80, 3))):
        rng = np.random.default_rng(seed)
        container.shake(crop, rng)
        states.append(rng.bit_generator.state)
    assert all(state == states[0] for state in states)


def test_the_random_container_meets_every_path(monkeypatch):
    """JPEG of both chroma samplings, WebP, social media, the fixed container and the untouched crop all occur."""
    seen: list[tuple] = []
    jpeg, webp, shared = container.jpeg, container.webp, container.share_online
    monkeypatch.setattr(
        container, "jpeg", lambda rgb, q, full=False: seen.append(("jpeg", q, full)) or jpeg(rgb, q, full)
    )
    monkeypatch.setattr(container, "webp", lambda rgb, q: seen.append(("webp", q)) or webp(rgb, q))
    monkeypatch.setattr(container, "share_online", lambda rgb, rng: seen.append(("shared",)) or shared(rgb, rng))
    crop, untouched = noise((64, 64, 3)), 0
    for seed in range(400):
        untouched += container.shake(crop, np.random.default_rng(seed)) is crop
    kinds = {entry[0] for entry in seen} | {entry[2] for entry in seen if entry[0] == "jpeg"}
    assert kinds == {"jpeg", "webp", "shared", True, False} and 0 < untouched < 40
    qualities = [entry[1] for entry in seen if entry[0] == "jpeg"]
    assert min(qualities) < 50 and max(qualities) > 94
    assert 0.18 < seen.count(("shared",)) / 400 < 0.32


def test_social_media_shrink_and_encode_as_they_are_known_to(monkeypatch):
    seen: list[tuple[int, int]] = []
    jpeg = container.jpeg
    monkeypatch.setattr(container, "jpeg", lambda rgb, q: seen.append((rgb.shape[0], q)) or jpeg(rgb, q))
    for seed in range(200):
        container.share_online(noise((128, 128, 3)), np.random.default_rng(seed))
    sides, qualities = zip(*seen, strict=True)
    assert min(qualities) >= 70 and max(qualities) <= 85 and 48 <= min(sides) < 70 and max(sides) > 120
    assert 200 * 0.85 < len(seen) < 400, "some twice, some as WebP"


def test_the_tiers_are_these():
    assert list(container.TIERS) == ["clean", "jpeg70", "jpeg50", "webp60", "half size", "social", "screenshot"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", CHANGING)
def test_a_tier_changes_pixels_and_keeps_the_size(name, shape):
    photo = noise(shape)
    photo.setflags(write=False)
    made = container.TIERS[name](photo)
    assert made.shape == shape and made.dtype == np.uint8 and (made != photo).mean() > 0.2
    assert (container.TIERS[name](photo) == made).all(), "deterministic"


def test_clean_is_the_photo_as_it_came():
    photo = noise()
    made = container.TIERS["clean"](photo)
    assert (made == photo).all() and made is not photo


def test_tiers_differ_from_each_other():
    assert len({tier(patterned()).tobytes() for tier in container.TIERS.values()}) == len(container.TIERS)


def test_a_grey_photo_stays_as_bright_in_every_tier():
    grey = np.full((200, 300, 3), 117, np.uint8)
    assert all(np.abs(tier(grey).astype(int) - 117).max() <= 2 for tier in container.TIERS.values())
