"""Sharing services: names, sizes and coding that fit are told as fitting, with their source; what is against it too."""

import numpy as np
import pytest
from PIL import Image
from savings import jpeg, opened, saved, scene

from pipeline.evidence.finding import Evidence, Finding
from pipeline.evidence.jpeg.chains import CHAINS
from pipeline.evidence.signals.sharing_chains import look, stem_of


def picture(width: int, height: int) -> np.ndarray:
    return np.resize(scene(), (height, width, 3))


def seen(name: str, width: int = 301, height: int = 203, quality: int = 83, **options: object) -> Finding:
    return look(opened(jpeg(picture(width, height), quality, **options), name))


def services(finding: Finding) -> list[str]:
    return [fact.name.removeprefix("Fits ") for fact in finding.facts]


NAMES = {
    "IMG-20240101-WA0001.jpg": ["WhatsApp"],
    "img-20240101-wa0123 (1).jpeg": ["WhatsApp"],
    "WhatsApp Image 2024-01-01 at 12.30.00.jpeg": ["WhatsApp"],
    "WhatsApp Image 2024-01-01 at 1.30.00 PM (2).jpeg": ["WhatsApp"],
    "FB_IMG_1560785471157.jpg": ["Facebook"],
    "received_1234567890123.jpeg": ["Facebook"],
    "24331480_454773231590240_2065369614_n.jpg": ["Facebook", "Instagram"],
    "17859053_1254964121291776_570026879_o.jpg": ["Facebook"],
    "1234567_n.jpg": ["Facebook", "Instagram"],
    "photo_2024-01-01_12-30-00.jpg": ["Telegram"],
    "photo_7@01-02-2024_12-30-00.jpg": ["Telegram"],
    "signal-2024-01-01-12-30-00-123.jpg": ["Signal"],
    "signal-2024-01-01-123000_002.jpeg": ["Signal"],
    "Screenshot_20240101-123000.png": ["a screenshot"],
    "Screenshot 2024-01-01 at 12.30.00.png": ["a screenshot"],
    "Screen Shot 2020-01-01 at 12.30.00.png": ["a screenshot"],
    "Screenshot (12).png": ["a screenshot"],
    "C:\\Users\\me\\IMG-20240101-WA0001.jpg": ["WhatsApp"],
    "inbox/2024/photo_2024-01-01_12-30-00.jpg": ["Telegram"],
}
OTHERS = ["IMG_20240101_123000.jpg", "DSC_0001.JPG", "portrait.jpg", "IMG-2024-WA.jpg", "holiday_n.jpg", "n.jpg", "",
          "photo.jpg", "signal.jpg", "my Screenshots.jpg", "Da6U5EYWAAAycC_.jpg", "x" * 100_000, "../" * 500,
          "1_" * 50_000 + "n.jpg"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_that_a_service_gives_fit_it(name):
    finding = seen(name)
    assert services(finding) == NAMES[name] and finding.weight == "ordinary"
    assert finding.shows.startswith("The file fits what ") and "file name" in finding.shows


@pytest.mark.parametrize("name", OTHERS, ids=range(len(OTHERS)))
def test_other_names_fit_nothing(name):
    finding = seen(name)
    assert finding.weight == "nothing" and not finding.facts


@pytest.mark.parametrize(
    ("width", "height", "options", "fitting"),
    [
        (1600, 1200, {}, ["WhatsApp", "Signal"]),
        (720, 540, {}, ["Facebook"]),
        (540, 960, {}, ["Facebook"]),
        (1080, 1350, {}, ["Instagram"]),
        (1200, 800, {}, ["X (Twitter)"]),
        (960, 1280, {"quality": 87, "progressive": True}, ["WhatsApp", "Telegram"]),
        (768, 576, {"quality": 75}, ["Signal"]),
        (777, 555, {}, []),
    ],
)
def test_sizes_without_metadata_fit(width, height, options, fitting):
    assert services(seen("a.jpg", width, height, **options)) == fitting


def test_the_marks_of_each_service_are_told_apart():
    values = {fact.name: fact.value for fact in seen("a.jpg", 960, 1280, quality=87, progressive=True).facts}
    marks = "By its longer side of 1280 px, tables of quality 87, progressive coding, lack of metadata."
    assert values["Fits Telegram"].startswith(marks)
    assert values["Fits WhatsApp"].startswith("By its longer side of 1280 px, lack of metadata.")


def camera(**options: object) -> dict[str, object]:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    return {"exif": exif} | options


def test_metadata_speak_against_a_service_that_takes_them_out():
    assert services(seen("a.jpg", 1600, 1200, **camera())) == []
    (fact,) = seen("IMG-20240101-WA0001.jpg", 1600, 1200, **camera()).facts
    assert "Against it: it carries Exif or XMP, which the service takes out." in fact.value


def test_a_larger_picture_than_the_service_leaves_speaks_against_it():
    (fact,) = seen("photo_2024-01-01_12-30-00.jpg", 3000, 2000).facts
    assert "Against it: it is larger than the service leaves any." in fact.value


def test_a_name_that_says_little_counts_only_beside_a_size():
    assert services(seen("Da6U5EYWAAAycC_.jpg", 600, 500)) == []
    finding = seen("Da6U5EYWAAAycC_.jpg", 1200, 500)
    assert services(finding) == ["X (Twitter)"] and "file name, longer side of 1200 px" in finding.shows


def test_facebooks_own_mark_fits_by_itself():
    body = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0c\x1c\x02\x28\0\7FBMD012"
    data = jpeg(picture(301, 203), 83)
    data = data[:2] + b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body + data[2:]
    assert services(look(opened(data, "a.jpg"))) == ["Facebook", "Instagram"]


@pytest.mark.parametrize("form", ["PNG", "WEBP", "HEIF", "GIF", "TIFF"])
def test_other_containers_fit_by_name_alone(form):
    data = saved(picture(1600, 1200), form)
    assert services(look(opened(data, "a.png"))) == []
    assert services(look(opened(data, "IMG-20240101-WA0001.webp"))) == ["WhatsApp"]


def test_a_photo_stored_lying_has_the_size_as_stored():
    exif = Image.Exif()
    exif[0x0112] = 6
    (fact,) = look(opened(jpeg(picture(1600, 1200), 83, exif=exif), "IMG-20240101-WA0001.jpg")).facts
    assert "longer side of 1600 px" in fact.value


def test_every_row_has_a_source_and_every_finding_tells_it():
    assert len({chain.name for chain in CHAINS}) == len(CHAINS)
    assert all(chain.source and (chain.file_names or chain.long_sides) for chain in CHAINS)
    assert all("Known from: " in fact.value for fact in seen("IMG-20240101-WA0001.jpg", 1600, 1200).facts)


def test_it_says_fits_and_warns_that_fits_is_not_is():
    finding = seen("IMG-20240101-WA0001.jpg")
    assert " is from " not in finding.shows and "“Fits” is not “is”" in finding.how_to_read


def test_a_name_is_taken_without_folders_endings_and_marks_of_a_copy():
    assert stem_of("a/b\\c.d.jpg") == "c.d" and stem_of("x (1) - Copy.jpg") == "x" and stem_of("") == ""
    assert len(stem_of("y" * 10_000)) <= 255
    assert isinstance(opened(saved(scene()[:8, :8])), Evidence)
