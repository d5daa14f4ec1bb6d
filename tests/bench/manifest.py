"""What a file costs when a folder is prepared, at a thousand and at twenty thousand of them."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

COUNTS = (1_000, 20_000)
SIDE = 256
MEASURED = (
    "import sys; from pathlib import Path; from pipeline.manifest.prepare import prepare; "
    "prepare([('folders', Path(sys.argv[1]))], Path(sys.argv[2])); "
    "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
)


def cost_per_file() -> dict[str, Any]:
    """Return milliseconds a file and the peak memory of the leading process in MB; each picture is another."""
    found: dict[str, Any] = {}
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as scratch:
            folder = _folder(Path(scratch) / "photos", count)
            since = time.perf_counter()
            command = [sys.executable, "-c", MEASURED, str(folder), str(Path(scratch) / "out")]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            spent = time.perf_counter() - since
            found[f"{count:,} files, ms a file, all steps"] = round(1000 * spent / count, 2)
            found[f"{count:,} files, peak memory, MB"] = round(int(done.stdout.split()[-1]) / 1024)
    return found


def _folder(root: Path, count: int) -> Path:
    """Write smooth random pictures with grain, half of them as real and half as facetune."""
    rng = np.random.default_rng(0)
    grain = rng.integers(-12, 13, (SIDE, SIDE, 3)).astype(np.int16)
    for number in range(count):
        path = root / ("real" if number % 2 else "facetune") / f"{number:06}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse = rng.integers(0, 256, (9, 9, 3)).astype(np.uint8)
        picture = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) + grain
        cv2.imwrite(str(path), np.clip(picture, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 85])
    return root
