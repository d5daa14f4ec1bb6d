"""What is asked of the user before a run: files, a folder or a zip, samples, options."""

from dataclasses import dataclass

import streamlit as st

from dashboard.kit import choose_release, markup
from dashboard.kit.take_in import Request
from dashboard.session.handover import Source
from dashboard.session.samples import Sample
from models.release import read_release


@dataclass(frozen=True)
class Options:
    """How a run examines."""

    release: str
    heatmaps: bool


def ask_options(releases: list[str], chosen: str) -> Options:
    """Ask how to examine; `releases` come oldest first."""
    release = choose_release.choose(releases, chosen)
    heatmaps = st.toggle(
        "Heatmaps",
        True,
        key="heatmaps",
        persist_state="session",
        help="Show where the models looked. Without them a run is faster.",
    )
    if notes := read_release(release).notes:
        st.caption(f"Release {markup.escaped(release)}: {markup.escaped(notes)}")
    return Options(release, heatmaps)


def draw_first_steps() -> None:
    """Draw what an empty page says."""
    st.markdown(
        "#### Start here\n"
        "1. Add photos: files, a whole folder, or a zip. They stay on this machine.\n"
        "2. Press **Examine**. Results appear as they come; you may close the page and come back.\n"
        "3. Open a photo to see where the models looked, how sure they are, and the facts of the file.\n\n"
        "Nothing of your own at hand? Try a sample:"
    )


def draw_samples(samples: list[Sample]) -> Request | None:
    """Draw the samples; return the one, or all, that the user asks for."""
    if not samples:
        st.info("There are no sample photos in this copy of the project.")
        return None
    asked = samples if st.button(f"Try all samples ({len(samples)})", key="all-samples") else []
    with st.container(key="samples"):
        grid = st.grid(min_column_width=150)
        for sample in samples:
            with grid.cell():
                if _draw_sample(sample):
                    asked = [sample]
    if not asked:
        return None
    return Request([Source(s.path.name, s.path.read_bytes) for s in asked], tuple(s.path.name for s in asked))


def _draw_sample(sample: Sample) -> bool:
    st.image(str(sample.path), width="stretch", alt=f"Sample photo: {sample.name}")
    return st.button(sample.name, key=f"sample-{sample.path.name}", width="stretch", help=_say_known(sample))


def _say_known(sample: Sample) -> str:
    how = {"real": "unedited", "deepfake": "edited like a deepfake", "facetune": "retouched"}[sample.label]
    return f"Known to be {how} ({markup.escaped(sample.kind)}). Licence: {markup.escaped(sample.licence)}"
