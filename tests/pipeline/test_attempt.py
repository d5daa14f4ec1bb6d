"""Whatever goes wrong with one photo is held; what is foreseen, or meant to end the program, is not."""

import pytest

from pipeline.attempt import attempt, each
from pipeline.errors import Unexpected, UnreadablePhoto


def divided(number: int, by: int = 1) -> float:
    return number / by


def test_what_a_function_returns_is_returned():
    assert attempt("a.jpg", divided, 6, by=2) == 3


@pytest.mark.parametrize("problem", [MemoryError(), ValueError("a\nb " + "x" * 5000), KeyError("k"), RecursionError()])
def test_a_fault_is_an_error_that_names_the_photo_and_the_kind(problem):
    def faulty() -> None:
        raise problem

    found = attempt("a.jpg", faulty)
    assert isinstance(found, Unexpected) and str(found).startswith("a.jpg could not be examined")
    assert type(problem).__name__ in str(found) and len(str(found)) < 500 and "\n" not in str(found)
    assert "in faulty" in found.trace and found.__traceback__ is found.__cause__ is found.__context__ is None


@pytest.mark.parametrize("problem", [UnreadablePhoto("x"), KeyboardInterrupt(), SystemExit(2), GeneratorExit()])
def test_what_is_foreseen_or_ends_the_program_surfaces(problem):
    def stopping() -> None:
        raise problem

    with pytest.raises(type(problem)):
        attempt("a.jpg", stopping)


def test_what_an_iterator_gave_before_its_fault_stays():
    def faulty():
        yield 1
        yield None
        yield 1 // 0

    first, second, last = each("a.zip", faulty())
    assert (first, second) == (1, None) and isinstance(last, Unexpected)
    assert list(each("a.zip", iter([]))) == []
