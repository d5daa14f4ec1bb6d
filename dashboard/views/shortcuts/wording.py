"""The shortcut audit in words that a non-specialist understands."""

import html
from collections.abc import Sequence

import pandas as pd

from dashboard.kit import markup
from pipeline.datasets.sources import is_forged_name, original_source, say_source
from pipeline.results.audit import GONE, Audit, Comparison
from pipeline.words import readable
from pipeline.words.figures import percent, say

WHAT_IT_IS = (
    "A model that is shown edited photos of one collection and unedited ones of another may learn to recognise the "
    "**collection** instead of the **edit**: its JPEG settings, its size, its backgrounds. That is a **shortcut**. "
    "Such a model looks good in a test on the same collections, and fails on your photos. Telltale therefore cuts "
    "every face out and saves it again in one and the same way before a model sees it: **equalising**. The audit then "
    "asks simple models that are **kept from the edit** how far they still get. What they can tell without it, the "
    "release may have learned too."
)
LOOKS = {
    "all facts": "file size, sharpness, brightness",
    "JPEG table alone": "JPEG table alone",
    "rule: quality unlike most real photos": "one rule on JPEG quality",
    "the source's name": "the collection's name",
}
"""What was looked at, short; other names stand as they are."""
GLANCES = {
    "all facts": "size, sharpness, …",
    "JPEG table alone": "JPEG table",
    "rule: quality unlike most real photos": "JPEG quality rule",
}
"""The same in three words, for a plot."""
SCOPES = {"collections": "all collections", "same originals": "same originals", "real photos": "real photos"}
TASKS = {
    "real or edited": "edited photos from unedited ones",
    "deepfake or facetune": "deepfakes from retouched photos",
    "which source": "which collection a real photo is from",
}
CONDITIONS = {
    "published": "as first published",
    "before": "the file as it is",
    "cropped": "the face cut out, not equalised",
    "after": "equalised: what a model sees",
}
OUTCOMES = {
    "gone": "gone",
    "nothing to tell it by": "never there",
    "less, but still told": "less, but still there",
    "still told": "still there",
    "told": "there (no file before to compare)",
    "told only in the crop": "there after cutting out only",
    "not measurable": "not measurable",
    "": "measured once",
}
BY_LUCK = "Of thirty questions that are truly at chance, about one stands above it by luck."


def say_look(one: Comparison) -> str:
    """Say what a question's classifier looked at."""
    if one.audit == "around the face":
        return "the picture with the face blanked out"
    if one.audit == "source":
        return f"the whole picture, by {'a general network' if 'ImageNet' in one.by else one.by}"
    return LOOKS.get(one.by, one.by)


def say_scope(name: str) -> str:
    """Say which photos were asked about."""
    return f"edits {say_source(name)}" if is_forged_name(name) else SCOPES.get(name, name)


def label_html(name: str, second: str) -> str:
    """Return a scope and what else there is to say as a plot's label on two short lines; nothing in it is markup."""
    first = f"forged: {original_source(name)}" if is_forged_name(name) else SCOPES.get(name, name)
    lines = [html.escape(readable.short(line, 24)) for line in (first, second)]
    return f'{lines[0]}<br><span style="font-size: 11px">{lines[1]}</span>'


def say_glance(one: Comparison) -> str:
    """Say what a question's classifier looked at in three words."""
    return {"around the face": "face blanked", "source": "whole picture"}.get(one.audit, GLANCES.get(one.by, one.by))


def questions_of(audit: Audit) -> list[Comparison]:
    """Return the questions that were measured in what a model sees, the most telling first."""
    return sorted((one for one in audit.comparisons if one.after), key=lambda one: -one.excess)


def say_answer(audit: Audit) -> str:
    """Say in one line how many shortcuts are left, as markdown."""
    every = [one for one in questions_of(audit) if not one.same_originals]
    left, gone = [one for one in every if one.open], [one for one in every if one.outcome == GONE]
    if not every:
        return "**It is not known.** The audit measured no shortcut in what a model sees."
    if not left:
        return (
            f"**No sign of it.** None of the {len(every)} shortcuts that were looked for is left after equalising; "
            f"{len(gone)} were there before."
        )
    return (
        f"**In part, it may.** {len(left)} of the {len(every)} shortcuts that were looked for are left after "
        f"equalising, strong and faint ones together; {len(gone)} were there before and are gone."
    )


def say_traces(audit: Audit) -> str:
    """Say in one line what is told of edits made of the very photos they are held against; "" if nothing was asked."""
    every = [one for one in questions_of(audit) if one.same_originals]
    left = [one for one in every if one.open]
    if not every:
        return ""
    start = (
        "Where the edited photos were made of the very photos that they are held against, no collection can be "
        "recognised; what is told there is a trace of the edit itself: "
    )
    if not left:
        return f"{start}none of {len(every)} questions told any."
    best = say(left[0].after, "%", n=False) if left[0].after else "–"
    return f"{start}{len(left)} of {len(every)} questions told some, the most {best}."


def say_examples(audit: Audit) -> list[str]:
    """Return the strongest shortcut that is gone, and the strongest that is left of each stage, as markdown."""
    every = questions_of(audit)
    gone = [one for one in every if one.outcome == GONE and one.earlier]
    lines = []
    if gone:
        lines.append(f"Gone, for example: {say_question(max(gone, key=_before))}")
    for stage, name in (("edited", "stage 1"), ("deepfake", "stage 2"), ("", "telling the collection")):
        left = [one for one in every if one.open and one.stage == stage and not one.same_originals]
        if left:
            lines.append(f"Left, most of all for {name}: {say_question(left[0])}")
    return lines


def _before(one: Comparison) -> float:
    return (one.earlier[1].value or 0.0) - one.chance if one.earlier else 0.0


def say_question(one: Comparison) -> str:
    """Say one question, before and after, as markdown."""
    who = markup.escaped(say_look(one))
    task = TASKS.get(one.task, markup.escaped(one.task))
    start = f"by {who}, {task} ({markup.escaped(say_scope(one.scope))}) could be told"
    parts = []
    if one.earlier:
        parts.append(f"in {say(one.earlier[1], '%', n=False)} before")
    if one.after:
        guess = f"guessing reaches {percent(one.chance)}"
        ending = "which is no better than guessing" if not one.open else guess
        parts.append(f"**{'in ' if not one.earlier else ''}{say(one.after, '%', n=False)} after equalising**, {ending}")
    return f"{start} {', '.join(parts)}."


def say_open(comparisons: Sequence[Comparison], stage: str) -> list[str]:
    """Return a line for each shortcut of a stage that is left, the most telling first, as markdown."""
    return [
        f"**{markup.escaped(say_scope(one.scope))}**: by {markup.escaped(say_look(one))} in "
        f"**{say(one.after, '%', n=False)}** (guessing {percent(one.chance)})"
        + (f"; {say(one.earlier[1], '%', n=False)} before" if one.earlier else "")
        + f": {OUTCOMES.get(one.outcome, markup.escaped(one.outcome))}."
        + (" The edit's own trace, for both are of the same originals." if one.same_originals else "")
        for one in comparisons
        if one.open and one.stage == stage and one.after
    ]


def question_table(mine: Sequence[Comparison]) -> pd.DataFrame:
    """Return the questions as rows: what was asked, balanced accuracy under each condition with its interval and n."""
    rows = [
        {"audit": one.audit, "task": one.task, "scope": one.scope, "by": one.by, "chance": one.chance}
        | {
            f"{name} {part}".removesuffix(" value"): number
            for name, figure in one.figures.items()
            for part, number in figure.as_dict().items()
        }
        | {"outcome": one.outcome}
        for one in mine
    ]
    return pd.DataFrame(rows)
