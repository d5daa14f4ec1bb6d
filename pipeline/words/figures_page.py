"""The held-out figures of releases as a markdown page, from what lies under models/evaluations."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from models.files import ROOT
from pipeline.datasets.sources import FORGED
from pipeline.errors import BadEvaluation, UnknownName
from pipeline.results.cost import cost_of
from pipeline.results.evaluation import ABOVE_ORIGINAL, BENCHMARK, METRICS, NEWER, RUN, read_metrics
from pipeline.results.figure import figure_at
from pipeline.results.index import KEY_FIGURES, EvaluationFolder, folders, newest_of
from pipeline.results.maps import AP, BASELINES, OUTPUTS, PEAK, RESTORES, RIGHT, map_folders
from pipeline.storage.read_json import read_json
from pipeline.words import maps, readable
from pipeline.words.figures import Unit, count, say, unit_of

Place = tuple[str, ...]
"""Where a figure stands in metrics.json."""
OWN = ("collections",)
"""Sections of a stage that hold several collections, and lead a table."""
JOINT = ("coverage", "risk", "accuracy where a verdict is given", "macro-F1")
PHOTOS = {"collections": "On the collections' own photos:", "with forgeries": "With edits that Telltale forged:"}
TIERED: dict[str, tuple[str, Unit]] = {
    "AUC": ("AUC", ""),
    "recall": ("edits found", "%"),
    "false alarms": ("real called edited", "%"),
    "flips": ("verdict turns", "%"),
}
"""Measures of a tier, each with the head of its column and its unit."""
MAP_MEASURES = (PEAK, RIGHT, RESTORES, AP)
UNKNOWN = "–"
TEST, UNSEEN = "test", "unseen"
KINDS = "by kind"
NEWER_MEASURES = {"AUC": "AUC beside their originals", "recall": "found at the threshold"}


@dataclass(frozen=True)
class ReleaseFigures:
    """What was measured of a release.

    Attributes:
        name: the release's.
        metrics: data set → metrics.json of its newest whole evaluation; {} where there is none.
        revisions: data set → revision of the photos.
        maps: "set: measure" → method → figure, on test photos; {} where maps were not measured.
        method: the one that the rule chose for maps; "" where maps were not measured.
        cost: see `pipeline.results.cost.cost_of`.
    """

    name: str
    metrics: Mapping[str, Mapping[str, Any]]
    revisions: Mapping[str, str]
    maps: Mapping[str, Mapping[str, Any]]
    method: str
    cost: Mapping[str, float]

    @classmethod
    def read(cls, name: str, home: Path) -> Self:
        """Read a release's figures.

        Raises:
            UnknownName: the release was never evaluated on test photos.
            BadEvaluation: its figures cannot be read.
        """
        every = folders(name, home)
        newest = {dataset: newest_of(every, name, dataset) for dataset in (TEST, UNSEEN, BENCHMARK, NEWER)}
        if newest[TEST] is None:
            known = {str(one.run["release"]) for one in folders(home=home) if not one.problem}
            raise UnknownName.among("evaluation", name, sorted(known))
        measured = {dataset: one for dataset, one in newest.items() if one}
        revisions = {dataset: str(one.run.get("revision", "–")) for dataset, one in measured.items()}
        metrics = {dataset: read_metrics(one.path) for dataset, one in measured.items()}
        slices = metrics.get(NEWER, {}).get("slices", [])
        metrics[NEWER] = {KINDS: {part["value"]: part for part in slices if part["slice"] == "kind"}}
        return cls(name, metrics, revisions, *_read_maps(name, home), cost_of(name, home))


def _read_maps(name: str, home: Path) -> tuple[Mapping[str, Mapping[str, Any]], str]:
    paths = map_folders(name, home)
    if not paths:
        return {}, ""
    run, metrics = (read_json(paths[-1] / part, BadEvaluation, "measurement of maps") for part in (RUN, METRICS))
    return metrics.get(TEST, {}), str(run.get("best", ""))


def figures_page(name: str, beside: str = "", root: Path = ROOT) -> str:
    """Return a release's held-out figures as a markdown page.

    Args:
        name: the release's.
        beside: another release, to stand beside it; "" for none.
        root: the folder of models.

    Raises:
        UnknownName: a release was never evaluated.
        BadEvaluation: figures cannot be read.
    """
    home = root / "evaluations"
    releases = [ReleaseFigures.read(one, home) for one in (name, beside) if one]
    parts = (
        _head(releases, name, beside),
        _stage_1(releases),
        _stage_2(releases),
        _cascade(releases),
        _tiers(releases),
        _maps(releases),
        _cost(releases),
        _baselines(releases, home),
    )
    return "\n".join(line for part in parts for line in part).rstrip("\n")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a markdown table as lines, with a blank one after it."""
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cell.replace('|', '¦') for cell in line)} |" for line in lines] + [""]


def _head(releases: Sequence[ReleaseFigures], name: str, beside: str) -> Iterator[str]:
    command = f"python -m pipeline figures {name} --markdown" + (f" --beside {beside}" if beside else "")
    yield from ("# Held-out figures", "", f"Written by `{command}`; a test holds this page to it.", "")
    yield "- “86 % (83–88), n 1 665” is a value, its 95 % interval and the photos that it was measured on."
    yield "- Intervals are bootstrapped over persons and groups of near duplicates."
    yield "- AUC is the chance that an edited photo scores above a real one: 0.5 is guessing."
    yield f"- “{FORGED}…” are edits that Telltale made of that collection's photos."
    yield "- No photo here was trained on, which is checked by hash; thresholds were frozen on validation photos."
    yield from (
        f"- Release {one.name} was measured on revision {one.revisions[TEST]} of the photos." for one in releases
    )
    if len({one.revisions[TEST] for one in releases}) > 1:
        yield "- The revisions differ: the releases' figures are not of the very same photos."
    yield ""


def _cell(metrics: Mapping[str, Any], place: Place, unit: Unit | None = None) -> str:
    """Say the figure at a place of metrics.json in a unit, or in its measure's own; a dash where it is not known."""
    figure = figure_at(metrics, *place)
    return UNKNOWN if figure is None else say(figure, unit_of(place[-1]) if unit is None else unit)


def _by_release(
    head: str, releases: Sequence[ReleaseFigures], rows: Mapping[str, Place], unit: Unit | None, dataset: str = TEST
) -> list[str]:
    """Return a table with a row a place in metrics.json and a column a release; rows that nobody has are left out."""
    every = [
        [label, *(_cell(one.metrics.get(dataset, {}), place, unit) for one in releases)]
        for label, place in rows.items()
    ]
    known = [[readable.plain(label), *cells] for label, *cells in every if set(cells) != {UNKNOWN}]
    return table([head, *(one.name for one in releases)], known) if known else []


def _names(releases: Sequence[ReleaseFigures], *place: str, dataset: str = TEST) -> list[str]:
    """Return the names in a section, those of all releases, sorted; what holds several collections first."""
    names: set[str] = set()
    for one in releases:
        part: Any = one.metrics.get(dataset, {})
        for name in place:
            part = part.get(name, {})
        names |= set(part)
    return sorted(names, key=lambda name: (name not in (*OWN, "all", "same originals"), name))


def _stage_1(releases: Sequence[ReleaseFigures]) -> Iterator[str]:
    yield from ("## Stage 1: was it edited?", "")
    for one in releases:
        yield from (f"Release {one.name}, at its threshold:", "")
        yield from table(("collection", "n", "AUC", "real called edited", "edits found"), collection_rows(one))
    yield from ("Real photos called edited by the verdict, after abstaining; no model saw those of the second:", "")
    for dataset in (TEST, UNSEEN):
        names = _names(releases, "false alarms", dataset=dataset)
        yield from _by_release("source", releases, {name: ("false alarms", name) for name in names}, "%", dataset)
    yield from ("Edits found, by kind:", "")
    kinds = _names(releases, "recall by kind")
    yield from _by_release("kind", releases, {name: ("recall by kind", name) for name in kinds}, "%")
    above = _names(releases, ABOVE_ORIGINAL, dataset=BENCHMARK)
    if above:
        yield from ("Edits that score above the very photo that they were made of; half is chance:", "")
        yield from _by_release("kind", releases, {name: (ABOVE_ORIGINAL, name) for name in above}, "%", BENCHMARK)
    newer = _names(releases, KINDS, dataset=NEWER)
    for measure, words in NEWER_MEASURES.items() if newer else ():
        yield from (f"Edits by the forge's second generation of operations: {words}:", "")
        places = {name: (KINDS, name, measure) for name in newer}
        yield from _by_release("kind", releases, places, unit_of(measure), NEWER)


def collection_rows(release: ReleaseFigures) -> list[list[str]]:
    """Return stage 1's row of each collection: name, n, AUC, real photos called edited, edits found."""
    rows = []
    for name in _names([release], "edited"):
        if auc := figure_at(release.metrics[TEST], "edited", name, "AUC"):
            label = "all collections" if name in OWN else readable.plain(name)
            rates = (_cell(release.metrics[TEST], ("edited", name, part)) for part in ("false alarms", "recall"))
            rows.append([label, count(auc.n), say(auc, "", n=False), *rates])
    return rows


def _stage_2(releases: Sequence[ReleaseFigures]) -> Iterator[str]:
    yield from ("## Stage 2: deepfake, or retouching?", "")
    for measure in ("AUC", "balanced accuracy"):
        names = _names(releases, "deepfake")
        yield from (f"{measure[0].upper()}{measure[1:]}, of edits of both kinds:", "")
        places = {name: ("deepfake", name, measure) for name in names}
        yield from _by_release("edits", releases, places, unit_of(measure))
    yield from ("AUC on the benchmark, in which every original was edited in every way:", "")
    names = _names(releases, "deepfake", dataset=BENCHMARK)
    yield from _by_release("edits", releases, {name: ("deepfake", name, "AUC") for name in names}, "", BENCHMARK)


def _cascade(releases: Sequence[ReleaseFigures]) -> Iterator[str]:
    yield from ("## Both stages together", "")
    for part, photos in PHOTOS.items():
        yield from (photos, "")
        yield from _by_release("measure", releases, {name: ("joint", part, name) for name in JOINT}, None)
    yield from ("What becomes of photos, forged edits too, by their true label:", "")
    places = {
        f"{label}: {became}": ("cascade errors", label, became)
        for label in _names(releases, "cascade errors")
        for became in _names(releases, "cascade errors", label)
    }
    yield from _by_release("true label: outcome", releases, places, "%")


def _tiers(releases: Sequence[ReleaseFigures]) -> Iterator[str]:
    yield from ("## Photos saved again, shrunk or cut out", "", "A sample of the test photos, changed in six ways:", "")
    for one in releases:
        tiers = one.metrics[TEST].get("tiers", {})
        rows = [[tier, *(_cell(tiers, (tier, name), unit) for name, (_, unit) in TIERED.items())] for tier in tiers]
        if rows:
            yield from table((f"{one.name}, tier", *(head for head, _ in TIERED.values())), rows)


def _maps(releases: Sequence[ReleaseFigures]) -> Iterator[str]:
    yield from ("## Heatmaps", "")
    yield "The method that is shown, beside the network's region outputs and beside maps that never saw the photo."
    yield "Chance is what the same answers reach on other photos."
    yield ""
    for one in releases:
        methods = (one.method, OUTPUTS, *BASELINES)
        rows = [
            [key.replace(": ", ", "), *(_say_map(figures.get(method), key) for method in methods)]
            for key, figures in one.maps.items()
            if key.rpartition(": ")[2] in MAP_MEASURES
        ]
        if rows:
            yield from table((f"{one.name}, measure", *(maps.method(method, one.method) for method in methods)), rows)


def _say_map(figure: Mapping[str, Any] | None, key: str) -> str:
    """Say a measure of maps; a peak's with the chance of it."""
    if figure is None or figure["value"] is None:
        return UNKNOWN
    share = key.rpartition(": ")[2] in maps.SHARES
    chance = f"; chance {100 * figure['chance']:.0f} %" if figure.get("chance") is not None else ""
    return say(figure, "%" if share else "") + chance


def _cost(releases: Sequence[ReleaseFigures]) -> Iterator[str]:
    yield from ("## What a photo costs", "")
    rows = [
        [one.name, f"{one.cost['photo']:.2g} s", f"{one.cost['mapped']:.2g} s", f"{one.cost['cores']:.0f}"]
        for one in releases
        if one.cost
    ]
    yield from table(("release", "a photo", "with its heatmap", "processor cores"), rows)


def _baselines(releases: Sequence[ReleaseFigures], home: Path) -> Iterator[str]:
    yield from (
        "## Baselines",
        "",
        "Each was trained and measured as the releases were, on the revision beside it.",
        "",
    )
    every = folders("baselines/*", home)
    rows = [_key_row(one.name, one.revisions[TEST], one.metrics[TEST]) for one in releases]
    rows += [
        _key_row(str(one.run["release"]), str(one.run.get("revision", "–")), read_metrics(one.path))
        for one in _newest(every, {one.revisions[TEST] for one in releases})
    ]
    yield from table(("release or baseline", "revision", *KEY_FIGURES), rows)


def _newest(every: Sequence[EvaluationFolder], revisions: set[str]) -> list[EvaluationFolder]:
    """Return of each baseline its newest measurement on each of the revisions, or on any if it has none of these."""
    last: dict[tuple[str, str], EvaluationFolder] = {}
    for one in (each for each in every if not each.problem and each.run["dataset"] == TEST):
        key = str(one.run["release"]), str(one.run.get("revision"))
        last.pop(key, None)
        last[key] = one
    same = [key for key in last if key[1] in revisions]
    elsewhere = {name: (name, revision) for name, revision in last if name not in dict(same)}
    return [last[key] for key in sorted([*same, *elsewhere.values()])]


def _key_row(name: str, revision: str, metrics: Mapping[str, Any]) -> list[str]:
    return [readable.plain(name), revision, *(_cell(metrics, place) for place in KEY_FIGURES.values())]
