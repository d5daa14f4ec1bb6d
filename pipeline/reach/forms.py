"""A ranking as it leaves the house: rows, what was left out, the account. The same for every front end."""

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.reach.columns import COUNTS
from pipeline.reach.harm import PARTS, Weights
from pipeline.reach.ranking import Join, Ranked
from pipeline.storage.foreign_tables import Remark
from pipeline.words.figures import count
from pipeline.words.warnings import NO_WARNING, WARNINGS


def rows_of(ranked: Sequence[Ranked]) -> list[dict[str, Any]]:
    """Return one row a ranked photo, in order. Names are as they were handed over: whoever writes CSV defuses them."""
    return [_row(place, one) for place, one in enumerate(ranked, 1)]


def _row(place: int, one: Ranked) -> dict[str, Any]:
    photo, engaged, harm = one.photo, one.engaged, one.harm
    times = [time for post in engaged.posts for time, _ in post.history]
    return {
        "rank": place,
        "name": photo.name,
        "sha256": photo.sha256,
        "verdict": photo.label,
        "p_edited": photo.p_edited,
        "p_deepfake": photo.p_deepfake,
        "kind_assumed": harm.split,
        "reach": round(one.reach),
        "reach_estimated": round(engaged.estimated),
        "expected_harm": round(harm.total, 1),
        "harm_deepfake": round(harm.deepfake, 1),
        "harm_facetune": round(harm.facetune, 1),
        "warning": one.warning,
        "warning_words": WARNINGS[one.warning],
        **{name: engaged.counts[name] for name in COUNTS},
        "posts": len(engaged.posts),
        "platforms": ", ".join(engaged.platforms),
        "first": min(times).isoformat() if times else None,
        "last": max(times).isoformat() if times else None,
        "reach_per_day": None if engaged.per_day is None else round(engaged.per_day, 1),
        "remarks": "; ".join(engaged.odd),
        "release": photo.release,
    }


def left_out(joined: Join) -> list[dict[str, Any]]:
    """Return everything that is not in the ranking, each with why: rows of the file, and photos."""
    matching, engagement = joined.matching, joined.engagement
    return [
        *_lines("row that was not read", engagement.bad),
        *_lines("row whose name fits several photos", matching.ambiguous),
        *_lines("row about none of the photos", matching.unknown),
        *_photos(joined),
    ]


def remarks(joined: Join) -> list[dict[str, Any]]:
    """Return what is odd about rows that are read."""
    rows = sorted([*joined.engagement.odd, *joined.matching.odd])
    return list(_lines("row that is used", rows))


def _lines(what: str, rows: Sequence[Remark]) -> Iterator[dict[str, Any]]:
    return ({"what": what, "line": row.line, "name": "", "reach": None, "why": row.reason} for row in rows)


def _photos(joined: Join) -> Iterator[dict[str, Any]]:
    for each in joined.no_verdict:
        why = each.photo.error or "no face in it was scored"
        yield _photo("photo without a probability", each.photo.name, each.engaged.reach, why)
    for each in joined.hidden:
        why = "its verdict is hidden until you give your opinion"
        yield _photo("photo whose verdict is hidden", each.photo.name, each.engaged.reach, why)
    for photo in joined.no_figures:
        yield _photo("photo without figures", photo.name, None, "the file tells no figures of it")


def _photo(what: str, name: str, reach: float | None, why: str) -> dict[str, Any]:
    return {"what": what, "line": None, "name": name, "reach": None if reach is None else round(reach), "why": why}


def account(joined: Join) -> dict[str, int]:
    """Return what became of every row and of every photo, in numbers."""
    engagement, matching = joined.engagement, joined.matching
    return {
        "rows_read": len(engagement.rows),
        "rows_not_read": engagement.bad_rows,
        "rows_ambiguous": len(matching.ambiguous),
        "rows_about_other_photos": len(matching.unknown),
        "photos": len(joined.scored.photos),
        "photos_ranked": len(joined.known),
        "photos_without_probability": len(joined.no_verdict),
        "photos_hidden": len(joined.hidden),
        "photos_without_figures": len(joined.no_figures),
    }


def sentence(joined: Join) -> str:
    """Say the account: rows of the file first, then photos. Parts that are none are left out, the first ones never."""
    told = account(joined)
    rows = [f"{count(told['rows_read'])} rows read"]
    rows += _some(told["rows_not_read"], "not read")
    rows += _some(told["rows_ambiguous"], "whose name fits several photos")
    rows += _some(told["rows_about_other_photos"], "about none of the photos")
    photos = [f"{count(told['photos_ranked'])} of {count(told['photos'])} photos ranked"]
    photos += _some(told["photos_without_probability"], "without a probability")
    photos += _some(told["photos_hidden"], "with a verdict that is hidden from you")
    photos += _some(told["photos_without_figures"], "without figures")
    return f"{', '.join(rows)}. {', '.join(photos)}."


def _some(number: int, what: str) -> list[str]:
    return [f"{count(number)} {what}"] if number else []


def document(joined: Join, ranked: Sequence[Ranked], weights: Weights, threshold: float) -> dict[str, Any]:
    """Return a ranking with all that must be known of it, as one JSON object."""
    return {
        "figures": joined.engagement.name,
        "verdicts": joined.scored.source,
        "formula": weights.formula,
        "where": PARTS,
        "p_deepfake_where_not_asked": weights.split,
        "threshold": threshold,
        "note": NO_WARNING,
        "account": account(joined),
        "reach_of_all": round(joined.all_reach),
        "ranked": rows_of(ranked),
        "left_out": left_out(joined),
        "remarks": remarks(joined),
    }
