"""Peak memory of the command line at one photo and at a thousand, and seconds from its start to a first verdict."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.photos import portraits

MANY = 1000
# VmHWM, not getrusage: that one counts what the process had before it became this program
MEASURED = (
    "import sys; from pathlib import Path; from pipeline.bulk.examine import Call, run; "
    "run(Call((sys.argv[1],), out=Path(sys.argv[1]).parent / 'out.jsonl')); "
    "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
)


def at_one_and_many() -> dict[str, Any]:
    """Return the peak resident memory in MB of the default release, and the seconds that one photo takes."""
    found = {}
    for count in (1, MANY):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "photos"
            folder.mkdir()
            for number, data in enumerate(portraits(min(count, 50)) * (count // min(count, 50))):
                (folder / f"{number:04}.jpg").write_bytes(data)
            since = time.perf_counter()
            done = subprocess.run([sys.executable, "-c", MEASURED, folder], capture_output=True, text=True, check=True)
            if count == 1:
                found["start to the verdict of one photo, s"] = round(time.perf_counter() - since, 1)
            found[f"peak memory at {count} photos, MB"] = round(int(done.stdout.split()[-1]) / 1024)
    return found
