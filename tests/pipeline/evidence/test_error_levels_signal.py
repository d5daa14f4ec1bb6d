"""Error levels: what was saved otherwise than the rest changes otherwise, in the right place, on the stored grid."""

import numpy as np
import pytest
from PIL import Image
from savings import decoded, jpeg, opened, saved, scene

from pipeline.evidence.finding import NOT_ENOUGH
from pipeline.evidence.signals import error_levels
from pipeline.evidence.signals.error_levels import look, reduction

PART = np.s_[64:160, 80:176]


@pytest.mark.parametrize("name", ["collins.jpg", "hopper.jpg", "china.jpg"])
@pytest.mark.parametrize(("earlier", "later"), [(60, 90), (50, 80)])
def test_a_part_saved_at_another_quality_is_brighter(name, earlier, later):
    original = scene(name, 0.75)
    whole = decoded(jpeg(original, earlier, subsampling=0))
    mixed = whole.copy()
    mixed[PART] = original[PART]
    plain, patched = (error_levels.error_levels(decoded(jpeg(rgb, later, subsampling=0))) for rgb in (whole, mixed))
    assert patched[PART].mean() > 1.5 * plain[PART].mean()
    outside = np.ones(plain.shape, bool)
    outside[56:168, 72:184] = False
    assert patched[outside].mean() == pytest.approx(plain[outside].mean(), rel=0.02), "the rest as it was"


def test_the_levels_are_those_of_saving_the_whole_picture():
    rgb = scene("collins.jpg", 0.75)
    change = np.abs(rgb.astype(int) - decoded(jpeg(rgb, 95, subsampling=0))).max(axis=2)
    assert np.array_equal(error_levels.error_levels(rgb), change.astype(np.float32))


def test_strips_make_no_difference_and_large_pictures_are_averaged(monkeypatch):
    rgb = np.tile(scene("coffee.jpg", 0.75), (4, 5, 1))[:1195, :2243]
    factor = reduction(rgb)
    whole = error_levels.error_levels(rgb)
    monkeypatch.setattr(error_levels, "STRIP", 64)
    assert factor == 3 and np.allclose(error_levels.error_levels(rgb), whole)
    assert whole.shape == (-(-1195 // 3), -(-2243 // 3))
    change = np.abs(rgb.astype(int) - decoded(jpeg(rgb, 95, subsampling=0))).max(axis=2)
    assert whole[0, 0] == pytest.approx(change[:3, :3].mean()) and whole[-1, -1] == pytest.approx(
        change[1194:, 2241:].mean()
    )


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_turned_photo_shows_the_same_map_turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    rgb = scene()[:203, :301]
    plain, turned = (look(opened(jpeg(rgb, 90, **options))) for options in ({}, {"exif": exif}))
    assert [fact.value for fact in plain.facts] == [fact.value for fact in turned.facts]
    straight, other = (decoded(finding.exhibits[0].data)[:-12].astype(int) for finding in (plain, turned))
    quarter_turns = {1: 0, 3: 2, 6: 3, 8: 1}[orientation]
    assert np.array_equal(np.rot90(straight, quarter_turns), other)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "GIF", "BMP", "HEIF"])
def test_a_picture_that_is_no_jpeg_says_so(form):
    finding = look(opened(saved(scene()[:96, :120], form)))
    assert "its pixels may never have been a JPEG" in finding.shows and len(finding.exhibits) == 1


def test_the_caption_tells_the_scale_and_the_words_warn():
    finding = look(opened(jpeg(scene(), 90)))
    assert finding.weight == "ordinary" and finding.caution == NOT_ENOUGH
    assert "grey levels or more" in finding.exhibits[0].caption and "peak" in finding.exhibits[0].caption
    assert "no error rate is known" in finding.how_to_read


def test_a_photo_that_was_decoded_smaller_is_left_alone(setting):
    setting(max_megapixels=1)
    finding = look(opened(jpeg(np.resize(scene(), (1200, 1600, 3)), 90)))
    assert finding.weight == "nothing" and "decoded smaller" in finding.shows and not finding.exhibits
