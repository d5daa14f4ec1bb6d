"""Five thousand mixed files through the command line: photos of all kinds, junk, archives; the account must add up."""

import io
import json
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

import pillow_heif
from PIL import Image

from pipeline.settings import PROJECT

SAMPLES = PROJECT / "sample_data"
FILES, SEED, SIDE = 5_000, 17, 200
FORMS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF", "AVIF")
ENDINGS = {
    "JPEG": (".jpg", ".JPEG", ".pjpeg", ".jpg_large", "", ".mpo", ".jpg.1"),
    "PNG": (".png", ".PNG", ".jpg"),
    "HEIF": (".heic", ".HIF"),
}
JUNK = {
    ".json": b'{"title": "photo"}',
    ".txt": b"12.03.24, 10:00 - A: photo",
    ".xmp": b"<x:xmpmeta/>",
    ".mp4": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + b"\0" * 500,
    ".ini": b"[x]",
}
REFUSED = {
    ".raf": b"FUJIFILMCCD-RAW " + b"\0" * 500,
    ".jxl": b"\xff\x0a" + b"\0" * 500,
    ".jpg": b"this is no photo",
    ".png": b"",
    ".7z": b"7z\xbc\xaf\x27\x1c\0\4" + b"\0" * 100,
}


class Maker:
    """Makes files under a folder, and counts what must become of each."""

    def __init__(self, folder: Path, seed: int = SEED) -> None:
        self.folder, self.chance, self.expected = folder, random.Random(seed), Counter()
        pillow_heif.register_heif_opener()
        self._photos = {form: self._encoded(form) for form in FORMS}

    def _encoded(self, form: str) -> list[bytes]:
        found = []
        for name in ("collins_face_swap", "hopper_real", "coffee_no_face"):
            small = Image.open(SAMPLES / f"{name}.jpg").convert("RGB").resize((SIDE, SIDE))
            buffer = io.BytesIO()
            small.save(buffer, form)
            found.append(buffer.getvalue())
        return found

    def photo(self) -> tuple[str, bytes]:
        """Return the ending and the bytes of a photo."""
        form = self.chance.choice(FORMS)
        return self.chance.choice(ENDINGS.get(form, (f".{form.lower()}",))), self.chance.choice(self._photos[form])

    def thing(self, number: int) -> tuple[str, bytes, str]:
        """Return a name, bytes and what must become of it: "examined", "refused" or "left out"."""
        kind = self.chance.choices(("photo", "junk", "refused", "cut", "sidecar"), (50, 20, 12, 8, 10))[0]
        if kind == "photo":
            ending, data = self.photo()
            return f"photo{number}{ending}", data, "examined"
        if kind == "sidecar":
            name = self.chance.choice((f"._photo{number}.jpg", f"@eaDir/x{number}.jpg", f"{number}/.DS_Store"))
            return name, b"\0\5\x16\7\0\2\0\0" + b"\0" * 80, "left out"
        if kind == "cut":
            whole = self._photos["JPEG"][0]
            return f"cut{number}.jpg", whole[: len(whole) * self.chance.randint(20, 80) // 100], "refused"
        table = JUNK if kind == "junk" else REFUSED
        ending = self.chance.choice(list(table))
        return f"{kind}{number}{ending}", table[ending], "left out" if kind == "junk" else "refused"

    def archive(self, number: int) -> bytes:
        """Return a zip of up to eight things, sometimes with a zip in it."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for entry in range(self.chance.randint(1, 8)):
                name, data, fate = self.thing(entry)
                archive.writestr(f"{entry}/{name}", data)
                self.expected[fate] += 1
            if self.chance.random() < 0.3:
                inner = io.BytesIO()
                with zipfile.ZipFile(inner, "w") as nested:
                    nested.writestr("photo.jpg", self._photos["JPEG"][0])
                archive.writestr("nested.zip", inner.getvalue())
                self.expected["refused"] += 1
        return buffer.getvalue()

    def make(self, count: int) -> None:
        """Make so many files."""
        for number in range(count):
            folder = self.folder / f"{number % 20:02}"
            if number % 12 == 0:
                name, data = f"archive{number}.zip", self.archive(number)
            elif number % 97 == 0:
                name, data = f"broken{number}.zip", self._zip_without_end()
                self.expected["refused"] += 1
            else:
                name, data, fate = self.thing(number)
                self.expected[fate] += 1
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)

    def _zip_without_end(self) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("photo.jpg", self._photos["JPEG"][0])
        return buffer.getvalue()[:-60]


def accounted_for(count: int = FILES) -> dict[str, str]:
    """Examine the files by the command line with the quick release, and compare its account with what was made."""
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name) / "in", Path(name) / "results.jsonl"
        maker = Maker(folder)
        maker.make(count)
        since = time.perf_counter()
        command = [sys.executable, "-m", "pipeline", "examine", str(folder), "--recursive", "--release", "quick"]
        done = subprocess.run([*command, "--out", str(out)], cwd=PROJECT, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - since
        summary = json.loads(out.with_name("results.jsonl.summary.json").read_text(encoding="utf-8"))
        rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    refused, left_out = sum(summary["refused"].values()), sum(summary["left_out"].values())
    expected = maker.expected
    same = (summary["examined"], refused, left_out) == (expected["examined"], expected["refused"], expected["left out"])
    adds_up = summary["handed_over"] == summary["examined"] + refused + left_out
    return {
        f"{count:,} files (seed {SEED})": summary["sentence"],
        "it adds up": "yes" if adds_up else "NO",
        "it is what was made": "yes" if same else f"NO: {dict(expected)}",
        "rows, of them errors": f"{len(rows):,}, {sum('error' in row for row in rows):,}",
        "exit code, lines of traceback": f"{done.returncode}, {done.stderr.count('Traceback')}",
        "seconds": f"{seconds:.0f}",
    }
