"""All figures of a release from its predictions: both stages, joint, by source, and whether its maps are right."""

from typing import Any

import pandas as pd

from pipeline.evaluation import metrics
from pipeline.evaluation.pointing import faithful, pointing

HOMES = {"unsplash": "stylegan2", "forge-unsplash": "forge-stylegan2"}
"""Sources that are the other class of a collection: figures need both classes."""


def figures(table: pd.DataFrame) -> dict[str, Any]:
    """Return all figures of a predictions table: both stages, joint, heatmaps; overall and by source."""
    edited = _stage(table, table.label != "real", table.p_edited, table.forced != "real")
    only = table[table.label != "real"]
    deepfake = _stage(only, only.label == "deepfake", only.p_deepfake, only.says_deepfake)
    camera = table[~table.source.str.startswith("forge-")]
    return {
        "edited": _by_source(edited),
        "deepfake": {"all": metrics.stage_figures(deepfake)} | _forged_stage(deepfake),
        "joint": {"collections": metrics.joint_figures(camera), "with forgeries": metrics.joint_figures(table)},
        "confusion": metrics.confusion(camera),
        "false alarms": _false_alarms(table),
        "recall by kind": _recalls(edited),
        "pointing": pointing(table),
        "faithful maps": faithful(table),
    }


def _stage(table: pd.DataFrame, positive: pd.Series, score: pd.Series, said: pd.Series) -> pd.DataFrame:
    return table.assign(positive=positive, score=score, said=said)


def _by_source(table: pd.DataFrame) -> dict[str, Any]:
    """Return stage 1's figures over all collections, and for each collection that has both classes."""
    camera = table[~table.source.str.startswith("forge-")]
    found: dict[str, Any] = {"collections": metrics.stage_figures(camera)}
    homes = table.source.replace(HOMES)
    for home in sorted(homes.unique()):
        mine = table[homes.isin([home, home.removeprefix("forge-")])]
        if home.startswith("forge-"):
            mine = mine[~mine.positive | mine.source.str.startswith("forge-")]
        if mine.positive.nunique() == 2:
            found[home] = metrics.stage_figures(mine)
    return found


def _forged_stage(table: pd.DataFrame) -> dict[str, Any]:
    """Return stage 2's figures on edits of both kinds made from the same originals: the ones that mean something."""
    forged = table[table.source.str.startswith("forge-")]
    found = {"same originals": metrics.stage_figures(forged)} if forged.positive.nunique() == 2 else {}
    for source, part in forged.groupby("source"):
        if part.positive.nunique() == 2:
            found[str(source)] = metrics.stage_figures(part)
    return found


def _false_alarms(table: pd.DataFrame) -> dict[str, Any]:
    """Return, by source, the share of real photos called edited, whichever kind."""
    reals = table[table.label == "real"]
    reals = reals.assign(positive=False, said=reals.verdict.isin(["deepfake", "facetune"]))
    return {str(source): metrics.interval(part, metrics.false_alarm) for source, part in reals.groupby("source")}


def _recalls(table: pd.DataFrame) -> dict[str, Any]:
    edits = table[table.positive]
    groups = edits.groupby(["source", "kind"])
    return {f"{source}: {kind}": metrics.interval(part, metrics.recall) for (source, kind), part in groups}
