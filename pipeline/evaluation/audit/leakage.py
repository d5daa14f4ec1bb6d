"""(d) Photos of a test split that have a near twin among the photos learned from: by bytes, phash and embedding."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.evaluation.audit.wording import UNMEASURED
from pipeline.figures import bootstrap
from pipeline.words.figures import say

BITS = 8
"""Perceptual hashes that differ in at most so many of 64 bits are near."""

PERCENTILE = 99.9
"""Of the cosines between photos of one source and different groups; an embedding nearer than that is near."""

PAIRED = 1000
"""Photos of a source from which those pairs are drawn, and of the training part that tell what unrelated photos do."""

LEAST = 20
"""Photos that a source needs for a limit of its own; smaller ones share one."""

BLOCK = 256
EXAMPLES = 10
FAR = 65

MEASURES = {
    "same bytes": "equal SHA-256",
    "phash": f"at most {BITS} of 64 bits apart",
    "embedding": f"cosine above the {PERCENTILE}th percentile of its source's pairs of different groups",
    "phash and embedding": "both at once, of the same photo",
}


@dataclass(frozen=True, eq=False)
class Looks:
    """What is compared of N photos.

    Attributes:
        rows: N rows with sha256, phash, group, source, split.
        bits: (N,) uint64 perceptual hashes; `hashed` tells which are known.
        vectors: (N, C) float32 embeddings, centred, of length 1; zeros where there is none.
        limits: (N,) cosine from which a photo of that source is near.
    """

    rows: pd.DataFrame
    bits: np.ndarray
    hashed: np.ndarray
    vectors: np.ndarray
    limits: np.ndarray

    @property
    def known(self) -> dict[str, np.ndarray]:
        """Measure → (N,) bool: of which photos that is known by which they are compared."""
        every, embedded = np.ones(len(self.rows), bool), np.asarray(self.vectors.any(axis=1))
        return {"same bytes": every, "phash": self.hashed, "embedding": embedded,
                "phash and embedding": self.hashed & embedded}  # fmt: skip

    def __getitem__(self, place: np.ndarray) -> "Looks":
        return Looks(
            self.rows.iloc[place], self.bits[place], self.hashed[place], self.vectors[place], self.limits[place]
        )


def looks(rows: pd.DataFrame, features: pd.DataFrame, seed: int) -> Looks:
    """Prepare photos for comparing.

    Args:
        rows: the originals.
        features: embeddings of those that have one, indexed as the rows are.
        seed: of the pairs from which the limits are told.
    """
    hashed = rows.phash.str.fullmatch("[0-9a-f]{16}").to_numpy(bool)
    bits = np.array([int(text, 16) if known else 0 for text, known in zip(rows.phash, hashed, strict=True)], np.uint64)
    vectors = np.zeros((len(rows), max(1, features.shape[1])), np.float32)
    has = rows.index.isin(features.index)
    if has.any():
        known = features.loc[rows.index[has]].to_numpy(np.float32)
        known = known - known.mean(axis=0)
        vectors[has] = known / np.maximum(np.linalg.norm(known, axis=1, keepdims=True), 1e-9)
    return Looks(rows, bits, hashed, vectors, _limits(rows, vectors, has, seed))


def _limits(rows: pd.DataFrame, vectors: np.ndarray, has: np.ndarray, seed: int) -> np.ndarray:
    """Return each photo's limit: its source's, or that of all sources where its own has too few photos."""
    rng = np.random.default_rng(seed)
    source, group = rows.source.to_numpy(str), rows.group.to_numpy(str)
    limits = np.full(len(rows), _limit(vectors, group, np.flatnonzero(has), rng), np.float32)
    for name in np.unique(source):
        mine = np.flatnonzero(has & (source == name))
        if len(mine) >= LEAST:
            limits[source == name] = _limit(vectors, group, mine, rng)
    return limits


def _limit(vectors: np.ndarray, group: np.ndarray, among: np.ndarray, rng: np.random.Generator) -> float:
    picked = rng.permutation(among)[:PAIRED]
    apart = np.triu(group[picked][:, None] != group[picked][None], 1)
    return float(np.percentile((vectors[picked] @ vectors[picked].T)[apart], PERCENTILE)) if apart.any() else 1.0


def leakage(rows: pd.DataFrame, features: pd.DataFrame, seed: int) -> list[dict[str, Any]]:
    """Count, for each split, the photos with a near twin in train (with folds: in the other folds).

    Args:
        rows: originals with their splits.
        features: embeddings of what a detector sees of them.
        seed: of the samples that tell what unrelated photos do.
    """
    known, splits = looks(rows, features, seed), rows.split.to_numpy(str)
    trained = "train" in splits
    held_out = [str(name) for name in np.unique(splits) if name != "train"]
    entries = []
    for split in held_out:
        base = known[np.flatnonzero(splits == "train" if trained else splits != split)]
        query = known[np.flatnonzero(splits == split)]
        entries += _split(split, "train" if trained else "the other folds", query, base, seed)
    return entries


def _split(split: str, against: str, query: Looks, base: Looks, seed: int) -> list[dict[str, Any]]:
    picked = np.sort(np.random.default_rng(seed).permutation(len(base.rows))[:PAIRED])
    near = nearest(query, base, "any")
    unrelated = nearest(base[picked], base, "other groups")
    everyone = _join(query, base)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(everyone.rows))[: 2 * PAIRED])
    related = nearest(everyone[chosen], everyone, "same group")
    which = {"split": split, "against": against}
    return [_entry(which, measure, near, unrelated, related) for measure in MEASURES]


def _join(query: Looks, base: Looks) -> Looks:
    parts = zip(
        (query.bits, query.hashed, query.vectors, query.limits),
        (base.bits, base.hashed, base.vectors, base.limits),
        strict=True,
    )
    return Looks(pd.concat([query.rows, base.rows]), *(np.concatenate(pair) for pair in parts))


def nearest(query: Looks, base: Looks, among: str) -> pd.DataFrame:
    """Return, for each query photo, whether any base photo is near by each measure, and an example of one.

    "<measure>: known" tells whether there is any that it can be compared with: of both is known what is compared.

    Args:
        query: photos asked about.
        base: photos looked through, by blocks of matrix products.
        among: "any" photo, those of "other groups", or others of the "same group".
    """
    if not len(query.rows) or not len(base.rows):
        names = [name for measure in MEASURES for name in (measure, f"{measure}: known")]
        return pd.DataFrame({name: np.empty(0, bool) for name in names}).assign(group="", sha256="")
    blocks = np.split(np.arange(len(query.rows)), range(BLOCK, len(query.rows), BLOCK))
    return pd.concat([_block(query[block], base, among) for block in blocks])


def _block(query: Looks, base: Looks, among: str) -> pd.DataFrame:
    may = _comparable(query.rows, base.rows, among)
    apart = np.bitwise_count(query.bits[:, None] ^ base.bits[None]).astype(np.uint8)
    apart[~(query.hashed[:, None] & base.hashed[None] & may)] = FAR
    cosine = np.where(may, query.vectors @ base.vectors.T, np.float32(-1))
    close, alike = apart <= BITS, cosine > query.limits[:, None]
    same = may & (query.rows.sha256.to_numpy(str)[:, None] == base.rows.sha256.to_numpy(str)[None])
    hits = {"same bytes": same, "phash": close, "embedding": alike, "phash and embedding": close & alike}
    table, mine, theirs = query.rows[["sha256", "group", "source"]].copy(), query.known, base.known
    for name, hit in hits.items():
        place = np.where(hit, cosine - apart, -np.inf).argmax(axis=1)
        lines = np.arange(len(place))
        table[name] = hit.any(axis=1)
        table[f"{name}: known"] = mine[name] & (may & theirs[name]).any(axis=1)
        table[f"{name}: of"] = base.rows.sha256.to_numpy(str)[place]
        table[f"{name}: source"] = base.rows.source.to_numpy(str)[place]
        table[f"{name}: bits"], table[f"{name}: cosine"] = apart[lines, place], cosine[lines, place]
    return table


def _comparable(query: pd.DataFrame, base: pd.DataFrame, among: str) -> np.ndarray:
    """Return which (query, base) pairs count; no photo is its own neighbour."""
    if among == "any":
        return np.ones((len(query), len(base)), bool)
    same = query.group.to_numpy(str)[:, None] == base.group.to_numpy(str)[None]
    itself = query.index.to_numpy()[:, None] == base.index.to_numpy()[None]
    return same & ~itself if among == "same group" else ~same


def _entry(
    which: dict[str, str], measure: str, near: pd.DataFrame, unrelated: pd.DataFrame, related: pd.DataFrame
) -> dict[str, Any]:
    near, unrelated, related = (table[table[f"{measure}: known"]] for table in (near, unrelated, related))
    shares = {"share": near, "unrelated": unrelated, "same group": related}
    figures = {name: bootstrap.interval(_hits(table, measure), bootstrap.hit_rate) for name, table in shares.items()}
    entry: dict[str, Any] = which | {
        "measure": measure,
        "threshold": MEASURES[measure],
        "n": len(near),
        "groups": int(near.group.nunique()),
        "near": int(near[measure].sum()),
        **figures,
    }
    entry["standing"] = _say_standing(entry)
    return entry | {"verdict": _say_verdict(entry), "examples": _examples(near, measure)}


def _hits(near: pd.DataFrame, measure: str) -> pd.DataFrame:
    return pd.DataFrame({"hit": near[measure], "group": near.group})


def _say_standing(entry: dict[str, Any]) -> str:
    """Tell whether photos of a split have more near twins in train than unrelated photos of train have."""
    if entry["share"]["low"] is None or entry["unrelated"]["high"] is None:
        return UNMEASURED
    if not entry["near"]:
        return "none"
    return "more than unrelated photos" if entry["share"]["low"] > entry["unrelated"]["high"] else "as unrelated photos"


def _say_verdict(entry: dict[str, Any]) -> str:
    if entry["standing"] == UNMEASURED:
        return f"{UNMEASURED}: {entry['split']} or {entry['against']} has no photos that could be compared by this."
    near, unrelated, related = (say(entry[name], "%", n=False) for name in ("share", "unrelated", "same group"))
    sentence = (
        f"{entry['near']} of {entry['n']} photos of {entry['split']} have a near one in {entry['against']} by "
        f"{entry['measure']}: {near}; unrelated photos {unrelated}, photos of one group {related}"
    )
    strict = entry["measure"] in ("same bytes", "phash and embedding")
    endings = {
        "none": ": no leak found.",
        "as unrelated photos": ": look at the examples." if strict else ": no more than unrelated photos.",
        "more than unrelated photos": ": a leak.",
    }
    return sentence + endings[entry["standing"]]


def _examples(near: pd.DataFrame, measure: str) -> list[dict[str, Any]]:
    """Return the nearest pairs, by the first digits of their hashes: no paths, no pictures."""
    if not near[measure].any():
        return []
    hits = near[near[measure]].sort_values([f"{measure}: bits", f"{measure}: cosine"], ascending=[True, False])
    return [
        {
            "sha256": row["sha256"][:12],
            "near": row[f"{measure}: of"][:12],
            "sources": [row["source"], row[f"{measure}: source"]],
            "bits": None if row[f"{measure}: bits"] == FAR else int(row[f"{measure}: bits"]),
            "cosine": round(float(row[f"{measure}: cosine"]), 4),
        }
        for row in hits.head(EXAMPLES).to_dict("records")
    ]
