"""What the page Errors keeps between two runs: the board, and the analysts' tags."""

import streamlit as st

from dashboard.session.stamps import stamps_in
from dashboard.views.errors.board import Board
from pipeline.casebook.tags import NAME as TAGS_FILE
from pipeline.casebook.tags import Tags
from pipeline.results.evaluation import Evaluation
from pipeline.settings import settings


def board(shown: Evaluation) -> Board:
    """Return an evaluation made ready for sorting and counting, once for all sessions.

    Raises:
        BadEvaluation: see `Board.of`.
    """
    return _board(str(shown.path), stamps_in(shown.path), shown)


@st.cache_resource(show_spinner=False, max_entries=6)
def _board(path: str, stamps: str, _shown: Evaluation) -> Board:
    return Board.of(_shown)


def tags() -> Tags:
    """Return the analysts' tags, kept in the casebook's database."""
    return Tags(settings().home / TAGS_FILE)
