"""How an evaluated photo is said: its verdict, whether that is right, both scores, and what is known of it."""

import html
from collections.abc import Mapping

import numpy as np

from dashboard.kit import verdict
from dashboard.kit.theme import COLOURS
from dashboard.views.errors.board import Cell
from dashboard.views.errors.evaluated import EvaluatedPhoto, Row
from models.regions import REGION_NAMES
from pipeline.casebook.tags import Tag
from pipeline.datasets.sources import is_forged_name
from pipeline.heatmap import WHERE_EDITED
from pipeline.regions import PHRASES, parts_of, region_bits
from pipeline.results.canonical import unpack_grid
from pipeline.verdict import StageScore
from pipeline.words import numbers, readable, verdicts
from pipeline.words.figures import count

OUTCOMES = {"right": "✓ right", "wrong": "✗ wrong", "open": "no verdict given"}


def say_reasons(codes: tuple[str, ...]) -> str:
    """Say reasons of an abstention without what to do about them."""
    return "; ".join(verdicts.reasons((code,)).split(" (")[0] for code in codes)


def card_html(photo: EvaluatedPhoto, tags: Mapping[str, Tag]) -> str:
    """Return a photo's lines as HTML; everything that came from a file is escaped."""
    row, given = photo.row, photo.verdict
    parts = [
        f'<p class="tt-head tt-said"><span>{shape_html(given.label)}{html.escape(verdicts.CHIPS[given.label])}</span>'
        f"<span>{OUTCOMES[photo.outcome]}</span></p>",
        _line_html(f"true label: <b>{html.escape(row['label'])}</b> · {_plain(row['kind'])} · {_plain(row['source'])}"),
        _line_html(html.escape(say_reasons(given.reasons))) if given.reasons else "",
        _stage_html("Stage 1: p(edited)", given.edited, COLOURS[given.label]),
        _stage_html("Stage 2: p(deepfake | edited)", given.deepfake, COLOURS["deepfake"]),
        *(_line_html(html.escape(note)) for note in say_notes(photo)),
        *(
            _line_html(f"⚑ {html.escape(tag.tag)}{f': {_plain(tag.note)}' if tag.note else ''}")
            for tag in tags.values()
        ),
    ]
    return f"<div>{''.join(parts)}</div>"


def shape_html(label: str) -> str:
    """Return a verdict's shape in its colour as HTML."""
    return f'<span class="tt-shape" style="color:{COLOURS[label]}">{verdicts.SHAPES[label]}</span>'


def _plain(text: str) -> str:
    return html.escape(readable.short(str(text), 80))


def _line_html(inner: str) -> str:
    return f'<p class="tt-small">{inner}</p>'


def _stage_html(name: str, known: StageScore | None, colour: str) -> str:
    if known is None:
        return _line_html(f"{name}: not asked")
    number = html.escape(numbers.two_digits(known.probability))
    return verdict.bar_html(known, colour) + _line_html(f"{name} {number}, threshold {known.threshold:.2f}")


def say_notes(photo: EvaluatedPhoto) -> list[str]:
    """Say whether the verdict turns when the photo is saved again, and whether its map is no better than chance."""
    lines, faithful = [], float(photo.row["faithfulness"])
    if photo.flips > 0:
        lines.append(f"verdict turns in {int(photo.flips)} of {photo.tiers} ways of saving it again")
    if float(photo.row["peak"]) <= 0:
        lines.append("heatmap: every part speaks against “edited”")
    if faithful <= 0 and photo.row["map_method"] not in WHERE_EDITED:
        lines.append(f"heatmap no better than chance ({say_logits(faithful)})")
    return lines


def facts_of(row: Row) -> dict[str, str]:
    """Return what is stored of a photo, each fact said with its unit; what is unknown is a dash."""
    quality = row["jpeg_quality"]
    return {
        "Id": readable.short(row["id"]),
        "True label": row["label"],
        "Kind": readable.short(row["kind"]) or "–",
        "Source": readable.short(row["source"]),
        "Group": readable.short(row["group"]) or "–",
        "Difficulty": readable.short(row["difficulty"]) or "–",
        "Face size": _say_number(row["face_size"], " px", 0),
        "File": _say_file(row),
        "JPEG quality": "no JPEG" if quality < 0 else _say_number(quality, "", 0),
        "Sharpness": _say_number(row["sharpness"], " (variance of the Laplacian)", 0),
        "Brightness": _say_number(row["brightness"], " of 255", 0),
        "Contrast": _say_number(row["contrast"], " (deviation of grey)", 0),
        "Skin in the picture": _say_number(row["ita"], "° ITA", 0),
        "Logit, stage 1": _say_number(row["logit_edited"]),
        "Logit, stage 2": _say_number(row["logit_deepfake"]),
    }


def _say_file(row: Row) -> str:
    """Say a file's format, colour sampling, sides and size; of an edit without a file, those of its original."""
    if not row["format"]:
        return "–"
    whose = "its original's: " if is_forged_name(str(row["source"])) else ""
    encoded = f"{row['format']} {row['subsampling']}".strip()
    return f"{whose}{encoded}, {row['width']:.0f} × {row['height']:.0f} px, {row['bytes'] / 1000:.0f} kB"


def _say_number(value: float, unit: str = "", digits: int = 2) -> str:
    return "–" if not np.isfinite(value) else f"{value:.{digits}f}".replace("-", "−") + unit


def say_logits(value: float) -> str:
    """Say a number of logits with its sign; a dash where there is none."""
    return "–" if not np.isfinite(value) else f"{value:+.2f} logit".replace("-", "−")


def say_title(cell: Cell | None, n: int) -> str:
    """Say which photos the gallery shows."""
    if cell is None:
        return f"All verdicts: {count(n)} photos"
    return f"True label {cell.label}, verdict “{verdicts.CHIPS[cell.verdict]}”: {count(n)} photos"


def outcome_of(cell: Cell) -> str:
    """Return "right", "wrong" or "open" for a cell in which a verdict is right, wrong, or not given."""
    return "open" if cell.verdict == "inconclusive" else "right" if cell.verdict == cell.label else "wrong"


def say_cell(cell: Cell) -> str:
    """Say which photos a cell holds."""
    return f"{cell.label}, verdict “{verdicts.HEADLINES[cell.verdict]}”"


def say_regions(regions: str) -> str:
    """Say which parts were edited, from region bits such as "0101"."""
    if region_bits(regions) is None:
        return "It is not known which parts were edited."
    parts = parts_of(regions)
    if not parts:
        return "None of the four parts was edited."
    if len(parts) == len(REGION_NAMES):
        return "Striped: all four parts were edited, or the whole face."
    return f"Striped, edited: {', '.join(parts)} (left and right as in the picture)."


NO_MAP = "The map is not a number, or none was stored: only the outline is drawn."


def say_colours(row: Row) -> str:
    """Say how a coarse map's colours are to be read: as `face_outline` chooses them."""
    if not row["heatmap"] or not np.isfinite(row["peak"]):
        return f"⚠ {NO_MAP}"
    grid = np.nan_to_num(unpack_grid(row["heatmap"]))
    if grid.max() <= 0:
        return "⚠ Every part speaks **against** “edited”; the bluer, the more. No place stands out for it."
    if grid.min() >= 0:
        return "Every part speaks for “edited”; the stronger the orange, the more, as a share of this map's own peak."
    return "Orange speaks for “edited”, blue against; the stronger, the more, as a share of this map's own peak."


def say_peak(row: Row) -> str:
    """Say where a stored map is strongest, how faithful it is, and which part the network itself holds likeliest."""
    if not np.isfinite(row["peak"]):
        return "No peak is known."
    where = PHRASES.get(row["peak_region"], "nowhere: no region stands out")
    faithful = f" Check by blurring: {say_logits(row['faithfulness'])}." if np.isfinite(row["faithfulness"]) else ""
    likely = row["likeliest_region"]
    named = f" The part that stage 1 itself holds likeliest edited: {likely}." if likely else ""
    return f"Peak {say_logits(row['peak'])}, {where}.{faithful}{named}"


def say_whose_hash(photo: EvaluatedPhoto) -> str:
    """Say whose SHA-256 it is that the evaluation stores."""
    return f"SHA-256 {'of the original that was edited' if photo.forged else 'of the file'}"
