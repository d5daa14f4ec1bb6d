"""What tests of the pages share."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def no_foreign_components() -> Iterator[None]:
    """No installed package is searched for components, which every run of a page would do: none are used."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", lambda: [])
        yield
