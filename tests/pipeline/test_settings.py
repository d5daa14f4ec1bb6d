"""Settings come from the environment, typed, or not at all."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.errors import BadSetting
from pipeline.settings import PROJECT, Settings, settings


def test_defaults(setting):
    setting()
    assert settings().max_megapixels == 80 and settings().max_faces == 300 and settings().release == ""
    assert (PROJECT / "pipeline" / "settings.py").is_file()


def test_the_environment_is_read_once(setting, monkeypatch, tmp_path):
    setting(home=tmp_path, max_faces=7, release="r")
    assert (settings().home, settings().max_faces, settings().release) == (Path(tmp_path), 7, "r")
    monkeypatch.setenv("TELLTALE_MAX_FACES", "8")
    assert settings() is settings() and settings().max_faces == 7


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_faces", "many"), ("max_faces", "0"), ("batch_size", "257"), ("threads", "-1"), ("max_megabytes", "")],
)
def test_a_value_that_cannot_be_used_is_named(name, value, setting):
    setting(**{name: value})
    with pytest.raises(BadSetting, match=f"TELLTALE_{name.upper()}"):
        settings()


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        settings().max_faces = 3  # type: ignore[misc]


def test_every_setting_says_what_it_is():
    assert all(field.description for field in Settings.model_fields.values())
