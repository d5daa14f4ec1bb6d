"""Stored figures as text, and on the cards of the weights that they are about."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.card import read_card
from models.files import ROOT
from models.release import read_release
from pipeline.errors import UnknownName
from pipeline.evaluation.failures import known_failures
from pipeline.evaluation.whole_json import write_json_whole
from pipeline.results.evaluation import ABOVE_ORIGINAL, KIND_RIGHT, METRICS, RUN
from pipeline.words.figures import Unit, percent, plain, say, unit_of

HEADLINES = {"edited": ("edited", "false alarms", "recall by kind", "pointing"), "deepfake": ("deepfake",)}
"""Sections of metrics.json that a card carries, by stage; the joint figures are on both."""
PAGES_ONLY = ("slice pairs", "error tree", "mean maps")
"""Sections that say nothing as lines of text: the pages draw them."""
SHARES = ("false alarms", "recall by kind", ABOVE_ORIGINAL, KIND_RIGHT, "pointing", "faithful maps", "cascade errors")
"""Sections of shares, whatever their parts are called."""


def stored_figures(name: str, root: Path = ROOT) -> str:
    """Return all figures stored for a release as text.

    Raises:
        UnknownName: the release was never evaluated.
    """
    home = root / "evaluations"
    folders = sorted((home / name).glob("*@*"))
    if not folders:
        raise UnknownName.among("evaluation", name, sorted({run.parent.name for run in home.glob("*/*@*")}))
    return "\n\n".join(as_text(folder) for folder in folders)


def as_text(folder: Path) -> str:
    """Return an evaluation's figures, of this format or an older one, as readable tables."""
    run, metrics = (json.loads((folder / name).read_text(encoding="utf-8")) for name in (RUN, METRICS))
    lines = [f"{run['release']} on {folder.name}, n = {run.get('n', '–')} (95 % bootstrap intervals by group)"]
    lines += [f"  a trial on {run['most']} photos, no evaluation"] if run.get("most") else []
    for section, content in metrics.items():
        if content and section not in PAGES_ONLY:
            lines += ["", f"{section}{_legend(section)}", *(f"  {text}" for text in _section(section, content))]
    notes = run.get("notes", {})
    lines += ["", *(f"{name}: {text}." for name, text in notes.items())] if notes else []
    return "\n".join(lines)


def _legend(section: str) -> str:
    return {
        "confusion": " (rows: truth; columns: verdict)",
        "confusion with forgeries": " (rows: truth; columns: verdict)",
        "cascade errors": " (share of each true label's photos)",
        "risk coverage": " (the surest photos answered first; risk: share of wrong answers among them)",
        "slices": " (stage 1, at the release's threshold)",
    }.get(section, "")


def _section(name: str, content: Any) -> Iterator[str]:
    """Return one section's lines: rows of counts, a table of slices, a curve, or figures nested freely."""
    if name.startswith("confusion"):
        for label, row in content.items():
            yield f"{label:<10} " + "  ".join(f"{key} {value}" for key, value in row.items())
    elif name == "slices":
        yield from _slices(content)
    elif name == "risk coverage":
        yield from (f"coverage {row['coverage']:.2f}  risk {say(row, '%')}" for row in content)
    elif name == "reliability":
        yield from (line for stage, rows in content.items() for line in _reliability(stage, rows))
    else:
        unit: Unit = "%" if name in SHARES else ""
        yield from (line for key, figure in content.items() for line in _lines_of(key, figure, unit))


def _slices(rows: list[dict[str, Any]]) -> Iterator[str]:
    measures = [key for key in rows[0] if key not in ("slice", "value", "n")] if rows else []
    yield f"{'':<58}{'n':>6}  " + "".join(f"{key:<32}" for key in measures)
    for row in rows:
        cells = "".join(f"{say(row[key], unit_of(key), n=row[key]['value'] is None):<32}" for key in measures)
        yield f"{row['slice'] + ': ' + row['value']:<58}{row['n']:>6}  {cells}".rstrip()


def _reliability(stage: str, rows: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        score = "–" if row["score"] is None else f"{row['score']:.3f}"
        yield f"{stage}: {row['from']:.1f} to {row['to']:.1f}  said {score}  found {say(row, '%')}"


def _lines_of(name: str, part: Any, unit: Unit) -> list[str]:
    """Return a line for each figure of a part; its measure may know a unit where its section has none."""
    if not isinstance(part, dict):
        return [f"{name:<52} {part}"]
    if "value" in part:
        chance = ""
        if "chance" in part:
            chance = f", chance {percent(part['chance']) if unit else plain(part['chance'])}"
        return [f"{name:<52} {say(part, unit)}{chance}"]
    lines = ((f"{name} · {inner}", value, unit or unit_of(inner)) for inner, value in part.items())
    return [line for one in lines for line in _lines_of(*one)]


def note_on_cards(release: str, folder: Path, root: Path = ROOT) -> None:
    """Write an evaluation's headline figures, and where it found the release to fail, to the cards of its weights.

    Slices, curves and tiers stay in the evaluation's own folder.
    """
    metrics = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    named = read_release(release, root)
    weights_of = {"edited": named.edited.weights, "deepfake": named.deepfake.weights}
    for stage, sections in HEADLINES.items():
        weights = weights_of[stage]
        card = read_card(weights, root)
        figures = {name: metrics[name] for name in (*sections, "joint")}
        figures["printed by"] = f"python -m pipeline figures {release}"
        photos = folder.name.split("@")[0]
        others = [line for line in card.failures if not line.startswith(f"On {photos}:")]
        failures = known_failures(metrics, stage, photos) + others
        noted = replace(card, figures={**card.figures, photos: figures}, failures=failures)
        write_json_whole(root / "cards" / f"{weights}.json", noted.as_dict())
