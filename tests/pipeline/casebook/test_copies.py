"""Copies of one photo, made as they are handed on: the original comes first, for reasons that are said."""

import io
import itertools
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.casebook.alike.closeness import NOT_LAID, chat_apps, closest
from pipeline.casebook.alike.copies import Copy, lay_together, spread
from pipeline.manifest.file_facts import FileFacts
from tests.conftest import SAMPLES, encoded
from tests.pipeline.manifest.pictures import scene

NAMES = ("hopper", "collins", "coffee")
HANDED_ON = ("chat copy", "screenshot", "enlarged", "cut", "saved again")


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def resized(rgb: np.ndarray, factor: float, how: int) -> np.ndarray:
    return cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=how)


def chain(data: bytes) -> dict[str, bytes]:
    """Hand a photo on as people do: each copy is made from the file before it, or from the original."""
    rgb = pixels(data)
    chat = encoded(resized(rgb, 0.55, cv2.INTER_AREA), "JPEG", quality=70)
    shot = encoded(resized(pixels(chat), 1.37, cv2.INTER_LINEAR))
    large = encoded(resized(pixels(chat), 2.6, cv2.INTER_CUBIC), "JPEG", quality=96)
    height, width = rgb.shape[:2]
    cut = encoded(rgb[height // 8 : -height // 6, width // 8 : -width // 9], "JPEG", quality=97)
    again = encoded(rgb, "JPEG", quality=72)
    copies = dict(zip(HANDED_ON, (chat, shot, large, cut, again), strict=True))
    return {"original": data} | copies


def copies_of(files: dict[str, bytes], folder, **more) -> tuple[list[Copy], list[np.ndarray]]:
    made = []
    for name, data in files.items():
        path = folder / name
        path.write_bytes(data)
        made.append(Copy.of({"name": name} | FileFacts.of(path).as_dict() | more.get(name, {})))
    return made, [pixels(data) for data in files.values()]


@pytest.fixture(scope="module")
def laid(tmp_path_factory) -> dict[str, list[Copy]]:
    """The chains of three photos, laid together; no copy has metadata, so that only the pictures and tables speak."""
    folder = tmp_path_factory.mktemp("copies")
    files = {name: chain((SAMPLES / "originals" / f"{name}.jpg").read_bytes()) for name in NAMES}
    return {name: lay_together(*copies_of(parts, folder)) for name, parts in files.items()}


def by_name(copies) -> dict[str, Copy]:
    return {copy.name: copy for copy in copies}


@pytest.mark.parametrize("name", NAMES)
def test_the_original_comes_first_without_any_metadata(laid, name):
    ranked = closest(laid[name])
    assert ranked[0].copy.name == "original" and [one.place for one in ranked] == [1, 2, 3, 4, 5, 6]
    assert ranked[0].reasons and all(one.reasons for one in ranked[1:])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("count", [1, 2])
def test_the_original_comes_before_any_of_its_copies(laid, name, count):
    copies = by_name(laid[name])
    for others in itertools.combinations(HANDED_ON, count):
        ranked = closest([copies[other] for other in others] + [copies["original"]])
        assert ranked[0].copy.name == "original", others


@pytest.mark.parametrize("name", NAMES)
def test_what_was_made_of_the_chat_copy_does_not_win_by_its_pixels(laid, name):
    copies = by_name(laid[name])
    assert copies["enlarged"].width > copies["original"].width > copies["chat copy"].width
    for larger in ("enlarged", "screenshot"):
        assert closest([copies[larger], copies["chat copy"]])[0].copy.name == "chat copy"


@pytest.mark.parametrize("name", NAMES)
def test_copies_lie_on_one_another_as_they_were_made(laid, name):
    copies = by_name(laid[name])
    base = copies["enlarged"]
    assert base.scale == 1 and base.view == 1
    for other, factor in (("original", 1 / (0.55 * 2.6)), ("chat copy", 1 / 2.6), ("screenshot", 1.37 / 2.6)):
        assert copies[other].scale == pytest.approx(factor, rel=0.01)
        assert copies[other].view == pytest.approx(1, abs=0.02)
    assert 0.5 < copies["cut"].view < 0.65
    assert len({len(copy.spectrum) for copy in copies.values()}) == 1, "all were measured"


def test_reasons_are_said_in_words(laid):
    copies = by_name(laid["hopper"])
    first, second = closest([copies["chat copy"], copies["original"]])
    assert first.reasons[0] == "larger: 512 × 600 against 282 × 330"
    assert second.reasons[0] == "smaller: 282 × 330 against 512 × 600"
    assert any(reason.startswith("saved at quality") and reason.endswith("against 70") for reason in first.reasons)
    assert closest([copies["enlarged"], copies["original"]])[1].reasons[0].startswith("enlarged: 733 × 858, with less")
    assert any("of the scene" in reason for reason in closest([copies["cut"], copies["original"]])[1].reasons)
    nonetheless = closest([copies["enlarged"], copies["original"]])[1].nonetheless
    assert any("saved at quality 96" in words for words in nonetheless), "what speaks for the other is not kept back"


def test_a_screenshot_of_the_same_size_shows_the_jpeg_behind_it(laid):
    chat = by_name(laid["collins"])["chat copy"]
    rgb = pixels(chain((SAMPLES / "originals" / "collins.jpg").read_bytes())["chat copy"])
    shot = Copy("shot.png", "f" * 64, chat.width, chat.height, 10 * chat.bytes, "PNG")
    ranked = closest(lay_together([replace(chat, scale=None, view=None), shot], [rgb, rgb]))
    assert [one.copy.name for one in ranked] == ["chat copy", "shot.png"]
    assert "whose pixels were a JPEG before" in ranked[1].reasons[0]


def test_the_order_of_the_list_does_not_matter(laid):
    orders = [[one.copy.name for one in closest(list(copies))] for copies in itertools.permutations(laid["coffee"])]
    assert all(order == orders[0] for order in orders)


def test_a_photo_of_something_else_comes_last_and_the_reason_is_said(laid, tmp_path):
    files = {"original": (SAMPLES / "originals" / "hopper.jpg").read_bytes(), "other.png": encoded(scene(5, 900))}
    files["small"] = encoded(resized(pixels(files["original"]), 0.6, cv2.INTER_AREA), "JPEG", quality=80)
    copies, pictures = copies_of({name: files[name] for name in ("original", "small")}, tmp_path)
    other, picture = copies_of({"other.png": encoded(scene(5, 300))}, tmp_path)
    ranked = closest(lay_together([*other, *copies], [*picture, *pictures]))
    assert [one.copy.name for one in ranked] == ["original", "small", "other.png"]
    assert ranked[2].reasons == (NOT_LAID,) and not ranked[2].copy.laid


def plain(name: str, **facts) -> Copy:
    return Copy.of({"name": name, "sha256": name, "width": 1000, "height": 800, "bytes": 100_000, "format": "JPEG",
                    "jpeg_quality": 90} | facts)  # fmt: skip


def order(*copies: Copy) -> list[str]:
    return [one.copy.name for one in closest(copies)]


def test_compression_comes_before_metadata_and_metadata_before_bytes():
    better, camera = plain("better", jpeg_quality=96), plain("camera", metadata=["camera", "date"])
    heavy = plain("heavy", bytes=900_000)
    assert order(heavy, camera, better) == ["better", "camera", "heavy"]
    first, second, _ = closest([heavy, camera, better])
    assert first.reasons == ("saved at quality 96 against 90",)
    assert first.nonetheless == ("its metadata was stripped, or never there",)
    assert second.reasons == ("saved at quality 90 against 96",)


def test_a_jpeg_that_was_one_before_lies_behind():
    assert order(plain("twice", earlier_quality=75), plain("once", earlier_quality=-1)) == ["once", "twice"]
    ranked = closest([plain("twice", earlier_quality=88), plain("once", earlier_quality=-1)])
    assert ranked[1].reasons == ("saved as JPEG at least twice",)
    assert order(plain("a", earlier_quality=None), plain("b", earlier_quality=-1))[0] == "a", "not looked is no mark"


def test_a_chat_apps_size_lies_behind_and_is_named():
    ranked = closest([plain("chat", width=1600, height=1200), plain("other", width=1613, height=1210)])
    assert [one.copy.name for one in ranked] == ["other", "chat"]
    assert ranked[1].reasons[0].startswith("a chat app's size: 1600 × 1200 (WhatsApp")
    assert chat_apps(plain("x", width=4032, height=3024)) == ()


def test_copies_that_nothing_parts_are_said_to_be_so():
    ranked = closest([plain("b"), plain("a")])
    assert [(one.copy.name, one.told_apart, one.reasons) for one in ranked] == [("a", True, ()), ("b", False, ())]
    assert closest([]) == [] and closest([plain("a")])[0].reasons == ()


def test_pixels_count_only_where_detail_was_not_measured():
    small, large = plain("small", width=500, height=400), plain("large")
    assert order(small, large) == ["large", "small"]
    measured = [replace(copy, scale=1.0, view=1.0, spectrum=(20.0,) * 40) for copy in (small, large)]
    assert [one.reasons for one in closest(measured)] == [(), ()]


def judged(label, p, threshold=0.6):
    return plain(f"{label}{p}", verdict=label, p_edited=p, threshold=threshold)


def test_the_spread_of_the_verdict():
    one = spread([judged("real", 0.2), judged("facetune", 0.8), judged("facetune", 0.7), plain("no face")])
    assert one.labels == {"facetune": 2, "real": 1} and not one.agree
    assert (one.low, one.high, one.scored, one.over, one.flips) == (0.2, 0.8, 3, 2, True)


def test_a_spread_within_one_side_does_not_flip():
    one = spread([judged("real", 0.2), judged("inconclusive", 0.59)])
    assert not one.flips and one.over == 0 and not one.agree
    assert spread([judged("real", 0.55, 0.5), judged("real", 0.55, 0.6)]).flips, "each by its own release"
    assert spread([judged("deepfake", 0.6), judged("deepfake", 0.9)]).agree, "at the threshold it is reached"


def test_the_spread_of_nothing():
    for none in (spread([]), spread([plain("a")])):
        assert (none.labels, none.low, none.high, none.scored, none.flips, none.agree) == (
            {},
            None,
            None,
            0,
            False,
            True,
        )


def test_a_copy_is_made_of_plain_facts_and_passes_over_what_it_does_not_know():
    copy = Copy.of({"name": "=a()", "sha256": "0", "width": 3, "height": 2, "bytes": 9, "format": "PNG", "phash": "x",
                    "verdict": "real", "metadata": ["camera"], "jpeg_quality": None})  # fmt: skip
    assert (copy.label, copy.metadata, copy.jpeg_quality, copy.size) == ("real", ("camera",), -1, "3 × 2")
    assert lay_together([], []) == []
