"""The app: its pages, found by scanning, and the one place where an expected error becomes a message."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import streamlit as st

from dashboard import views
from dashboard.kit import theme
from dashboard.kit.messages import showing_errors
from dashboard.session import route, runs
from dashboard.views.errors import address

GROUPS = ("Investigate", "Understand the models", "Reference")


def pages() -> dict[str, list[ModuleType]]:
    """Return the view modules by group, in the menu's order."""
    modules = [import_module(f"{views.__name__}.{entry.name}.page") for entry in iter_modules(views.__path__)]
    modules.sort(key=lambda view: view.ORDER)
    return {group: mine for group in GROUPS if (mine := [view for view in modules if group == view.GROUP])}


def page(view: ModuleType, default: bool) -> "st.Page":
    """Make a page of a view module."""
    path = view.__name__.split(".")[-2].replace("_", "-")
    return st.Page(view.render, title=view.TITLE, icon=view.ICON, url_path=path, default=default)


def main() -> None:
    """Draw the page that is asked for."""
    st.set_page_config(page_title="Telltale", page_icon="🔎", layout="wide")
    theme.add_style()
    menu = {group: [page(view, view.TITLE == "Examine") for view in modules] for group, modules in pages().items()}
    route.keep_pages({entry.title: entry for group in menu.values() for entry in group})
    current = st.navigation(menu, position="top")
    if current.title != "Errors":
        address.left_errors()
    with showing_errors():
        current.run()
    runs.background()  # after the page is drawn: the warming-up does not hold it back


if __name__ == "__main__":  # a spawned worker reads the main module too, under another name
    main()
