"""How an evaluated photo is said: its verdict, whether that is right, both scores, and what is known of it."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.kit import verdict
from dashboard.kit.theme import COLOURS
from dashboard.views.errors.board import VERDICTS, Board, Cell, Judged
from pipeline.casebook.tags import Tag
from pipeline.datasets.sources import FORGED
from pipeline.figures.what_if import Band
from pipeline.heatmap import WHERE_EDITED
from pipeline.verdict import StageScore, Verdict
from pipeline.words import figures as measured
from pipeline.words import numbers, readable, verdicts

OUTCOMES = {"right": "✓ right", "wrong": "✗ wrong", "open": "no verdict given"}


Row = Mapping[Any, Any]
"""One photo's predictions, by column."""


@dataclass(frozen=True, eq=False)
class Seen:
    """One photo as it is drawn.

    Attributes:
        place: its row in the evaluation.
        row: what is stored of it.
        verdict: what is said of it; the second stage only where it was asked.
        outcome: "right", "wrong" or "open", where no verdict is given.
        flips: in how many of `tiers` ways of saving it again its verdict turned; NaN where not measured.
        tiers: how many ways were tried.
    """

    place: int
    row: Row
    verdict: Verdict
    outcome: str
    flips: float
    tiers: int

    @property
    def forged(self) -> bool:
        """Whether it exists as a recipe only; its hash is that of its original."""
        return str(self.row["source"]).startswith(FORGED)


def seen(board: Board, found: Judged, places: Sequence[int] | np.ndarray) -> list[Seen]:
    """Return photos as they are drawn, in the order of their places."""
    rows = board.evaluation.predictions.iloc[list(places)].to_dict("records")
    wrong, open_ = found.wrong, VERDICTS.index("inconclusive")
    return [
        Seen(
            place,
            row,
            _verdict(row, found, place),
            "open" if found.verdict[place] == open_ else "wrong" if wrong[place] else "right",
            float(board.flips[place]),
            board.tiers,
        )
        for place, row in zip(map(int, places), rows, strict=True)
    ]


def _verdict(row: Row, found: Judged, place: int) -> Verdict:
    first, second = found.bands
    asked = score(row, "deepfake", second) if found.asked[place] else None
    label = VERDICTS[found.verdict[place]]
    edited = score(row, "edited", first)
    codes = tuple(str(row["reasons"]).split())
    return Verdict(label, edited, asked, codes if found.own else _reasons(label, codes, edited, asked))


def score(row: Row, stage: str, band: Band) -> StageScore | None:
    """Return a stage's stored answer to a photo, held against thresholds; None where there is no number."""
    probability = float(row[f"p_{stage}"])
    if not np.isfinite(probability):
        return None
    return StageScore("", probability, band.threshold, (band.low, band.high))


def _reasons(
    label: str, stored: tuple[str, ...], edited: StageScore | None, deepfake: StageScore | None
) -> tuple[str, ...]:
    """Return the reasons that other thresholds give: those in the photo stay, those in the scores are made anew."""
    if label != "inconclusive":
        return ()
    unsure = {
        "near_threshold": edited is not None and edited.abstains,
        "kind_unclear": deepfake is not None and deepfake.abstains,
    }
    return (*(code for code in stored if code not in unsure), *(code for code, holds in unsure.items() if holds))


def short_reasons(codes: tuple[str, ...]) -> str:
    """Say reasons of an abstention without what to do about them."""
    return "; ".join(verdicts.reasons((code,)).split(" (")[0] for code in codes)


def card(photo: Seen, tags: Mapping[str, Tag]) -> str:
    """Return a photo's lines as HTML; everything that came from a file is escaped."""
    row, said = photo.row, photo.verdict
    parts = [
        f'<p class="tt-head tt-said"><span>{shape(said.label)}{html.escape(verdicts.CHIPS[said.label])}</span>'
        f"<span>{OUTCOMES[photo.outcome]}</span></p>",
        _line(f"true label: <b>{html.escape(row['label'])}</b> · {_plain(row['kind'])} · {_plain(row['source'])}"),
        _line(html.escape(short_reasons(said.reasons))) if said.reasons else "",
        _stage("Stage 1: p(edited)", said.edited, COLOURS[said.label]),
        _stage("Stage 2: p(deepfake)", said.deepfake, COLOURS["deepfake"]),
        *(_line(html.escape(note)) for note in notes(photo)),
        *(_line(f"⚑ {html.escape(tag.tag)}{f': {_plain(tag.note)}' if tag.note else ''}") for tag in tags.values()),
    ]
    return f"<div>{''.join(parts)}</div>"


def shape(label: str) -> str:
    """Return a verdict's shape in its colour as HTML."""
    return f'<span class="tt-shape" style="color:{COLOURS[label]}">{verdicts.SHAPES[label]}</span>'


def _plain(text: str) -> str:
    return html.escape(readable.short(str(text), 80))


def _line(inner: str) -> str:
    return f'<p class="tt-small">{inner}</p>'


def _stage(name: str, known: StageScore | None, colour: str) -> str:
    if known is None:
        return _line(f"{name}: not asked")
    number = html.escape(numbers.two_digits(known.probability))
    return verdict.bar(known, colour) + _line(f"{name} {number}, threshold {known.threshold:.2f}")


def notes(photo: Seen) -> list[str]:
    """Say whether the verdict turns when the photo is saved again, and whether its map is no better than chance."""
    said, faithful = [], float(photo.row["faithfulness"])
    if photo.flips > 0:
        said.append(f"verdict turns in {int(photo.flips)} of {photo.tiers} ways of saving it again")
    if float(photo.row["peak"]) <= 0:
        said.append("heatmap: every part speaks against “edited”")
    if faithful <= 0 and photo.row["map_method"] not in WHERE_EDITED:
        said.append(f"heatmap no better than chance ({signed(faithful)})")
    return said


def known_of(row: Row) -> dict[str, str]:
    """Return what is stored of a photo, each fact said with its unit; what is unknown is a dash."""
    quality = row["jpeg_quality"]
    return {
        "Id": readable.short(row["id"]),
        "True label": row["label"],
        "Kind": readable.short(row["kind"]) or "–",
        "Source": readable.short(row["source"]),
        "Group": readable.short(row["group"]) or "–",
        "Difficulty": readable.short(row["difficulty"]) or "–",
        "Face size": _number(row["face_size"], " px", 0),
        "File": _file(row),
        "JPEG quality": "no JPEG" if quality < 0 else _number(quality, "", 0),
        "Sharpness": _number(row["sharpness"], " (variance of the Laplacian)", 0),
        "Brightness": _number(row["brightness"], " of 255", 0),
        "Contrast": _number(row["contrast"], " (deviation of grey)", 0),
        "Skin in the picture": _number(row["ita"], "° ITA", 0),
        "Logit, stage 1": _number(row["logit_edited"]),
        "Logit, stage 2": _number(row["logit_deepfake"]),
    }


def _file(row: Row) -> str:
    """Say a file's format, colour sampling, sides and size; of an edit without a file, those of its original."""
    if not row["format"]:
        return "–"
    whose = "its original's: " if str(row["source"]).startswith(FORGED) else ""
    encoded = f"{row['format']} {row['subsampling']}".strip()
    return f"{whose}{encoded}, {row['width']:.0f} × {row['height']:.0f} px, {row['bytes'] / 1000:.0f} kB"


def _number(value: float, unit: str = "", digits: int = 2) -> str:
    return "–" if not np.isfinite(value) else f"{value:.{digits}f}".replace("-", "−") + unit


def signed(value: float) -> str:
    """Say a number of logits with its sign; a dash where there is none."""
    return "–" if not np.isfinite(value) else f"{value:+.2f} logit".replace("-", "−")


def title(cell: Cell | None, count: int) -> str:
    """Say which photos the gallery shows."""
    if cell is None:
        return f"All verdicts: {measured.count(count)} photos"
    return f"True label {cell.label}, verdict “{verdicts.CHIPS[cell.verdict]}”: {measured.count(count)} photos"
