"""One object from a JSON file, or an error of the caller's kind that names the file."""

import pytest

from pipeline.errors import BadAudit, BadRecipe
from pipeline.storage.read_json import read_json


def test_an_object_is_read(tmp_path):
    (tmp_path / "a.json").write_text('{"a": "ä"}', encoding="utf-8")
    assert read_json(tmp_path / "a.json", BadAudit, "audit") == {"a": "ä"}


@pytest.mark.parametrize(
    "data, reason", [(b"{", "no valid JSON"), (b"\xff", "no valid JSON"), (b"[1]", "holds no audit")]
)
def test_what_is_no_object_is_refused(tmp_path, data, reason):
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(BadAudit, match=rf"a\.json.* {reason}"):
        read_json(tmp_path / "a.json", BadAudit, "audit")


def test_what_is_not_there_or_no_file_is_refused(tmp_path):
    with pytest.raises(BadRecipe, match=r"There is no a\.json .* no whole recipe"):
        read_json(tmp_path / "a.json", BadRecipe, "recipe")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(BadRecipe, match="cannot be read"):
        read_json(tmp_path / "folder.json", BadRecipe, "recipe")
