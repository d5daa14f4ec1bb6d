"""Of one photo: the verdict in words, both stages with their calibration, all faces, and where the release looked."""

from collections.abc import Iterator

from pipeline.casebook.case_record import Examined
from pipeline.casebook.report.blocks import (
    Block,
    Headline,
    Legend,
    Paragraph,
    Picture,
    Pictures,
    Scale,
    Section,
    Table,
)
from pipeline.casebook.report.faces import FaceFacts, decisive, faces_of, heatmap_of
from pipeline.casebook.report.harmless import one_line
from pipeline.casebook.report.kept import Kept, say_gone
from pipeline.casebook.report.parts import Part
from pipeline.heatmap import Heatmap
from pipeline.pictures.overlay import STRONGEST, span
from pipeline.verdict import CAUTION, Verdict
from pipeline.words.figures import count, say
from pipeline.words.numbers import two_digits
from pipeline.words.verdicts import ARGUED, CHIPS, HEADLINES, SHAPES, STAGES, reasons, why_not_split

PROBABILITIES = {"edited": "p(edited)", "deepfake": "p(deepfake | edited)"}
JOINT = {"real": "no editing", "deepfake": "deepfake", "facetune": "facetune-style retouching"}
NO_SHAPE = "?"
MOST_FACES = 300


def verdict_section(examined: Examined, dossier: Part) -> Section:
    """Return what the release said of a photo, and how sure it may be.

    Args:
        examined: as the log tells it.
        dossier: of the same examination; an empty one where it is gone.
    """
    faces = faces_of(dossier.part("record"))
    face = decisive(faces)
    headline = headline_of(examined, dossier)
    blocks: list[Block] = [headline, *_disagreements(examined, dossier)]
    blocks += _say_reasons(dossier.part("words").text("reasons"), headline.text)
    if face is None:
        blocks.append(_say_without_face(examined))
    else:
        blocks += [_scale(stage, face.verdict, dossier) for stage in STAGES]
        blocks += _say_joint(face.verdict)
    blocks += _say_faces(faces, dossier.part("record"))
    blocks.append(Paragraph(CAUTION, "aside"))
    return Section("Verdict", 3, tuple(blocks))


def headline_of(examined: Examined, dossier: Part) -> Headline:
    """Return a verdict's shape and words, as the page says them; without the words, those of its label."""
    words = dossier.part("words")
    text = words.text("headline") or HEADLINES.get(examined.verdict, one_line(examined.verdict))
    return Headline(SHAPES.get(examined.verdict, NO_SHAPE), text, words.text("strength"))


def looked_section(examined: Examined, dossier: Part, kept: Kept) -> Section:
    """Return the heatmap over the decisive face, how it was made, and how far it is to be believed."""
    blocks: list[Block] = []
    words, face = dossier.part("words"), decisive(faces_of(dossier.part("record")))
    blocks += [Paragraph(where)] if (where := words.text("where")) else []
    if not examined.overlay:
        blocks.append(Paragraph("There is no heatmap of this photo.", "aside"))
        return Section("Where the release looked", 3, tuple(blocks))
    heatmap = None if face is None else heatmap_of(face, kept, examined.arrays)
    caption = _say_facts(words.part("map")) if heatmap is None else _say_map(heatmap)
    legend = None if heatmap is None else _legend(heatmap)
    picture = kept.picture(examined.overlay, "Heatmap over the face that decides", caption, "half", legend)
    blocks.append(Pictures((picture,)) if isinstance(picture, Picture) else picture)
    blocks += [Paragraph(line, "warning") for line in words.texts("map_states")]
    blocks += [say_gone("The map's numbers", examined.arrays)] if heatmap is None else []
    if record := dossier.part("measured").text("pointing_record"):
        blocks.append(Paragraph(record, "aside", "How far to trust the place."))
    return Section("Where the release looked", 3, tuple(blocks))


def _disagreements(examined: Examined, dossier: Part) -> Iterator[Block]:
    """Yield in what the log and the dossier, which tell of one examination, do not agree."""
    record = dossier.part("record")
    pairs = {
        "the verdict": (examined.verdict, record.text("verdict")),
        "the release": (examined.release, record.text("release")),
        "the release's hash": (examined.release_sha256, dossier.text("release_sha256")),
    }
    for what, (by_log, by_dossier) in pairs.items():
        if by_dossier and one_line(by_log) != by_dossier:
            pair = f"the log has “{one_line(by_log)}”, the dossier “{by_dossier}”"
            yield Paragraph(f"The log and the dossier do not agree on {what}: {pair}.", "warning")


def _say_reasons(text: str, headline: str) -> list[Block]:
    """Say why nothing, or not all, could be said, where the headline does not say it."""
    if not text or text in headline:
        return []
    return [Paragraph(f"{text[0].upper()}{text[1:]}.", "plain", "What keeps this verdict from being plain:")]


def _say_without_face(examined: Examined) -> Block:
    """Say what is known where no face can be read: the log's own probabilities, or that there are none."""
    if examined.p_edited is None:
        return Paragraph("Nothing can be said of a photo in which no face was examined; that is no sign of anything.")
    numbers = f"p(edited) {two_digits(examined.p_edited)}, p(deepfake | edited) {two_digits(examined.p_deepfake)}"
    return Paragraph(f"By the log: {numbers}. Thresholds and calibration stood in the dossier.")


def _scale(stage: str, verdict: Verdict, dossier: Part) -> Block:
    """Return a stage's probability with its threshold, its band of abstention and its calibration."""
    title, name = STAGES[stage], PROBABILITIES[stage]
    score = verdict.edited if stage == "edited" else verdict.deepfake
    if score is None:
        why = "" if stage == "edited" else f": {why_not_split(verdict.edited)}"
        return Paragraph(f"It did not run{why}.", "plain", title)
    low, high = score.abstain
    band = f"nothing is said from {low:.2f} up to {high:.2f}" if high > low else "there is no band of abstention"
    numbers = f"{name} {two_digits(score.probability)} · threshold {score.threshold:.2f} · {band}"
    text = f"{numbers}. {_say_calibration(stage, dossier)}"
    return Scale(title, name, score.probability, score.threshold, low, high, text)


def _say_calibration(stage: str, dossier: Part) -> str:
    measured = dossier.part("measured").part("calibration").part(stage)
    error = measured.figure("ece")
    if error is None or error.value is None:
        return "How well this probability is calibrated was not measured."
    return f"Calibration on held-out photos: expected error (ECE) {say(error, '')}; 0 is perfect."


def _say_joint(verdict: Verdict) -> list[Block]:
    if verdict.edited is None:
        return []
    parts = [f"{JOINT[label]} {two_digits(value)}" for label, value in verdict.probabilities.items()]
    return [Paragraph(f"{' · '.join(parts)}.", "plain", "All three together (joint probabilities):")]


def _say_faces(faces: tuple[FaceFacts, ...], record: Part) -> Iterator[Block]:
    """Yield how many faces there are, each of them where there are several, and those that were not examined."""
    if account := record.text("faces_account"):
        yield Paragraph(f"{account}.", "plain", "Faces:")
    if len(faces) > 1:
        rows = tuple(_face_row(face) for face in faces[:MOST_FACES])
        head = ("Face", "Verdict", "p(edited)", "p(deepfake | edited)", "Size, px", "Reason")
        title = "All faces, largest first; the photo's verdict is that of the most suspicious one"
        yield Table(title, head, rows, (0.6, 1.4, 1, 1.1, 0.9, 3), (2, 3, 4))
    if len(faces) > MOST_FACES:
        yield Paragraph(f"{count(len(faces) - MOST_FACES)} faces more stand in the dossier.", "aside")
    if record.parts("faces_unjudged"):
        text = "Not every face of this photo was examined, and one of those left out may be the edited one."
        yield Paragraph(text, "warning")


def _face_row(face: FaceFacts) -> tuple[str, ...]:
    chip = f"{SHAPES.get(face.label, NO_SHAPE)} {CHIPS.get(face.label, face.label)}"
    how = ["marked by hand"] if face.marked else []
    how += [f"turned {face.turned}°"] if face.turned else []
    scores = [
        two_digits(score.probability if score else None) for score in (face.verdict.edited, face.verdict.deepfake)
    ]
    return (
        str(face.place + 1),
        chip,
        *scores,
        str(face.size),
        "; ".join([*how, reasons(face.verdict.reasons)]).strip("; "),
    )


def _say_map(heatmap: Heatmap) -> str:
    how = _say_how(heatmap.method, heatmap.peak, heatmap.faithfulness)
    return f"What speaks for “{ARGUED[heatmap.label]}”: {heatmap.meaning}, in logit. {how}"


def _say_facts(facts: Part) -> str:
    """Say of a map whose numbers cannot be read what the dossier tells of it."""
    label = facts.text("label", 60)
    how = _say_how(facts.text("method", 60) or "not named", facts.number("peak"), facts.number("faithfulness"))
    return f"What speaks for “{ARGUED.get(label, label)}”. {how}"


def _say_how(method: str, peak: float | None, faithfulness: float | None) -> str:
    height = "The peak is no number." if peak is None or peak != peak else f"Peak {peak:+.3g} logit."
    checked = "Its faithfulness to the score was not measured."
    if faithfulness is not None:
        moved = f"{faithfulness:+.3g} logit more than the same map moved elsewhere"
        checked = f"Faithfulness, checked by blurring: {moved}."
    return f"Method: {method}. {height} {checked}"


def _legend(heatmap: Heatmap) -> Legend | None:
    """Return what a map's colours stand for; None of a map that is not painted."""
    if heatmap.state in ("flat", "not a number"):
        return None
    top, label = span(heatmap), ARGUED[heatmap.label]
    beyond = "≤ " if float(heatmap.grid.min()) < -top else ""
    line = f"The white line with black rims surrounds the strongest {STRONGEST:.0%} of the map."
    without = "No line is drawn: nothing in the map speaks for this label."
    ends = (f"{beyond}−{top:.3g}: against", "0", f"+{top:.3g}: for")
    text = f"In logit, for “{label}” or against it; fainter is weaker, and the photo under it is grey."
    return Legend(*ends, f"{text} {line if heatmap.peak_point else without}")
