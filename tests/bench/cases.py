"""A case of fifty photos from its making to a second installation; and lists of a hundred thousand."""

import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from sqlalchemy import insert

from pipeline.casebook.adding import add_item
from pipeline.casebook.archive import Archive, export_case, import_case
from pipeline.casebook.case import Case
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.checks.verify import verify_archive, verify_case
from pipeline.casebook.log_table import Act
from pipeline.casebook.people import Person
from pipeline.casebook.report.write import write_report
from pipeline.casebook.schema import PHOTOS
from pipeline.casebook.search import PhotoQuery, search
from pipeline.examining.container import TIERS, jpeg
from pipeline.examining.loaded import load_cascade
from pipeline.intake import Item
from pipeline.photo import Photo

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
FIFTY, REPORTED, MANY = 50, 10_000, 100_000
BATCH = 500
LABELS = ("real", "deepfake", "facetune", "cannot tell")


def fifty() -> list[Item]:
    """Return the samples, and copies of them as they are sent around, until there are fifty."""
    names = sorted(path for path in SAMPLES.glob("*.jpg"))
    items = [Item(path.name, path.read_bytes()) for path in names]
    for tier, container in TIERS.items():
        for path in names:
            if len(items) == FIFTY:
                return items
            rgb = container(Photo.read(path.read_bytes()).rgb)
            _, coded = cv2.imencode(".jpg", np.ascontiguousarray(rgb[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 92])
            items.append(Item(f"{path.stem} {tier}.jpg", coded.tobytes()))
    for path in names:
        rgb = jpeg(np.ascontiguousarray(Photo.read(path.read_bytes()).rgb[:, ::-1]), 80)
        items.append(Item(f"{path.stem} mirrored.png", cv2.imencode(".png", rgb[..., ::-1])[1].tobytes()))
    return items[:FIFTY]


def from_making_to_second_installation() -> dict[str, object]:
    """Time each step of a case of fifty photos by the quick release, and count what does not hold at its end."""
    os.environ["TELLTALE_RELEASE"] = "quick"
    cascade, figures = load_cascade("quick"), dict[str, object]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        here, there = (Casebook(Person(who), folder / who) for who in ("ada", "carl"))
        case = here.create("Fifty", blind=True)
        items = fifty()
        figures["add and examine, with all evidence, s a photo"] = _time(
            lambda: [add_item(case, item, cascade) for item in items], len(items)
        )
        figures["blind opinions of two people, ms each"] = 1000 * _time(lambda: _hold(case, folder), 2 * len(items))
        for form in ("pdf", "html"):
            figures[f"report as {form}, s"] = _time(lambda form=form: write_report(case, folder / f"report.{form}"))
            figures[f"report as {form}, MB"] = round((folder / f"report.{form}").stat().st_size / 1e6, 1)
        again = {form: write_report(case, folder / f"again.{form}") for form in ("pdf", "html")}
        same = all(
            (folder / f"report.{form}").read_bytes() == (folder / f"again.{form}").read_bytes() for form in again
        )
        figures["reports made again have the same bytes"] = same
        figures["export, s"] = _time(lambda: export_case(case, folder / "case.zip"))
        figures["archive, MB"] = round((folder / "case.zip").stat().st_size / 1e6, 1)
        figures["import on a second installation, s"] = _time(lambda: import_case(there, folder / "case.zip"))
        taken = there.open(case.id)
        for what, verify in (
            ("case", lambda: verify_case(case)),
            ("archive", lambda: verify_archive(Archive(folder / "case.zip"))),
            ("case on the second installation", lambda: verify_case(taken)),
        ):
            since, checks = time.perf_counter(), list(verify())
            failing = [check for check in checks if not check.holds]
            figures[f"verify {what}, each photo examined anew, s"] = round(time.perf_counter() - since, 1)
            figures[f"verify {what}: checks, of which do not hold"] = f"{len(checks)}, {len(failing)}"
    return figures | lists_of_many()


def lists_of_many() -> dict[str, object]:
    """Time the lists of a case of a hundred thousand photos, and tell how much memory they take."""
    figures = dict[str, object]()
    with tempfile.TemporaryDirectory() as name:
        book = Casebook(Person("ada"), Path(name))
        case = book.create("Many")
        rows = [
            {"case_id": case.id, "number": n, "name": f"IMG_{n}.jpg", "sha256": f"{n * 7919 % MANY:064x}", "bytes": 1,
             "at": "2026-01-01T00:00:00Z", "verdict": ("real", "deepfake", "")[n % 3], "p_edited": n * 31 % 997 / 997}
            for n in range(1, MANY + 1)
        ]  # fmt: skip
        with book.keeping.database.writing() as connection:
            connection.execute(insert(PHOTOS), rows)
        del rows
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for what, query in {
            "first page": PhotoQuery(case.id),
            "last page": PhotoQuery(case.id, first=MANY - 60),
            "of one verdict": PhotoQuery(case.id, verdicts=("deepfake",)),
            "by a part of the name": PhotoQuery(text="_9999"),
            "by a hash": PhotoQuery(text=f"{5:064x}"),
        }.items():
            figures[f"100,000 photos, {what}, ms"] = round(1000 * _time(lambda query=query: search(book, query)))
        figures["100,000 photos, list of cases, ms"] = round(1000 * _time(lambda: book.cases()))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        figures["memory that these lists took, MB"] = round(grown / 1024)
    return figures


def report_of_ten_thousand() -> dict[str, object]:
    """Time the reports of a case of ten thousand photos, each with the findings of one, and tell their memory."""
    os.environ["TELLTALE_RELEASE"] = "quick"
    figures = dict[str, object]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        case = Casebook(Person("ada"), folder / "home").create("Ten thousand")
        add_item(case, Item("first.jpg", (SAMPLES / "hopper_face_swap.jpg").read_bytes()), load_cascade("quick"))
        added, examined = case.entries(2, 3)
        for first in range(2, REPORTED + 1, BATCH):
            acts: list[Act] = []
            for number in range(first, min(first + BATCH, REPORTED + 1)):
                here = {"photo": number, "name": f"IMG_{number}.jpg"}
                acts += [("added", added.facts | here), ("examined", examined.facts | {"photo": number})]
            case.act(*acts)
        for form in ("html", "pdf"):
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            figures[f"report of 10,000 photos as {form}, s"] = _time(
                lambda form=form: write_report(case, folder / f"report.{form}")
            )
            figures[f"report of 10,000 photos as {form}, MB"] = round(
                (folder / f"report.{form}").stat().st_size / 1e6, 1
            )
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            figures[f"report of 10,000 photos as {form}, memory that it took, MB"] = round(grown / 1024)
    return figures


def _hold(case: Case, folder: Path) -> None:
    """Give two people's opinions of every photo, before either saw a verdict."""
    other = Case(case.keeping, case.id, Person("bob"))
    for photo in case.record().photos:
        for who in (case, other):
            who.hold(photo.number, LABELS[photo.number % 4], "as it looks")


def _time(work: Callable[[], object], count: int = 1) -> float:
    since = time.perf_counter()
    work()
    return round((time.perf_counter() - since) / count, 3)
