"""What a file says of itself: right where it can be read, a reason where it cannot."""

import hashlib

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.manifest.file_facts import THUMB, FileFacts
from tests.pipeline.manifest.pictures import jpeg, scene, written


@pytest.mark.parametrize("quality", [1, 10, 37, 50, 75, 85, 94, 100])
@pytest.mark.parametrize(("subsampling", "said"), [(0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0")])
def test_a_jpegs_quality_and_sampling(tmp_path, quality, subsampling, said):
    data = jpeg(scene(1), quality, subsampling)
    (tmp_path / "a.jpg").write_bytes(data)
    facts = FileFacts.of(tmp_path / "a.jpg")
    assert (facts.jpeg_quality, facts.subsampling, facts.format) == (quality, said, "JPEG")
    assert facts.sha256 == hashlib.sha256(data).hexdigest() and facts.bytes == len(data)
    assert (facts.width, facts.height, facts.quarantine) == (96, 96, "")
    assert len(facts.phash) == 16 and len(facts.thumb) == THUMB**2


def test_tables_tell_qualities_apart(tmp_path):
    found = {FileFacts.of(written(tmp_path / f"{q}.jpg", scene(1), q)).jpeg_tables for q in (80, 85, 90)}
    assert len(found) == 3 and all(found)


def test_a_png_has_no_jpeg_facts(tmp_path):
    Image.fromarray(scene(2)).save(tmp_path / "a.png")
    facts = FileFacts.of(tmp_path / "a.png")
    assert (facts.jpeg_quality, facts.jpeg_tables, facts.subsampling, facts.format) == (-1, "", "", "PNG")


def test_sharpness_falls_and_brightness_stays_when_a_picture_is_blurred(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (96, 96, 3)).astype(np.uint8)
    sharp = FileFacts.of(written(tmp_path / "sharp.jpg", noise))
    soft = FileFacts.of(written(tmp_path / "soft.jpg", cv2.GaussianBlur(noise, (0, 0), 2)))
    assert soft.sharpness < 0.1 * sharp.sharpness
    assert abs(soft.brightness - sharp.brightness) < 3


def test_a_huge_picture_is_measured_like_its_small_copy(tmp_path):
    Image.fromarray(scene(3, 3000)).save(tmp_path / "large.png")
    Image.fromarray(cv2.resize(scene(3, 3000), (1024, 1024), interpolation=cv2.INTER_AREA)).save(tmp_path / "small.png")
    large, small = FileFacts.of(tmp_path / "large.png"), FileFacts.of(tmp_path / "small.png")
    assert large.sharpness == pytest.approx(small.sharpness, rel=0.2)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable_photo"),
        (b"%PDF-1.4", "unreadable_photo"),
        (jpeg(scene(1))[:600], "unreadable_photo"),
    ],
)
def test_what_cannot_be_read_says_why_and_keeps_its_hash(tmp_path, data, code):
    (tmp_path / "a.jpg").write_bytes(data)
    facts = FileFacts.of(tmp_path / "a.jpg")
    assert facts.quarantine.startswith(f"{code}: ") and facts.sha256 == hashlib.sha256(data).hexdigest()
    assert (facts.width, facts.height, facts.bytes) == (0, 0, len(data))


def test_a_file_that_is_not_there_or_may_not_be_read(tmp_path):
    assert FileFacts.of(tmp_path / "none.jpg").quarantine.startswith("unreadable_photo: the file cannot be opened")
    (tmp_path / "folder.jpg").mkdir()
    assert FileFacts.of(tmp_path / "folder.jpg").quarantine
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    assert FileFacts.of(tmp_path / "loop.jpg").quarantine
