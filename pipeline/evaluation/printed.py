"""Stored figures as text, and on the cards of the weights that they are about."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.card import read_card
from models.files import ROOT, write_json
from models.release import read_release
from pipeline.errors import UnknownName


def stored_figures(name: str) -> str:
    """Return all figures stored for a release as text.

    Raises:
        UnknownName: the release was never evaluated.
    """
    home = ROOT / "evaluations"
    folders = sorted((home / name).glob("*@*"))
    if not folders:
        raise UnknownName.among("evaluation", name, sorted({run.parent.name for run in home.glob("*/*@*")}))
    return "\n\n".join(as_text(folder) for folder in folders)


def as_text(folder: Path) -> str:
    """Return an evaluation's figures as a readable table."""
    run, found = (json.loads((folder / name).read_text(encoding="utf-8")) for name in ("run.json", "metrics.json"))
    lines = [f"{run['release']} on {folder.name}, n = {run['n']} (95 % bootstrap intervals by group)"]
    for section, content in found.items():
        if section == "confusion":
            lines += [f"\n{section} (rows: truth; columns: verdict)"]
            lines += [
                f"  {label:<10} " + "  ".join(f"{k} {v}" for k, v in row.items()) for label, row in content.items()
            ]
            continue
        lines.append(f"\n{section}")
        lines += [f"  {text}" for name, figure in content.items() for text in _described(name, figure)]
    return "\n".join(lines)


def _described(name: str, figure: dict[str, Any]) -> list[str]:
    if "value" in figure:
        chance = f", chance {figure['chance']:.3f}" if "chance" in figure else ""
        low, high = figure["low"], figure["high"]
        shown = "–" if figure["value"] is None else f"{figure['value']:.3f}"
        return [f"{name:<44} {shown}  [{low}, {high}]  n = {figure['n']}{chance}"]
    return [line for inner, value in figure.items() for line in _described(f"{name} · {inner}", value)]


def noted_on_cards(release: str, folder: Path) -> None:
    """Write an evaluation's figures to the cards of the release's two weights, with the command that prints them."""
    found = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    shown = {"edited": ("edited", "false alarms", "recall by kind", "pointing"), "deepfake": ("deepfake",)}
    for stage, weights in zip(shown, _weights(release), strict=True):
        card = read_card(weights)
        figures = {name: found[name] for name in shown[stage]} | {"joint": found["joint"]}
        figures["printed by"] = f"python -m pipeline figures {release}"
        noted = replace(card, figures={**card.figures, folder.name.split("@")[0]: figures})
        write_json(ROOT / "cards" / f"{weights}.json", noted.as_dict())


def _weights(release: str) -> tuple[str, str]:
    named = read_release(release)
    return named.edited.weights, named.deepfake.weights
