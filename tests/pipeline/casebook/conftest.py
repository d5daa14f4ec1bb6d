"""What tests of cases share: a casebook of its own, and photos that were examined once for all tests."""

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.casebook.adding import Arrival, add_outcome
from pipeline.casebook.case import Case
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.people import Person
from pipeline.intake import Item

PHOTOS = ("hopper_real.jpg", "hopper_face_swap.jpg", "hopper_smooth_skin.jpg", "coffee_no_face.jpg")


@pytest.fixture(scope="session")
def quick() -> Any:
    from pipeline.examining.loaded import load_cascade

    return load_cascade("quick")


@pytest.fixture(scope="session")
def examined(sample: Callable[[str], bytes], quick: Any) -> dict[str, Any]:
    """Name of a sample → its examination by the quick release, with maps."""
    from pipeline.cascade import examine
    from pipeline.photo import Photo

    return {name: examine(Photo.read(sample(name)), quick) for name in PHOTOS}


@pytest.fixture(autouse=True)
def quick_signals(signals_once: None) -> None:
    """See `signals_once`."""


@pytest.fixture
def casebook(home: Any) -> Casebook:
    return Casebook(Person("ada"))


@pytest.fixture
def case(casebook: Casebook) -> Case:
    return casebook.create("The matter", "What it is about.", ["press"])


@pytest.fixture
def add(examined: dict[str, Any]) -> Callable[..., Arrival]:
    """Add a sample to a case, as it was examined once."""

    def put(case: Case, name: str, called: str = "", source: str = "files") -> Arrival:
        examination = examined[name]
        item = Item(called or name, examination.photo.data)
        return add_outcome(case, item, case.keeping.originals.keep(item.data), source, examination)

    return put
