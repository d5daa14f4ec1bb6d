"""Results never go over a photo, an archive or one another, and are never examined themselves."""

from pathlib import Path

import pytest

from pipeline.bulk.places import free_places, is_device, map_name
from pipeline.errors import WouldOverwrite
from pipeline.intake import named_in


@pytest.fixture
def folder(tmp_path, sample):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(sample("hopper_real.jpg"))
    (tmp_path / "in" / "e.zip").write_bytes(b"PK\x05\x06" + b"\0" * 18)
    return tmp_path / "in"


def kept(folder: Path, *places: Path | None, maps: Path | None = None) -> list[str]:
    return sorted(Path(each.path).name for each in free_places(places, maps, named_in(str(folder), True)))


@pytest.mark.parametrize("name", ["a.jpg", "e.zip"])
def test_a_photo_or_an_archive_is_never_written_over(folder, name):
    before = (folder / name).read_bytes()
    with pytest.raises(WouldOverwrite, match="holds a photo or an archive"):
        kept(folder, folder / name)
    with pytest.raises(WouldOverwrite):
        kept(folder, None, folder / name)
    assert (folder / name).read_bytes() == before


def test_results_and_summary_need_a_file_each(folder, tmp_path):
    with pytest.raises(WouldOverwrite, match="a file each"):
        kept(folder, tmp_path / "r", tmp_path / "in" / ".." / "r")


def test_what_is_to_be_examined_is_not_written_to(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(WouldOverwrite, match="is to be examined"):
        free_places([tmp_path / "notes.txt"], None, named_in(str(tmp_path / "notes.txt"), False))


def test_ones_own_results_and_maps_are_not_examined(folder, sample):
    (folder / "r.jsonl").write_text("{}\n")
    (folder / "r.jsonl.summary.json").write_text("{}")
    (folder / "maps").mkdir()
    overlay = map_name("0123456789abcdef" * 4, 1, "edited", "facetune")
    (folder / "maps" / overlay).write_bytes(sample("hopper_real.jpg"))
    own = folder / "r.jsonl", folder / "r.jsonl.summary.json"
    assert kept(folder, *own, maps=folder / "maps") == ["a.jpg", "e.zip"]
    assert kept(folder, None, None) == [overlay, "a.jpg", "e.zip", "r.jsonl", "r.jsonl.summary.json"]


def test_photos_that_lie_where_maps_are_kept_are_examined(folder, sample):
    (folder / "more").mkdir()
    for name in ("b.jpg", "c.png", f"more/{map_name('0' * 64, 1, 'edited', 'real')}"):
        (folder / name).write_bytes(sample("hopper_real.jpg"))
    everything = kept(folder)
    assert len(everything) == 5 and kept(folder, maps=folder) == everything == kept(folder, maps=folder.parent)


def test_a_device_is_no_file_of_its_own(tmp_path):
    assert is_device(Path("/dev/stdout")) and is_device(Path("/dev/null")) and is_device(tmp_path)
    assert not is_device(tmp_path / "new.jsonl")
