"""Of one photo: how often the release is wrong on pictures like it."""

from pipeline.casebook.report.blocks import Block, Paragraph, Section, Table
from pipeline.casebook.report.parts import Part
from pipeline.figures.like_this import Fit
from pipeline.words.figures import count
from pipeline.words.like_this import say_cell, say_here, say_matters, say_range

TITLE = "How often the release is wrong on pictures like this"


def like_section(dossier: Part, label: str) -> Section:
    """Return the error rates on held-out pictures like a photo, with their intervals and n.

    Args:
        dossier: of the photo.
        label: its verdict.
    """
    measured = dossier.part("measured")
    like = measured.part("like_this")
    without = "" if dossier.part("record").parts("faces") else ", as no face was examined"
    sentence = like.text("sentence") or f"It was not measured{without}."
    blocks: list[Block] = [Paragraph(sentence), *(Paragraph(line, "aside") for line in like.texts("remarks"))]
    fits = [fit for part in like.parts("fits") if (fit := _fit(part))]
    if fits:
        head = ("Pictures like this in", "Photos", "Unedited, called edited", "Edited, missed")
        rows = [(_say_slice(fit), count(fit.n), say_cell(fit.false_alarms), say_cell(fit.missed)) for fit in fits]
        dataset = measured.text("dataset") or "test"
        title = f"Errors of stage 1 on held-out photos ({dataset}), with 95 % intervals"
        blocks.append(Table(title, head, rows, (3, 0.8, 2.4, 2.4), (1, 2, 3)))
        blocks.append(Paragraph(f"For this verdict {say_matters(label)} matter most.", "aside"))
    if record := measured.text("track_record"):
        blocks.append(Paragraph(record, "plain", "On all held-out photos."))
    return Section(TITLE, 3, tuple(blocks))


def _fit(part: Part) -> Fit | None:
    alarms, missed = part.figure("false_alarms"), part.figure("missed")
    if alarms is None or missed is None:
        return None
    measured = part.number("measured")
    here = float("nan") if measured is None else measured
    return Fit(part.text("name", 60), part.text("value", 60), here, part.count("n"), alarms, missed)


def _say_slice(fit: Fit) -> str:
    here = "" if fit.measured != fit.measured else say_here(fit)
    return f"{fit.name}: {say_range(fit)}{f' (here {here})' if here else ''}"
