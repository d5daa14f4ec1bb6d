"""What the page Errors keeps between two runs: the board, and the analysts' tags."""

import streamlit as st

from dashboard.session.stamps import stamps_in
from dashboard.views.errors.board import Board
from pipeline.casebook.engine import Database, database_url
from pipeline.casebook.tags import Tags
from pipeline.results.evaluation import Evaluation


def board(evaluation: Evaluation) -> Board:
    """Return an evaluation made ready for sorting and counting, once for all sessions.

    Raises:
        BadEvaluation: see `Board.of`.
    """
    return _board(str(evaluation.path), stamps_in(evaluation.path), evaluation)


@st.cache_resource(show_spinner=False, max_entries=6)
def _board(path: str, stamps: str, _evaluation: Evaluation) -> Board:
    return Board.of(_evaluation)


def tags() -> Tags:
    """Return the analysts' tags, kept in the casebook's database."""
    return Tags(Database(database_url()))
