"""What tests of the web API share: the service on a port of its own, judging by the quick release."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from pipeline.api.app import create_app, specification
from pipeline.api.keys import Keys
from tests.served_api import Running


@pytest.fixture
def serving(home: Path, setting: Callable[..., None]) -> Iterator[Callable[..., Running]]:
    """Start the service with settings; it is stopped at the end."""
    with ExitStack() as stack:

        def start(**settings: object) -> Running:
            setting(release="quick", **settings)
            running = Running()
            stack.callback(running.stop)
            return running

        yield start


@pytest.fixture
def api(serving: Callable[..., Running]) -> Running:
    return serving()


@pytest.fixture
def face(sample: Callable[[str], bytes]) -> tuple[str, bytes]:
    return "hopper_face_swap.jpg", sample("hopper_face_swap.jpg")


@pytest.fixture
def other(sample: Callable[[str], bytes]) -> tuple[str, bytes]:
    return "collins_real.jpg", sample("collins_real.jpg")


@pytest.fixture
def keys(home: Path) -> Keys:
    return Keys(home / "api")


@pytest.fixture(scope="session")
def spec() -> dict[str, Any]:
    """The specification, as /openapi.json tells it."""
    return specification(create_app().app)
