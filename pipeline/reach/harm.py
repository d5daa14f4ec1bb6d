"""Expected harm: what to look at first, by how likely a photo was edited and by how many see it.

    expected harm = reach × (w_deepfake × p(edited) × p(deepfake | edited)
                             + w_facetune × p(edited) × (1 − p(deepfake | edited)))

With both weights at 1 it is the number of views that an edited photo is expected to have. It sorts; it is no measure
of damage: a photo of a private person may do more harm to few viewers than a star's to millions.
"""

import math
from dataclasses import dataclass, fields

from pipeline.errors import BadSetting

FORMULA = "expected harm = reach × ({deepfake:g} × p(deepfake) + {facetune:g} × p(facetune))"
PARTS = "p(deepfake) = p(edited) × p(deepfake | edited), p(facetune) = p(edited) × (1 − p(deepfake | edited))"


@dataclass(frozen=True)
class Weights:
    """How much a view of each kind of edit weighs.

    Attributes:
        deepfake, facetune: 0 or more. Retouching weighs less, as it seldom says what did not happen.
        split: p(deepfake | edited) where stage 2 did not run, in [0, 1]. It runs only where stage 1 finds an edit, so
            the kind is not known below that; the half says just that.
    """

    deepfake: float = 1.0
    facetune: float = 0.3
    split: float = 0.5

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if not math.isfinite(value) or value < 0 or (each.name == "split" and value > 1):
                raise BadSetting(f"{each.name} cannot weigh {value}: take 0 or more, and at most 1 for split.")

    @property
    def formula(self) -> str:
        """The formula with these weights, in words."""
        return FORMULA.format(deepfake=self.deepfake, facetune=self.facetune)


@dataclass(frozen=True)
class Harm:
    """The expected harm of one photo, in weighted views.

    Attributes:
        deepfake, facetune: what each kind adds.
        split: whether p(edited) was split by `Weights.split`, as stage 2 did not run.
    """

    deepfake: float
    facetune: float
    split: bool

    @property
    def total(self) -> float:
        """Both together."""
        return self.deepfake + self.facetune


def harm_of(p_edited: float, p_deepfake: float | None, reach: float, weights: Weights) -> Harm:
    """Return the expected harm of a photo.

    Args:
        p_edited: calibrated probability that it was edited.
        p_deepfake: calibrated probability of a deepfake, given that it was edited; None where stage 2 did not run.
        reach: how many see it.
        weights: of the kinds.
    """
    kind = weights.split if p_deepfake is None else p_deepfake
    seen = reach * p_edited
    return Harm(seen * kind * weights.deepfake, seen * (1 - kind) * weights.facetune, p_deepfake is None)
