"""One evaluated photo opened: the photo itself where it is on this machine, its maps, and which parts were edited."""

import numpy as np
import streamlit as st

from dashboard.kit import choose_evaluation, markup, messages
from dashboard.kit import heatmap as heatmaps
from dashboard.session import evaluated_photos, examined_photos
from dashboard.session.copies import CHANGED, Held, as_original
from dashboard.views.errors.board import Board
from dashboard.views.errors.regions import region_map, said
from dashboard.views.errors.wording import Row, Seen, signed
from models.release import read_release
from pipeline.datasets.photo_index import Search
from pipeline.errors import BadGrid, DamagedDatabase, TriageError
from pipeline.heatmap import WHERE_EDITED
from pipeline.pictures.photo import jpeg, painted
from pipeline.regions import PHRASES
from pipeline.results.canonical import unpacked
from pipeline.words import verdicts

SIDE = 256
OPACITY = 0.6
NO_MAP = "The map is not a number, or none was stored: only the outline is drawn."
BOTH = (
    "What speaks for “not edited” is the same map with its colours exchanged. Stage 2's maps are not stored; they are "
    "made anew where the photo is on this machine."
)


def photo(board: Board, seen: Seen, search: Search | None) -> None:
    """Draw the photo, or say why it is not shown; then, if they are asked for, the maps of both stages on it."""
    row = seen.row
    held = _held(row["sha256"], search)
    if held is None or held.picture is None:
        _absent(held, search)
        return
    if seen.forged:
        st.warning(
            "This edit was forged from the original shown; of the edit only its recipe is kept. The scores, "
            "the maps and the edited parts are those of the edit.",
            icon=":material/content_cut:",
        )
        st.image(jpeg(as_original(held.picture.rgb)), width="stretch", alt="The original of the edit, not the edit")
    else:
        st.image(jpeg(held.picture.rgb), width="stretch", alt=f"The evaluated photo, true label {row['label']}")
    st.caption(markup.escaped(str(held.path)))
    if len(held.faces) > 1:
        st.caption(f"{len(held.faces)} faces are found in it; the evaluation measured the largest one.")
    if not seen.forged:
        _on_photo(board, row, held)


def _held(sha256: str, search: Search | None) -> Held | None:
    try:
        return evaluated_photos.held(sha256, search)
    except DamagedDatabase as problem:
        messages.tell(problem)
    except TriageError as problem:
        st.warning(
            f"The photo is on this machine, but cannot be read: {markup.escaped(str(problem))}",
            icon=":material/warning:",
        )
    return None


def _absent(held: Held | None, search: Search | None) -> None:
    if held and held.changed:
        st.warning(f"{CHANGED} {markup.escaped(str(held.path))}", icon=":material/warning:")
    elif search is None:
        st.info("The photo is not looked for: no folder of labelled photos is named under Settings.")
    elif search.running:
        st.info("The photo was not found yet; the folder of labelled photos is still being looked through.")
    else:
        st.info(f"The photo is not in {markup.escaped(str(search.photos.folder))}. What was measured of it is stored.")


def _on_photo(board: Board, row: Row, held: Held) -> None:
    if held.near is None:
        st.caption("No face is found in it now, so no heatmap can be made.")
        return
    if not st.toggle(
        "Show the heatmaps on the photo",
        key=f"maps-{row['id']}",
        help="Computes those of both stages, for both labels of each; takes seconds.",
    ):
        return
    with messages.told():
        release = read_release(board.evaluation.release)
        if choose_evaluation.changed(board.evaluation):
            st.warning(
                "The release's file has changed since the evaluation: these maps are not those measured.",
                icon=":material/warning:",
            )
        grid = st.grid(2)
        for stage, label in heatmaps.QUESTIONS:
            with grid.cell():
                _one_map(row, held, stage, label, release.name)


def _one_map(row: Row, held: Held, stage: examined_photos.StageName, label: str, release: str) -> None:
    assert held.near is not None
    with st.spinner("Computing this map …"):
        made = examined_photos.asked_map(row["sha256"], held.faces[0], stage, label, release)
    name = heatmaps.QUESTIONS[stage, label]
    st.image(jpeg(painted(held.near, made, OPACITY)), width="stretch", alt=f"Heatmap of what speaks for {name}")
    checked = "" if made.faithfulness is None else f"; check by blurring {signed(made.faithfulness)}"
    st.caption(f"Speaks for **{name}**: peak {signed(made.peak)}{checked}")
    for line in verdicts.map_states(made):
        st.caption(f"⚠ {line}")


def maps(row: Row) -> None:
    """Draw the stored coarse map on the outline, beside the parts that were edited, and say what both hold."""
    try:
        drawn, way = evaluated_photos.outline(row["heatmap"], SIDE), _way(row)
    except BadGrid as found:
        drawn, way = evaluated_photos.outline("", SIDE), f"⚠ {markup.escaped(str(found))}"
    peak, truth = _peak(row), said(row["regions"])
    left, right = st.columns(2, gap="small", wrap=False)
    with left:
        asked = row["map_method"] in WHERE_EDITED
        st.markdown("**Where stage 1 holds it edited**" if asked else "**Where stage 1 looked**")
        st.image(drawn, width="stretch", alt=f"Coarse heatmap for “edited” on a face outline. {peak}")
    with right:
        st.markdown("**What was edited**")
        st.image(region_map(row["regions"], SIDE), width="stretch", alt=f"Edited parts on a face outline. {truth}")
    st.caption(f"{way}  \n{markup.escaped(peak)}  \n{markup.escaped(truth)}  \n{BOTH}")


def _way(row: Row) -> str:
    """Say how a coarse map's colours are to be read: as `face_map` chooses them."""
    if not row["heatmap"] or not np.isfinite(row["peak"]):
        return f"⚠ {NO_MAP}"
    grid = np.nan_to_num(unpacked(row["heatmap"]))
    if grid.max() <= 0:
        return "⚠ Every part speaks **against** “edited”; the bluer, the more. No place stands out for it."
    if grid.min() >= 0:
        return "Every part speaks for “edited”; the stronger the orange, the more, as a share of this map's own peak."
    return "Orange speaks for “edited”, blue against; the stronger, the more, as a share of this map's own peak."


def _peak(row: Row) -> str:
    if not np.isfinite(row["peak"]):
        return "No peak is known."
    where = PHRASES.get(row["peak_region"], "nowhere: no region stands out")
    faithful = f" Check by blurring: {signed(row['faithfulness'])}." if np.isfinite(row["faithfulness"]) else ""
    likely = row["likeliest_region"]
    named = f" The part that stage 1 itself holds likeliest edited: {likely}." if likely else ""
    return f"Peak {signed(row['peak'])}, {where}.{faithful}{named}"


def whose_hash(seen: Seen) -> str:
    """Say whose SHA-256 it is that the evaluation stores."""
    return f"SHA-256 {'of the original that was edited' if seen.forged else 'of the file'}"
