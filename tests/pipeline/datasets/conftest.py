"""Small folders in the layout of each collection. Readers never open a picture, so theirs are empty files."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

FACTS = ("original_jpeg_quality", "original_subsampling", "original_bytes")


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def table(path: Path, header: Iterable[str], *lines: Iterable[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([list(header), *map(list, lines)])
    return path


def ciplab(folder: Path) -> Path:
    touch(folder, "real/real_00001.jpg", "fake/mid_12_0110.jpg", "fake/easy_116_111.jpg")
    header = ("file", "class", "difficulty", "regions", "group", *FACTS)
    table(
        folder / "index.csv",
        header,
        ("fake/mid_12_0110.jpg", "fake", "mid", "0110", "7", "94", "0", "112502"),
        ("fake/easy_116_111.jpg", "fake", "easy", "111", "8", "87", "2", "90000"),
        ("real/real_00001.jpg", "real", "", "", "7", "94", "0", "110000"),
    )
    return folder


def dfdc(folder: Path) -> Path:
    touch(folder, "real/aa.jpg", "fake/ab.jpg", "real/ba.jpg", "fake/bb.jpg")
    header = ("real", "fake", "person", "source_width", "mae_center", "mae_border", "pixel_aligned")
    lines = (("aa", "ab", "1", "155", "18.1", "28.6", "0"), ("ba", "bb", "9", "186", "5.9", "2.0", "1"))
    table(folder / "index.csv", header, *lines)
    return folder


def stylegan2(folder: Path) -> Path:
    touch(folder, *(f"real/real_{n}.jpg" for n in range(471)), *(f"fake/fake_{n}.jpg" for n in range(560)))
    return folder


def portraits(folder: Path) -> Path:
    touch(folder, "ffhq/134.jpg", "congress/C001134.jpg", "london/005_03.jpg", "london/005_08.jpg", "stock_cc0/060.jpg")
    return folder


PUBLISHED = ("file", "sha256", "original_sha256", "source", "label", "kind", "split")


def web(folder: Path) -> Path:
    touch(folder, "allage/0a.jpg", "utk/1b.jpg", "press/2c.jpg")
    lines = (("web/allage/0a.jpg", "0a", "0a", "allage", "real", "", "val"),
             ("web/utk/1b.jpg", "1b", "f1b", "utk", "real", "", "train"),
             ("web/press/2c.jpg", "2c", "2c", "press", "real", "", "val"))  # fmt: skip
    table(folder / "index.csv", PUBLISHED, *lines)
    return folder


def generated(folder: Path) -> Path:
    touch(folder, "generated4k/0a.jpg", "sfhq_t2i/1b.jpg")
    lines = (("generated/generated4k/0a.jpg", "0a", "f0a", "generated4k", "deepfake", "GAN", "train"),
             ("generated/sfhq_t2i/1b.jpg", "1b", "1b", "sfhq_t2i", "deepfake", "diffusion", "val"))  # fmt: skip
    table(folder / "index.csv", PUBLISHED, *lines)
    return folder


def deepfake_and_real(folder: Path) -> Path:
    for part in ("Train", "Validation", "Test"):
        home = folder / "Dataset" / part
        touch(
            home, "Fake/fake_1.jpg", "Fake/fake_1 (1).jpg", "Fake/fake_2_0.jpg", "Fake/fake_2_1.jpg", "Real/real_1.jpg"
        )
    return folder


def ciplab_kaggle(folder: Path) -> Path:
    names = ("training_real/real_00001.jpg", "training_fake/mid_12_0110.jpg", "training_fake/easy_116_111.jpg")
    touch(folder / "real_and_fake_face", *names)
    touch(folder / "real_and_fake_face_detection" / "real_and_fake_face", *names)
    return folder


def deepfake_faces(folder: Path) -> Path:
    touch(folder / "faces_224", "aa.jpg", "ab.jpg", "ac.jpg", "zz.jpg")
    header = ("videoname", "original_width", "original_height", "label", "original")
    table(
        folder / "metadata.csv",
        header,
        ("aa.mp4", "129", "129", "REAL", ""),
        ("ab.mp4", "129", "129", "FAKE", "aa.mp4"),
        ("ac.mp4", "129", "129", "FAKE", "aa.mp4"),
        ("zz.mp4", "129", "129", "FAKE", "yy.mp4"),
    )
    return folder


def folders(folder: Path) -> Path:
    touch(folder, "Real Faces/1.jpg", "Real Faces/more/2.JPEG", "1_fake/3.png", "retouched/4.webp")
    return folder


def photos_csv(folder: Path) -> Path:
    touch(folder, "a/1.jpg", "a/2.jpg", "m/2.png")
    header = ("path", "label", "kind", "group", "split", "mask", "remark")
    lines = (
        ("a/1.jpg", "real", "", "p1", "train", "", ""),
        ("a/2.jpg", "Facetune", "retouch", "p1", "validation", "m/2.png", "x"),
    )
    return table(folder / "photos.csv", header, *lines)


LAYOUTS: dict[str, Callable[[Path], Path]] = {
    "ciplab": ciplab,
    "ciplab_kaggle": ciplab_kaggle,
    "deepfake_and_real": deepfake_and_real,
    "deepfake_faces": deepfake_faces,
    "dfdc": dfdc,
    "folders": folders,
    "generated": generated,
    "portraits": portraits,
    "stylegan2": stylegan2,
    "table": photos_csv,
    "web": web,
}


@pytest.fixture(scope="session")
def layouts() -> dict[str, Callable[[Path], Path]]:
    """Dataset's name to what builds it in a folder and returns what `prepare` would be given."""
    return LAYOUTS


@pytest.fixture(scope="session")
def put() -> Callable[..., None]:
    """`put(folder, "real/1.jpg", …)` makes empty files."""
    return touch


@pytest.fixture(scope="session")
def write_table() -> Callable[..., Path]:
    """`write_table(path, header, *lines)` writes a CSV."""
    return table
