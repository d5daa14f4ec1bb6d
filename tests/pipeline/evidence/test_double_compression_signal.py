"""Earlier savings as JPEG, as the finding tells them: seen with their quality where they are, and nowhere else."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, JpegPresets
from savings import CUT, again, cropped, decoded, jpeg, opened, saved, scene, scenes

from pipeline.evidence.finding import NOT_ENOUGH, Finding
from pipeline.evidence.signals.double_compression import NONE_SEEN, look
from pipeline.settings import PROJECT

SAMPLES = sorted((PROJECT / "sample_data").glob("*.jpg"))


def seen(data: bytes, **options: object) -> Finding:
    return look(opened(data, **options))


def titles(finding: Finding) -> list[str]:
    return [exhibit.title for exhibit in finding.exhibits]


@pytest.mark.parametrize("first", [50, 60, 75, 85])
def test_a_photo_saved_twice_is_known_with_its_first_quality(first):
    finding = seen(again(scene("hopper.jpg"), first, 90))
    assert finding.weight == "look" and f"the first time as quality {first} of the common encoder" in finding.shows
    assert titles(finding) == ["Where the first saving still shows", "Rhythm of a coefficient", "JPEG ghosts"]
    assert finding.caution == NOT_ENOUGH


@pytest.mark.parametrize("quality", [60, 75, 90, 95])
def test_a_photo_saved_once_is_not(quality):
    finding = seen(jpeg(scene("hopper.jpg"), quality))
    assert finding.weight == "ordinary" and finding.shows == NONE_SEEN and titles(finding) == ["JPEG ghosts"]


@pytest.mark.parametrize("options", [{"subsampling": 0}, {"progressive": True}, {"optimize": True, "subsampling": 1}])
def test_how_the_second_saving_is_coded_does_not_matter(options):
    data = jpeg(decoded(jpeg(scene("hopper.jpg"), 70)), 92, **options)
    assert "as quality 70 of the common encoder" in seen(data).shows


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_photo_tells_the_quality_of_its_original(path):
    """Each was made from an original that was saved before: at 95, or 80 (sample_data/make.py)."""
    quality = 80 if path.stem.startswith("hopper") else 95
    assert f"the first time as quality {quality} of the common encoder" in seen(path.read_bytes()).shows


def test_a_grey_photo_and_a_turned_one_are_looked_at_too():
    grey = Image.fromarray(cv2.cvtColor(scene("hopper.jpg"), cv2.COLOR_RGB2GRAY))
    once = Image.open(io.BytesIO(saved(grey, quality=70)))
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(once.convert("L"), quality=92, exif=exif)
    finding = seen(data)
    assert "as quality 70 of the common encoder" in finding.shows
    trace = finding.exhibits[0]
    assert trace.width < trace.height - 12 or scene("hopper.jpg").shape[0] > scene("hopper.jpg").shape[1], "upright"


@pytest.mark.parametrize("preset", ["web_very_high", "web_high", "medium", "low"])
def test_a_first_table_that_is_not_the_common_encoders_is_told_as_such(preset):
    first = decoded(saved(scene("hopper.jpg", 0.75), quality=preset))
    finding = seen(jpeg(first, 95))
    assert "with a table that is not the common encoder's" in finding.shows and finding.weight == "look"
    steps = next(fact.value for fact in finding.facts if fact.name == "Best table of any kind").split("steps ")[1]
    table = np.array(JpegPresets.presets[preset]["quantization"][0]).reshape(8, 8)
    assert int(steps.split()[0]) == table[0, 1] and int(steps.split()[4]) == table[1, 0]


@pytest.mark.parametrize(("first", "second"), [(60, 90), (75, 90), (75, 95), (85, 95)])
def test_a_crop_between_two_savings_shows_the_earlier_grid(first, second):
    finding = seen(jpeg(cropped(scene("hopper.jpg", 0.75), first), second))
    place = f"begins {-CUT[1] % 8} px from the left and {-CUT[0] % 8} px from the top edge"
    assert finding.weight == "look" and place in finding.shows and f"about quality {first}" in finding.shows


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP"])
@pytest.mark.parametrize("quality", [40, 60, 75, 90, 95])
def test_a_lossless_picture_made_from_a_jpeg_shows_its_grid_and_quality(form, quality):
    finding = seen(saved(decoded(jpeg(scene("collins.jpg"), quality)), form))
    assert "its grid of blocks begins at the picture's corner" in finding.shows and finding.weight == "ordinary"
    assert f"about quality {quality}" in finding.shows and form in finding.shows


def test_a_crop_before_it_became_a_png_shows_where_it_was_cut():
    finding = seen(saved(cropped(scene("collins.jpg"), 75), "PNG"))
    assert "begins 5 px from the left and 3 px from the top edge" in finding.shows and finding.weight == "look"
    assert "3 columns and 5 rows, or 8, 16, … more, had been cut off" in finding.shows
    assert titles(finding) == ["JPEG ghosts"]


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF", "AVIF"])
def test_a_picture_that_never_was_a_jpeg_shows_no_grid(form):
    for name in ("collins.jpg", "coffee.jpg"):
        finding = seen(saved(scene(name), form))
        assert finding.weight == "ordinary" and finding.shows == NONE_SEEN and not finding.exhibits


def test_a_tiff_that_holds_a_jpeg_is_not_blamed_for_it():
    finding = seen(saved(scene("collins.jpg"), "TIFF", compression="jpeg", quality=80))
    assert finding.weight == "ordinary" and "stores its pixels as a JPEG within" in finding.shows


def drawing(size: int) -> np.ndarray:
    image = Image.new("RGB", (480, 400), "white")
    font = ImageFont.load_default(size)
    for row in range(400 // (size + 2)):
        text = "The quick brown fox jumps over the lazy dog 0123456789 " * 2
        ImageDraw.Draw(image).text((5, row * (size + 2)), text, "black", font)
    return np.asarray(image)


ODD = {
    "small writing": drawing(10), "writing": drawing(18), "large writing": drawing(30),
    "rising light": np.broadcast_to(np.linspace(0, 255, 480)[None, :, None], (400, 480, 3)).astype(np.uint8),
    "stripes": np.tile((np.arange(480) // 5 % 2 * 255)[None, :, None], (400, 1, 3)).astype(np.uint8),
    "white noise": np.random.default_rng(1).integers(0, 256, (400, 480, 3), dtype=np.uint8),
    "enlarged": scene("coffee.jpg").repeat(2, axis=0).repeat(2, axis=1),
    "few levels": scene("collins.jpg") // 32 * 32, "blurred": cv2.GaussianBlur(scene("collins.jpg"), (0, 0), 4),
    "black and white": np.where(scene("collins.jpg") > 128, 255, 0).astype(np.uint8),
    "a corner": scene("collins.jpg")[100:180, 100:200],
    "few colours": decoded(saved(Image.fromarray(scene("collins.jpg")).quantize(64).convert("RGB"), "PNG")),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_pictures_saved_once_raise_no_alarm(name):
    for quality in (60, 75, 90, 95):
        finding = seen(jpeg(ODD[name], quality))
        assert finding.weight != "look", (quality, finding.shows)
    assert seen(saved(ODD[name], "PNG")).weight != "look"


def test_a_second_saving_much_coarser_hides_the_first_and_the_words_say_that_it_may():
    finding = seen(again(scene("hopper.jpg"), 95, 60))
    assert finding.shows == NONE_SEEN and "Nothing seen does not tell that it is the first" in finding.how_to_read


@pytest.mark.parametrize("rgb", [np.zeros((200, 200, 3), np.uint8), scene()[:40, :300], scene()[:1, :1]])
def test_without_detail_or_size_nothing_is_said(rgb):
    for data in (jpeg(rgb, 90), saved(rgb, "PNG")):
        finding = seen(data)
        assert finding.weight == "nothing" and finding.shows.startswith("Earlier savings were not looked for: ")


@pytest.mark.parametrize("options", [{"keep_rgb": True, "subsampling": 0}, {}])
def test_a_jpeg_without_luminance_says_why_it_is_not_looked_at(options):
    image = Image.fromarray(scene()) if options else Image.fromarray(scene()).convert("CMYK")
    finding = seen(saved(image, quality=85, **options))
    assert finding.weight == "nothing" and "luminance and colour apart" in finding.shows


def test_a_photo_that_is_cut_short_tells_what_is_left_and_its_filling_adds_nothing():
    once, twice = jpeg(scene("hopper.jpg", 0.75), 90), again(scene("hopper.jpg", 0.75), 60, 90)
    assert seen(once[: len(once) * 2 // 3], partial=True).shows == NONE_SEEN
    assert "as quality 60" in seen(twice[: len(twice) * 2 // 3], partial=True).shows
    progressive = jpeg(scene("hopper.jpg", 0.75), 90, progressive=True)
    assert seen(progressive[: len(progressive) // 2], partial=True).weight == "nothing"


def test_two_looks_are_the_same_to_the_byte():
    data = again(scenes()[0], 60, 90)
    assert seen(data) == seen(data)
