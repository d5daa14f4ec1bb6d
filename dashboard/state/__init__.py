"""The only place that touches session_state, query_params and st.cache_*: what lives on between two runs of a page.

Everything worth keeping lies on disk (`pipeline.casebook.runs`); here are only references and caches, one module a
page or a concern. Whatever draws says `from dashboard import state`, and `state.` before each name below.
"""

from dashboard.state.alike import known_of_face, nearest, neighbours
from dashboard.state.comparison import differences, mcnemar, pairing
from dashboard.state.errors import (
    EVALUATED,
    EVALUATION,
    PAGES,
    board,
    cell,
    choose_by_address,
    close_evaluated,
    evaluated_photo,
    first_page,
    keep_choice,
    open_evaluated,
    page_of,
    show_cell,
    start_over,
    tags,
    turn_page,
)
from dashboard.state.expensive import StageName, asked_map, opened_photo, zoomed
from dashboard.state.heatmaps import maps_by_kind, measured_maps
from dashboard.state.intake import background, begin, handover, past_runs, progress, resume, stop, uploader_key
from dashboard.state.measurements import (
    audits,
    baselines,
    evaluation,
    evaluations,
    figures,
    label_sets,
    left_out,
    release_in_use,
    tally,
)
from dashboard.state.photos import evaluated_here, held, outline, search, thumbnails
from dashboard.state.shown import (
    close_photo,
    current_run,
    go_to_run,
    keep_order,
    keep_pages,
    leave_run,
    live,
    open_photo,
    opened_index,
    order_of,
    page,
    refresh,
    show_run,
)
from dashboard.state.widgets import keep, key_of, remembered, value_of

__all__ = [
    "EVALUATED", "EVALUATION", "PAGES", "StageName", "asked_map", "audits", "background", "baselines", "begin",
    "board", "cell", "choose_by_address", "close_evaluated", "close_photo", "current_run", "differences",
    "evaluated_here", "evaluated_photo", "evaluation", "evaluations", "figures", "first_page",
    "go_to_run", "handover", "held", "keep", "keep_choice", "keep_order", "keep_pages", "key_of", "known_of_face",
    "label_sets", "leave_run", "left_out", "live", "maps_by_kind", "mcnemar", "measured_maps", "nearest",
    "neighbours", "open_evaluated", "open_photo", "opened_index", "opened_photo", "order_of", "outline", "page",
    "page_of", "pairing", "past_runs", "progress", "refresh", "release_in_use", "remembered", "resume", "search",
    "show_cell", "show_run", "start_over", "stop", "tags", "tally", "thumbnails", "turn_page", "uploader_key",
    "value_of", "zoomed",
]  # fmt: skip
