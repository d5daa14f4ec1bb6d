"""Stored figures as text, and on the cards of the weights that they are about."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.card import read_card
from models.files import ROOT, write_json
from models.release import read_release
from pipeline.errors import UnknownName
from pipeline.evaluation.failures import known_failures
from pipeline.results.evaluation import METRICS, RUN

HEADLINES = {"edited": ("edited", "false alarms", "recall by kind", "pointing"), "deepfake": ("deepfake",)}
"""Sections of metrics.json that a card carries, by stage; the joint figures are on both."""
PAGES_ONLY = ("slice pairs", "error tree", "mean maps")
"""Sections that say nothing as lines of text: the pages draw them."""


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
    run, found = (json.loads((folder / name).read_text(encoding="utf-8")) for name in (RUN, METRICS))
    lines = [f"{run['release']} on {folder.name}, n = {run.get('n', '–')} (95 % bootstrap intervals by group)"]
    lines += [f"  a trial on {run['most']} photos, no evaluation"] if run.get("most") else []
    for section, content in found.items():
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
        yield from (f"coverage {row['coverage']:.2f}  risk {_said(row)}" for row in content)
    elif name == "reliability":
        yield from (line for stage, rows in content.items() for line in _reliability(stage, rows))
    else:
        yield from (line for key, figure in content.items() for line in _described(key, figure))


def _slices(rows: list[dict[str, Any]]) -> Iterator[str]:
    shown = [key for key in rows[0] if key not in ("slice", "value", "n")] if rows else []
    yield f"{'':<58}{'n':>6}  " + "".join(f"{key:<24}" for key in shown)
    for row in rows:
        cells = "".join(f"{_short(row[key]):<24}" for key in shown)
        yield f"{row['slice'] + ': ' + row['value']:<58}{row['n']:>6}  {cells}".rstrip()


def _reliability(stage: str, rows: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        score = "–" if row["score"] is None else f"{row['score']:.3f}"
        yield f"{stage}: {row['from']:.1f} to {row['to']:.1f}  said {score}  found {_said(row)}"


def _described(name: str, figure: Any) -> list[str]:
    if not isinstance(figure, dict):
        return [f"{name:<52} {figure}"]
    if "value" in figure:
        chance = f", chance {figure['chance']:.3f}" if "chance" in figure else ""
        return [f"{name:<52} {_said(figure)}{chance}"]
    return [line for inner, value in figure.items() for line in _described(f"{name} · {inner}", value)]


def _said(figure: dict[str, Any]) -> str:
    return f"{_number(figure['value'])}  [{_number(figure['low'])}, {_number(figure['high'])}]  n = {figure['n']}"


def _short(figure: dict[str, Any]) -> str:
    if figure["value"] is None:
        return f"– (n = {figure['n']})"
    return f"{_number(figure['value'])} ({_number(figure['low'])}–{_number(figure['high'])})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def noted_on_cards(release: str, folder: Path, root: Path = ROOT) -> None:
    """Write an evaluation's headline figures, and where it found the release to fail, to the cards of its weights.

    Slices, curves and tiers stay in the evaluation's own folder.
    """
    found = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    named = read_release(release, root)
    weights_of = {"edited": named.edited.weights, "deepfake": named.deepfake.weights}
    for stage, sections in HEADLINES.items():
        weights = weights_of[stage]
        card = read_card(weights, root)
        figures = {name: found[name] for name in (*sections, "joint")}
        figures["printed by"] = f"python -m pipeline figures {release}"
        photos = folder.name.split("@")[0]
        others = [line for line in card.failures if not line.startswith(f"On {photos}:")]
        failures = known_failures(found, stage, photos) + others
        noted = replace(card, figures={**card.figures, photos: figures}, failures=failures)
        write_json(root / "cards" / f"{weights}.json", noted.as_dict())
