"""All figures of a release from its predictions: both stages, joint, by source and slice, and of its maps."""

from typing import Any

import pandas as pd

from pipeline.datasets.sources import are_forged_names, collections, is_forged_name, original_source
from pipeline.figures import bootstrap
from pipeline.figures.above_original import above_original
from pipeline.figures.curves import cascade_errors, reliability, risk_coverage
from pipeline.figures.error_tree import error_tree
from pipeline.figures.gaps import gaps
from pipeline.figures.mean_maps import mean_maps
from pipeline.figures.pointing import faithful, pointing
from pipeline.figures.slice_pairs import slice_pairs
from pipeline.figures.slices import figures_of_part, slices
from pipeline.results.evaluation import ABOVE_ORIGINAL

__all__ = ["figures", "same_originals"]


def figures(table: pd.DataFrame) -> dict[str, Any]:
    """Return all figures of a table of predictions, as `pipeline.results.evaluation.read_predictions` gives it."""
    edited = _stage(table, table.label != "real", table.p_edited, table.says_edited)
    only = table[table.label != "real"]
    deepfake = _stage(only, only.label == "deepfake", only.p_deepfake, only.says_deepfake)
    camera = table[~are_forged_names(table.source)]
    slice_rows = slices(edited)
    return {
        "edited": _by_source(edited),
        "deepfake": {"all": bootstrap.stage_figures(deepfake)} | same_originals(deepfake),
        "joint": {"collections": bootstrap.joint_figures(camera), "with forgeries": bootstrap.joint_figures(table)},
        "confusion": bootstrap.confusion(camera),
        "confusion with forgeries": bootstrap.confusion(table),
        "cascade errors": cascade_errors(table),
        "false alarms": false_alarms_by_source(table),
        "recall by kind": _recalls(edited),
        ABOVE_ORIGINAL: above_original(table),
        "reliability": {"edited": reliability(edited), "deepfake": reliability(deepfake)},
        "risk coverage": risk_coverage(table),
        "slices": slice_rows,
        "slices overall": figures_of_part(edited),
        "slice gaps": gaps(edited, slice_rows),
        "slice pairs": slice_pairs(edited),
        "error tree": error_tree(table),
        "pointing": pointing(table),
        "faithful maps": faithful(table),
        "mean maps": mean_maps(table),
    }


def _stage(table: pd.DataFrame, positive: pd.Series, score: pd.Series, answers: pd.Series) -> pd.DataFrame:
    return table.assign(positive=positive, score=score, said=answers)


def _by_source(table: pd.DataFrame) -> dict[str, Any]:
    """Return stage 1's figures over all collections, and for each collection that has both classes."""
    camera = table[~are_forged_names(table.source)]
    sources: dict[str, Any] = {"collections": bootstrap.stage_figures(camera)}
    homes = collections(table.source)
    for home in sorted(homes.unique()):
        mine = table[homes.isin([home, original_source(home)])]
        if is_forged_name(home):
            mine = mine[~mine.positive | are_forged_names(mine.source)]
        if mine.positive.nunique() == 2:
            sources[home] = bootstrap.stage_figures(mine)
    return sources


def same_originals(table: pd.DataFrame) -> dict[str, Any]:
    """Return stage 2's figures on originals of which there are edits of both kinds: the ones that mean something.

    Args:
        table: edits, with `source`, `pair`, and what `bootstrap.stage_figures` takes.

    Returns:
        The figures over all, as "same originals", and by source; nothing where there are no such originals.
    """
    forged = table[are_forged_names(table.pair)]
    matched = forged[forged.groupby("pair").positive.transform("nunique") == 2]
    whole = {"same originals": bootstrap.stage_figures(matched)} if len(matched) else {}
    return whole | {str(source): bootstrap.stage_figures(part) for source, part in matched.groupby("source")}


def false_alarms_by_source(table: pd.DataFrame) -> dict[str, Any]:
    """Return, by source, the share of real photos called edited, whichever kind."""
    reals = table[table.label == "real"]
    reals = reals.assign(positive=False, said=reals.verdict.isin(["deepfake", "facetune"]))
    return {str(source): bootstrap.interval(part, bootstrap.false_alarm) for source, part in reals.groupby("source")}


def _recalls(table: pd.DataFrame) -> dict[str, Any]:
    edits = table[table.positive]
    groups = edits.groupby(["source", "kind"])
    return {f"{source}: {kind}": bootstrap.interval(part, bootstrap.recall) for (source, kind), part in groups}
