"""Heatmaps held against maps that never saw the photo: of which photos that is, and of which version of the release."""

import pytest
from driven import app, text_of

from models.release import read_release
from tests.made_up_maps import REVISION, write_mapped, write_maps

PAGE = "from dashboard.views.heatmaps import page\npage.render()"
OTHERS = "; other photos than these: split "


@pytest.fixture
def home(setting, tmp_path):
    setting(evaluations=tmp_path, home=tmp_path / "home")
    write_mapped(tmp_path)
    return tmp_path


def measured(home, revision=REVISION, **run):
    """Write maps as they were measured on a revision of the data."""
    write_maps(home, **run).rename(home / read_release().name / f"maps@{revision}")


def shown():
    return text_of(app(PAGE))


def test_maps_of_the_very_photos_need_no_remark(home):
    measured(home, "ffffffffff", date="2026-11-30T10:00:00Z")
    measured(home, date="2026-11-20T10:00:00Z", release_sha256=read_release().sha256)
    told = shown()
    assert "Held against maps that never saw the photo (composites), the shipped" in told
    assert OTHERS not in told and "Other photos than those of the evaluation" not in told
    assert "has changed since its maps were measured" not in told


def test_of_maps_of_other_photos_the_newest_are_held_against_and_it_is_said_which_they_are(home):
    measured(home, "ffffffffff", date="2026-11-20T10:00:00Z", best="mask")
    measured(home, "0000000000", date="2026-11-30T10:00:00Z")
    told = shown()
    assert f"(composites{OTHERS}test, data revision 0000000000), the shipped" in told
    assert "Other photos than those of the evaluation above**: split test, data revision 0000000000." in told
    assert "made with another one" not in told


def test_another_split_of_the_same_data_is_other_photos(home):
    measured(home, split="val")
    assert f"(composites{OTHERS}val, data revision {REVISION}), the shipped" in shown()


def test_maps_of_another_version_of_the_release_are_warned_of(home):
    measured(home, release_sha256="0" * 64)
    assert "has changed since its maps were measured" in shown()
