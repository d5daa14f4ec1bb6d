"""How many people a post reached: its views, or an estimate from what else is known of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

from pipeline.errors import BadSetting


@dataclass(frozen=True)
class PerView:
    """How many views one like, comment, share or follower stands for where views are missing.

    Rules of thumb, not measured: of a hundred who see a post some five like it, one shares it and fewer comment on it,
    and a tenth of the followers see it. They differ by platform tenfold and more: set your own where you know better.
    """

    likes: float = 20.0
    comments: float = 200.0
    shares: float = 100.0
    followers: float = 0.1

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if not math.isfinite(value) or value < 0:
                raise BadSetting(f"{value} views for one of the {each.name} cannot be: take 0 or more.")


def reach_of(counts: Mapping[str, int | None], per_view: PerView) -> tuple[float, bool] | None:
    """Return how many a post reached, and whether that is estimated; None where nothing is known.

    Views are taken as they are. Without them it is the largest of what likes, comments and shares stand for: too much
    rather than too little, as what reaches many is to be looked at first. Followers count only without any of these.

    Args:
        counts: figure → count.
        per_view: what each stands for.
    """
    views = counts.get("views")
    if views is not None:
        return float(views), False
    signs = {name: count for name in ("likes", "comments", "shares") if (count := counts.get(name)) is not None}
    if signs:
        return max(count * getattr(per_view, name) for name, count in signs.items()), True
    followers = counts.get("followers")
    return None if followers is None else (followers * per_view.followers, True)
