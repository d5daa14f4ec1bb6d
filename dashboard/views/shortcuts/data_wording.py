"""What the audit, the folds and the release have in common, in sentences: the same photos, twins, luck of the split."""

from statistics import median

from dashboard.kit import markup
from pipeline.datasets.sources import are_forged_names
from pipeline.results.audit import Audit, Leak
from pipeline.results.evaluation import Evaluation
from pipeline.results.folds import EVEN, WITHIN, Folded
from pipeline.words.figures import count, percent, plain, say

NEARNESS = {
    "same bytes": "the very same file",
    "phash": "looks alike at a glance (perceptual hash)",
    "embedding": "looks alike to a network (embedding)",
    "phash and embedding": "looks alike to both: a true twin, most likely",
}
"""By what photos are near each other, in words."""
STANDINGS = {
    "none": "none found",
    "as unrelated photos": "no more than unrelated photos",
    "more than unrelated photos": "more than unrelated photos: a leak",
    "not measurable": "not measurable",
}
"""How a split stands, in words."""
STRICT = ("same bytes", "phash and embedding")
"""The measures whose pairs should be looked at; the last one is the surest of twins."""
LEAK = "more than unrelated photos"


def say_against(audit: Audit, evaluation: Evaluation) -> list[str]:
    """Say, as markdown, whether an audit and an evaluation are about the same photos, as far as both tell."""
    run, manifest = evaluation.run, audit.manifest_sha256
    of_test = next((leak.n for leak in audit.leakage if leak.split == evaluation.dataset), None)
    own = int((~are_forged_names(evaluation.predictions.source)).sum())
    if run.get("manifest_sha256") == manifest or run.get("prepared_sha256") == manifest:
        sentence = "It is about the very manifest that the release was evaluated on."
    elif str(run.get("manifest", "")).startswith("manifest"):
        sentence = "**It is about another manifest than the evaluation**: the photos, or their splits, may differ."
    else:
        sentence = (
            "The evaluation names its table of crops, not the manifest behind it: whether they are the same cannot "
            "be told by hash."
        )
    lines = [sentence]
    if of_test is not None and not run.get("most") and of_test != own:
        lines.append(
            f"**The data differ**: the audit knows {count(of_test)} original photos of "
            f"{markup.escaped(evaluation.dataset)}, the evaluation {count(own)}."
        )
    elif of_test is not None and of_test == own:
        lines[0] += f" Both know {count(own)} original photos of {markup.escaped(evaluation.dataset)}."
    return lines


def say_folds(folds: Folded) -> str:
    """Say what the folds tell, as markdown."""
    values = sorted(figure["value"] for figure in folds.each)
    half = median((figure["high"] - figure["low"]) / 2 for figure in folds.each)
    every, photos = folds.figures[WITHIN], median(figure["n"] for figure in folds.each)
    even = f", {EVEN} on {percent(folds.figures[EVEN]['value'])}" if EVEN in folds.figures else ""
    return (
        f"**{markup.escaped(folds.collection)}, each of its {count(every['n'])} photos held out once**: "
        f"{len(values)} networks{_say_training(folds)}, each without a fold. One and the same training reaches AUC "
        f"{plain(values[0])} to {plain(values[-1])} from fold to fold; within folds, over all, "
        f"{say(every, '', n=False)}{even}. **A figure from {photos:.0f} of "
        f"its photos is uncertain by about ±{100 * half:.0f} points.** Two models on the same photos are told apart "
        "better than that, photo by photo, on the page Compare."
    )


def _say_training(folds: Folded) -> str:
    """Say how long each network of the folds was trained; "" where that is not known."""
    seconds = [one["seconds of training"] for one in folds.run["folds"] if "seconds of training" in one]
    return f", each trained for about {median(seconds) / 60:.0f} minutes" if seconds else ""


def say_leaks(audit: Audit) -> str:
    """Say whether a split leaks, as markdown."""
    leaking = [leak for leak in audit.leakage if leak.standing == LEAK]
    if leaking:
        splits = "; ".join(
            f"{markup.escaped(leak.split)}, by {markup.escaped(leak.measure)}: {say(leak.share, '%', n=False)} against "
            f"{say(leak.unrelated, '%', n=False)} of unrelated photos"
            for leak in leaking
        )
        return f"**Yes, in part**: more photos have a twin among those learned from than chance explains ({splits})."
    unknown = [leak for leak in audit.leakage if leak.standing not in STANDINGS or leak.standing == "not measurable"]
    if len(unknown) == len(audit.leakage):
        return "**Not known**: nothing could be compared."
    twins = "; ".join(
        f"of {markup.escaped(leak.split)} {count(leak.near)} of {count(leak.n)}"
        for leak in audit.leakage
        if leak.measure == STRICT[-1]
    )
    return (
        "**No sign of it.** No split has more near twins among the photos learned from than unrelated photos have. "
        f"Likely twins: {twins}."
    )


def leak_row(leak: Leak) -> dict[str, object]:
    """Return a split's near twins by one measure as a row of a table."""
    return {
        "photos of": leak.split,
        "near": NEARNESS.get(leak.measure, leak.measure),
        "with one among those learned from": f"{count(leak.near)} of {count(leak.n)}: {say(leak.share, '%', n=False)}",
        "unrelated photos": say(leak.unrelated, "%", n=False),
        "photos of one person": say(leak.same_group, "%", n=False),
        "": STANDINGS.get(leak.standing, leak.standing),
    }
