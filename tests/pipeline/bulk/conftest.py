"""What tests of batches share."""

from pathlib import Path

import pytest

JPEG = b"\xff\xd8\xff\xe0"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Forty files named as photos."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:02}.jpg").write_bytes(JPEG + bytes([number]))
    return folder
