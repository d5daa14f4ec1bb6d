"""`Question`: what a map answers, and which one is asked of a face first."""

from dataclasses import dataclass
from typing import Literal, Self

from models.release import StageName
from pipeline.examining.edit_map import UNEDITED
from pipeline.heatmap import WHERE_EDITED, Heatmap
from pipeline.verdict import Verdict


@dataclass(frozen=True)
class Question:
    """What in a face speaks for a label, in the eyes of one stage?

    Attributes:
        stage: which network is asked.
        label: the label argued for.
    """

    stage: StageName
    label: str

    @classmethod
    def behind(cls, heatmap: Heatmap) -> Self:
        """Return the question that a map answers."""
        return cls(heatmap.stage, heatmap.label)

    def sign(self, positive: str, method: str) -> Literal[1, -1]:
        """Return 1 where a map argues with the network's own sign, -1 where against it.

        A mask tells where, not which kind: both labels of the second stage ask it the same.

        Args:
            positive: the label that the network's logit speaks for, see its card.
            method: how the map is made.
        """
        against = self.label == UNEDITED if method in WHERE_EDITED else self.label != positive
        return -1 if against else 1


def first_question(verdict: Verdict, where: bool = False) -> Question:
    """Return what is asked of a face first: what was said of it, or what was nearly said.

    Args:
        verdict: of the face.
        where: whether stage 1's maps answer where a face was edited. An edited face is then asked that first, for the
            kind of edit changes nothing of it. Else the stage that decided is asked.
    """
    if verdict.stage == "edited":
        return Question("edited", "real" if verdict.label == "real" else "edited")
    if where:
        return Question("edited", "edited")
    assert verdict.deepfake is not None
    return Question("deepfake", "deepfake" if verdict.deepfake.positive else "facetune")
