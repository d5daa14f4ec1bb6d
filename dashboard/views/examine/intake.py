"""What is asked of the user before a run: files, a folder or a zip, samples, options."""

from dataclasses import dataclass

import streamlit as st

from dashboard.kit import choose_release, markup
from dashboard.session.handover import Source
from dashboard.session.samples import Sample
from models.release import read_release


@dataclass(frozen=True)
class Options:
    """How a run examines."""

    release: str
    heatmaps: bool


@dataclass(frozen=True)
class Request:
    """What the user asked to be examined; `token` tells one request from another."""

    sources: list[Source]
    token: tuple[str, ...]


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


def ask_files(files_key: str, folder_key: str) -> Request | None:
    """Ask for files or a folder; return what was handed over once the user says go."""
    files_tab, folder_tab = st.tabs(["Files or zip", "Folder"])
    with files_tab:
        files = st.file_uploader("Photos, or a zip of photos", accept_multiple_files=True, key=files_key)
    with folder_tab:
        folder = st.file_uploader("A folder, with all folders in it", None, "directory", key=folder_key)
    taken = [*files, *folder]
    label = f"Examine {len(taken)} {'file' if len(taken) == 1 else 'files'}" if taken else "Examine"
    if not st.button(label, type="primary", disabled=not taken, key="examine", width="stretch"):
        return None
    sources = [
        Source(file.name, file.getvalue, outright)
        for group, outright in ((files, True), (folder, False))
        for file in group
    ]
    return Request(sources, tuple(file.file_id for file in taken))


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
