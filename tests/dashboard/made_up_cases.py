"""Cases whose faces, scores and maps are made up, and their opened photos as an app of their own."""

from collections.abc import Iterable
from typing import Any

from streamlit.testing.v1 import AppTest
from synthetic_run import VERDICTS, face, heatmap, png_bytes

from models.release import read_release
from pipeline.casebook import dossier
from pipeline.casebook.adding import add_outcome
from pipeline.casebook.case import Case
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.people import Person
from pipeline.examination import Examination, FaceExamination
from pipeline.intake import Item
from pipeline.photo import Photo

ADA = Person("ada")


def casebook(name: str = "ada", role: str = "admin") -> Casebook:
    return Casebook(Person(name, role))


def examination(label: str, data: bytes, faces: Iterable[FaceExamination] | None = None) -> Examination:
    """Return an examination of a file with one face of this verdict, or with the faces given."""
    verdict = VERDICTS.get(label)
    if faces is None and verdict is not None:
        argued = {"edited": "real" if label == "real" else "edited", "deepfake": label}[verdict.stage]
        faces = [face(verdict, [heatmap(label=argued, stage=verdict.stage)])]
    return Examination(Photo.read(data), tuple(faces or ()), read_release())


def add(case: Case, name: str, label: str = "facetune", data: bytes | None = None, **more: Any) -> int:
    """Put a photo into a case; return its number."""
    data = data or png_bytes(len(case.entries()) % 250)
    item = Item(name, data)
    sha256 = case.keeping.originals.keep(data)
    return add_outcome(case, item, sha256, "files", examination(label, data, **more)).number


def add_again(case: Case, number: int, label: str) -> None:
    """Log another examination of a photo of a case."""
    photo = next(photo for photo in case.record().photos if photo.number == number)
    outcome = examination(label, case.keeping.originals.read(photo.sha256))
    case.act(("examined", {"photo": number} | dossier.found_in(outcome, photo.name).keep(case.keeping.objects)))


def _app() -> None:
    import streamlit as st

    from dashboard.kit.messages import showing_errors
    from dashboard.session import cases
    from dashboard.views.cases import photo_page
    from pipeline.casebook.casebook import Casebook
    from pipeline.casebook.people import Person

    case_id, number = cases.opened()
    with showing_errors():
        book = Casebook(Person(st.query_params.get("who", "ada"), st.query_params.get("role", "admin")))
        case = book.open(case_id)
        order = [photo.number for photo in case.record().photos if photo.deleted is None]
        if number is None:
            st.write("The list of photos")
        else:
            photo_page.draw_photo(book, case, number, order)


def opened(case: Case, number: int = 1, who: str = "ada", role: str = "admin") -> AppTest:
    """Return a photo of a case as this person sees it."""
    test = AppTest.from_function(_app, default_timeout=120)
    for name, value in {"case": case.id, "photo": str(number), "who": who, "role": role}.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception, test.exception
    return test
