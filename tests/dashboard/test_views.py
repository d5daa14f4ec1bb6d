"""A contract over all pages, and the rules of the house that no linter knows."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from dashboard import views
from pipeline.settings import PROJECT

DASHBOARD = PROJECT / "dashboard"
GROUPS = ("Investigate", "Understand the models", "Reference")
FOUND = [import_module(f"{views.__name__}.{entry.name}.page") for entry in iter_modules(views.__path__)]


@pytest.mark.parametrize("view", FOUND, ids=lambda view: view.TITLE)
def test_a_page_keeps_the_contract(view):
    assert view.TITLE and view.ICON and not view.ICON.startswith(":")
    assert view.GROUP in GROUPS and isinstance(view.ORDER, int)
    assert callable(view.render) and view.__doc__


def test_titles_and_places_are_unique():
    assert len({view.TITLE for view in FOUND}) == len({(view.GROUP, view.ORDER) for view in FOUND}) == len(FOUND)


def test_state_is_kept_in_the_session_and_where_a_page_says_so():
    pattern = re.compile(r"st\.(session_state|query_params|cache_data|cache_resource|rerun)\b")
    holding = [path for path in DASHBOARD.rglob("*.py") if pattern.search(path.read_text(encoding="utf-8"))]
    elsewhere = [path for path in holding if path.parent.name != "session" and path.parent.parent.name == "views"]
    assert {path.relative_to(DASHBOARD).parts[0] for path in holding} == {"session", "views"}
    assert {path.name for path in elsewhere} == {"cached.py", "address.py"}


def test_nothing_draws_raw_html():
    for path in DASHBOARD.rglob("*.py"):
        assert "unsafe_allow" not in path.read_text(encoding="utf-8"), path.name


def test_nothing_is_named_like_a_package_of_the_house():
    names = {path.stem for path in DASHBOARD.glob("*")}
    assert not names & {"models", "pipeline", "pages", "streamlit"}


def test_the_first_page_is_drawn_without_torch():
    code = "import dashboard.views.examine.page, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(PROJECT), check=False).returncode == 0
