"""A release that examined photos of a case: what it is, when it says what, and what it was measured to do."""

from collections.abc import Iterator

from models.release import STAGES, StageName
from pipeline.casebook.report.blocks import Block, Entry, Facts, Items, Paragraph, Section, Table
from pipeline.casebook.report.parts import Part, flat
from pipeline.casebook.report.survey import ReleaseUse
from pipeline.words import verdicts
from pipeline.words.figures import count, say
from pipeline.words.verdicts import ARGUED

SILENT = "The dossier does not say."
CARD_TEXTS = (("What it is for.", "intended"), ("Limits.", "limits"), ("Ethics.", "ethics"))


def release_sections(use: ReleaseUse) -> Iterator[Section]:
    """Yield the card of one release, and one section a stage.

    Args:
        use: the release, and how many photos it examined.
    """
    release, measured = use.dossier.part("release"), use.dossier.part("measured")
    blocks: list[Block] = [Facts(tuple(_release_facts(use, release)))]
    if notes := release.text("notes"):
        blocks.append(Paragraph(notes, "plain", "To know before anything else."))
    if scope := _scope_rows(release):
        head = ("Fact of the face", "From", "Up to")
        blocks.append(Table("What it judges: outside these it says nothing", head, scope, (2, 1, 1), (1, 2)))
    blocks += [Paragraph(text, "plain", lead) for lead, text in _records(measured) if text]
    if not use.dossier.data:
        blocks.append(Paragraph("No dossier that tells of this release can be read.", "warning"))
    yield Section("Release", 2, tuple(blocks), use.name)
    for stage in STAGES:
        yield _stage_section(stage, use.dossier)


def _release_facts(use: ReleaseUse, release: Part) -> Iterator[Entry]:
    yield Entry("Name", use.name, "foreign")
    yield Entry("SHA-256 of its file", use.sha256, "hash")
    yield Entry("Date", release.text("date", 60) or "–")
    yield Entry("Photos of this case", count(use.photos))
    yield Entry("Smallest face judged", f"{release.count('min_face')} px")
    yield Entry("Preprocessing", flat(dict(release.part("preprocessing").data)) or SILENT)


def _scope_rows(release: Part) -> list[tuple[str, ...]]:
    scope = release.part("scope")
    rows = ((name, scope.numbers(name)) for name in scope.names())
    return [(name, *(f"{edge:.4g}" for edge in edges)) for name, edges in rows if len(edges) == 2]


def _records(measured: Part) -> Iterator[tuple[str, str]]:
    yield "How often it is wrong.", measured.text("track_record")
    yield "How far to trust the place.", measured.text("pointing_record")
    above = measured.figure("above_original")
    if above is not None and above.value is not None:
        text = f"Of pairs of an edit and its own original, the edit got the higher score in {say(above, '%')}."
        yield "An edit against its original.", text


def _stage_section(stage: StageName, dossier: Part) -> Section:
    """Return when a stage says what, and the card of its weights."""
    rule, card = dossier.part("release").part(stage), dossier.part("cards").part(stage)
    weights, measured = dossier.part("weights").part(stage), dossier.part("measured")
    blocks: list[Block] = [
        Facts((*_rule_facts(rule, card), _calibration(stage, measured), *_card_facts(card, weights)))
    ]
    blocks += [Paragraph(card.text(name) or SILENT, "plain", lead) for lead, name in CARD_TEXTS]
    if failures := card.texts("failures"):
        items = Items(tuple(("", line) for line in failures))
        blocks += [Paragraph("Where it was measured to fail, the worst first:"), items]
    data = card.part("data")
    rows = [(name, data.text(name)) for name in data.names()]
    if rows:
        head = ("Collection", "Photos, and their terms")
        blocks.append(Table("What it was trained on", head, rows, (1, 4)))
    training = card.part("training")
    if lines := [f"{name}: {text}" for name in ("made", "started from") if (text := training.text(name))]:
        blocks.append(Paragraph("; ".join(lines), "aside", "How it was trained."))
    return Section(verdicts.STAGES[stage], 3, tuple(blocks))


def _rule_facts(rule: Part, card: Part) -> Iterator[Entry]:
    threshold, abstain = rule.number("threshold"), rule.numbers("abstain")
    if threshold is not None:
        positive, negative = (card.text(name, 60) for name in ("positive", "negative"))
        other = ARGUED.get(negative, negative) or "the contrary"
        yield Entry("Says", f"“{ARGUED.get(positive, positive)}” from {threshold:.2f} up, else “{other}”")
    if len(abstain) == 2:
        low, high = abstain
        yield Entry("Abstains", f"from {low:.2f} up to {high:.2f}" if high > low else "never by its score alone")
    yield Entry("Rule", rule.text("rule") or SILENT)


def _calibration(stage: StageName, measured: Part) -> Entry:
    part = measured.part("calibration").part(stage)
    error = part.figure("ece")
    text = "not measured" if error is None or error.value is None else f"ECE {say(error, '')}; 0 is perfect"
    return Entry("Calibration", text)


def _card_facts(card: Part, weights: Part) -> Iterator[Entry]:
    yield Entry("Weights", card.text("weights", 120) or weights.text("id", 120) or SILENT)
    yield Entry("SHA-256 of the weights", weights.text("sha256", 64) or card.text("sha256", 64) or SILENT, "hash")
    if graph := card.text("graph_sha256", 64):
        yield Entry("SHA-256 of the graph that serves them", graph, "hash")
    network = f"{card.text('architecture', 60)}, {card.count('input_size')} × {card.count('input_size')} px input"
    yield Entry("Network", network if card.text("architecture") else SILENT)
    if base := card.text("base", 120):
        yield Entry("Base that they adapt", base)
        yield Entry("SHA-256 of the base's card", card.text("base_sha256", 64), "hash")
    yield Entry("Trained", card.text("date", 60) or SILENT)
    yield Entry("Licence", card.text("licence") or SILENT)
    yield Entry("SHA-256 of the list of training photos", card.text("training_sha256", 64) or SILENT, "hash")
