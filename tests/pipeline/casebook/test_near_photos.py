"""Near duplicates are met however a photo was handed on, strangers are not; what cannot be met is held here too."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.casebook.alike.near_photos import PART, WAYS, Fingerprint, NearPhotos, near_groups, ways_of
from pipeline.manifest.duplicates import ALIKE, NEAR_BITS
from pipeline.manifest.file_facts import THUMB, FileFacts
from pipeline.photo import Photo
from tests.pipeline.manifest.pictures import jpeg, scene


@pytest.fixture(scope="module")
def photos(sample) -> dict[str, np.ndarray]:
    names = ("hopper_real.jpg", "collins_real.jpg", "coffee_no_face.jpg")
    return {name.split("_")[0]: Photo.read(sample(name)).rgb for name in names}


def encoded(rgb: np.ndarray, quality: int = 70) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg(np.ascontiguousarray(rgb), quality))))


def index(pictures) -> NearPhotos:
    return NearPhotos.of([Fingerprint.of(np.ascontiguousarray(rgb)) for rgb in pictures])


def turned(rgb: np.ndarray, way: str) -> np.ndarray:
    number = WAYS.index(way)
    return np.ascontiguousarray(np.rot90(rgb[:, ::-1] if "mirrored" in way else rgb, number % 4))


def test_a_fingerprint_is_that_of_the_file(sample, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(sample("hopper_real.jpg"))
    facts = FileFacts.of(path)
    one = Fingerprint.of(Photo.read(sample("hopper_real.jpg")).rgb)
    assert (one.hex, one.thumb) == (facts.phash, facts.thumb) and one == Fingerprint.of_hex(facts.phash, facts.thumb)
    assert Fingerprint.of_hex("00000000000000ff", one.thumb).hex == "00000000000000ff", "leading zeros stay"


@pytest.mark.parametrize(
    "change",
    [
        lambda rgb: encoded(rgb, 30),
        lambda rgb: encoded(cv2.resize(rgb, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA)),
        lambda rgb: cv2.resize(rgb, None, fx=1.7, fy=1.7, interpolation=cv2.INTER_CUBIC),
        lambda rgb: np.clip(rgb * 1.1 + 6, 0, 255).astype(np.uint8),
        lambda rgb: np.repeat(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2),
    ],
    ids=["quality 30", "a third of the size", "enlarged", "lighter", "grey"],
)
def test_a_copy_is_near_its_photo_alone(photos, change):
    many = index([*photos.values(), *(scene(seed) for seed in range(30))])
    for place, rgb in enumerate(photos.values()):
        near = many.near(change(rgb))
        assert [(one.place, one.way) for one in near] == [(place, "as it is")]
        assert near[0].bits <= NEAR_BITS and near[0].correlation >= ALIKE


def test_an_edit_is_near_its_original(sample, photos):
    many = index(photos.values())
    for name in ("hopper_face_swap.jpg", "hopper_reshape.jpg", "hopper_makeup.jpg"):
        assert [one.place for one in many.near(Photo.read(sample(name)).rgb)] == [0]


@pytest.mark.parametrize("way", WAYS)
def test_a_turned_or_mirrored_copy_is_met_and_the_way_said(photos, way):
    rgb = photos["coffee"]
    near = index([photos["hopper"], encoded(turned(rgb, way))]).near(rgb)
    assert [(one.place, one.way) for one in near] == [(1, way)]


def test_the_fingerprint_of_a_turned_photo_is_that_of_its_turned_small_picture(photos):
    for way, one in ways_of(photos["collins"]).items():
        whole = Fingerprint.of(turned(photos["collins"], way))
        assert (one.hash ^ whole.hash).bit_count() <= 2
        apart = np.abs(np.frombuffer(one.thumb, np.uint8).astype(int) - np.frombuffer(whole.thumb, np.uint8))
        assert apart.max() <= 1


@pytest.mark.parametrize("share", [0.9, 0.75, 0.6])
def test_a_cut_is_met_from_the_wider_photo_only_when_parts_are_asked_for(photos, share):
    for rgb in photos.values():
        height, width = rgb.shape[:2]
        top, left = round(0.3 * (1 - share) * height), round(0.8 * (1 - share) * width)
        cut = rgb[top : top + round(share * height), left : left + round(share * width)]
        many = index([scene(1), encoded(cut)])
        assert many.near(rgb) == []
        (near,) = many.near(rgb, parts=True)
        assert (near.place, near.way) == (1, PART)
        expected = (left / width, top / height, left / width + share, top / height + share)
        assert near.window == pytest.approx(expected, abs=0.04)
        assert index([rgb]).near(np.ascontiguousarray(cut), parts=True) == [], "said in the module: not this way round"


def test_the_photo_itself_is_no_part_of_itself(photos):
    (near,) = index([photos["hopper"]]).near(photos["hopper"], parts=True)
    assert (near.way, near.bits, near.window) == ("as it is", 0, None)


def test_the_nearest_come_first(photos):
    rgb = photos["hopper"]
    cut = rgb[8:-8, 8:-8]
    near = index([np.ascontiguousarray(cut), scene(3), rgb]).near(rgb)
    assert [one.place for one in near] == [2, 0] and near[0].bits == 0 < near[1].bits


def test_one_among_a_hundred_thousand(photos):
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64 - 1, 100_000, np.uint64, endpoint=True)
    thumbs = rng.integers(0, 256, (100_000, THUMB**2), np.uint8)
    one = Fingerprint.of(photos["hopper"])
    hashes[77_777], thumbs[77_777] = one.hash ^ 0b111, np.frombuffer(one.thumb, np.uint8)
    hashes[5] = one.hash  # the hash alone, on another thumb
    many = NearPhotos(hashes, thumbs)
    assert [(near.place, near.bits) for near in many.near_to(one)] == [(77_777, 3)]
    assert [near.place for near in many.near(photos["hopper"])] == [77_777] and len(many) == 100_000


def test_blank_pictures_are_near_equal_ones_alone():
    white, grey = (np.full((60, 80, 3), level, np.uint8) for level in (255, 128))
    assert [near.place for near in index([white, grey, scene(1)]).near(white)] == [0]


def test_nothing_is_near_in_an_empty_index(photos):
    assert NearPhotos.of([]).near(photos["hopper"], parts=False) == []
    assert near_groups(np.empty(0, np.uint64), np.empty((0, THUMB**2), np.uint8)).tolist() == []


def test_an_index_of_parts_that_do_not_fit_is_refused():
    with pytest.raises(ValueError, match="do not fit"):
        NearPhotos(np.zeros(2, np.int64), np.zeros((2, THUMB**2), np.uint8))
    with pytest.raises(ValueError, match="do not fit"):
        NearPhotos(np.zeros(2, np.uint64), np.zeros((3, THUMB**2), np.uint8))


def arrays(pictures) -> tuple[np.ndarray, np.ndarray]:
    ones = [Fingerprint.of(np.ascontiguousarray(rgb)) for rgb in pictures]
    thumbs = np.frombuffer(b"".join(one.thumb for one in ones), np.uint8).reshape(len(ones), -1)
    return np.array([one.hash for one in ones], np.uint64), thumbs


def test_a_set_falls_into_its_groups(photos):
    hopper, collins = photos["hopper"], photos["collins"]
    pictures = [scene(1), encoded(hopper), collins, encoded(hopper[6:-6, 6:-6]), scene(2), encoded(collins, 40), hopper]
    assert near_groups(*arrays(pictures)).tolist() == [0, 1, 2, 1, 4, 2, 1]


def test_a_photo_that_went_round_hides_none_of_its_copies(photos):
    """The index passes over values of a band that more than 64 share: equal hashes are joined before it."""
    pictures = [encoded(photos["hopper"], quality) for quality in range(10, 100)] + [scene(1)]
    groups = near_groups(*arrays(pictures))
    assert set(groups[:-1]) == {0} and groups[-1] == len(pictures) - 1


def test_one_hash_with_two_pictures_is_two_groups():
    thumbs = np.random.default_rng(0).integers(0, 256, (2, THUMB**2)).astype(np.uint8)
    assert near_groups(np.array([9, 9], np.uint64), np.vstack([thumbs, thumbs[:1]])[:2]).tolist() == [0, 1]
    assert near_groups(np.array([9, 9, 9], np.uint64), np.vstack([thumbs, thumbs[:1]])).tolist() == [0, 1, 0]
