"""The typed configuration of a training run, read from JSON; an unknown key is an error."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError, model_validator

from pipeline.errors import BadConfig
from pipeline.training.folds import Fold


class TrainConfig(BaseModel):
    """One stage's training run.

    `pools` tells how many photos of each (source, kind) an epoch draws; "*" stands for any source or kind, the first
    matching entry wins. Beside each stands one of the other label (`pipeline.training.pairs`), from the same original
    where there is one, so an epoch sees twice as many.

    `edits` tells how many pairs an epoch draws of an edit that is forged in the batch, on the device that trains
    (`pipeline.training.on_device`), and its own original; stage 2 sees edits alone, one of each label of an original.
    Where there are any, crops live on that device and nothing else makes batches.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: Literal["edited", "deepfake", "classes"]
    architecture: str
    outputs: Literal[1, 3, 5] = Field(
        1, description="5 with the four region bits; 3 for the stage that tells all classes"
    )
    fresh: float = Field(0.0, ge=0, le=1, description="share of the forgeries drawn that are forged anew")
    part_blends: float = Field(0.0, ge=0, le=1, description="share of fresh composites that are of the face's own part")
    diluted: float = Field(0.0, ge=0, le=1, description="share of the pixel-aligned swaps that are blended in in part")
    turned: float = Field(0.0, ge=0, le=45, description="degrees by which a crop is turned at most")
    stretched: float = Field(0.0, ge=0, lt=0.5, description="by how much its width to its height changes at most")
    gentle: float = Field(0.0, ge=0, le=1, description="share of the crops that are hardly re-encoded")
    colours: float = Field(1.0, ge=0, le=3, description="how much light and colours change; 1 is a little")
    pretrained: bool = Field(True, description="start from ImageNet weights")
    frozen: tuple[str, ...] = Field(
        (), description="parts of the network, by their names in it, that stay as they are: for a run that goes on"
    )
    kept: float = Field(
        0.0, ge=0, lt=1, description="share of the weights that the run started from in those that it ends with"
    )
    leave_out: tuple[str, ...] = Field(
        (), description="collections not trained on, forged edits of their photos included"
    )
    fold: Fold | None = Field(None, description="a collection's fold that is held out instead of its own split")
    input_size: int = Field(256, ge=64, le=512, description="side at test")
    train_size: int = Field(256, ge=64, le=288, multiple_of=32, description="side at training, at the same scale")
    epochs: int = Field(ge=1)
    batch_size: int = Field(32, ge=2, multiple_of=2)
    learning_rate: float = Field(gt=0)
    weight_decay: float = Field(0.02, ge=0)
    label_smoothing: float = Field(0.0, ge=0, lt=0.5)
    average_decay: float = Field(0.998, gt=0, lt=1, description="of the running average of the weights")
    region_weight: float = Field(0.5, ge=0, description="weight of the region bits' loss")
    mask_weight: float = Field(0.0, ge=0, description="weight of the mask's loss, where the network has a mask head")
    bf16: bool | Literal["cuda"] = Field(True, description="cuda: on a GPU that has it, float32 elsewhere")
    validate_every: int = Field(1, ge=1, description="epochs between two looks at the validation photos")
    seed: int = 1
    pools: dict[str, int]
    edits: dict[str, NonNegativeInt] = Field(
        {}, description="operations, joined by '+'; 'retouch' or 'newer retouch', one to three of them; 'autoencoder'"
    )
    shares: dict[str, float] = Field(
        {}, description="how often a source lends originals, over the square root of its size; 1 where it is not named"
    )
    rank: int = Field(16, ge=0, le=256, description="of a base's adapters; 0: of the tower the norms alone learn")
    rates: dict[str, float] = Field(
        {}, description="parts of the network that learn at this share of the rate, and without weight decay"
    )
    schedule: Literal["one cycle", "cosine"] = "one cycle"
    beta2: float = Field(0.999, gt=0, lt=1, description="AdamW's memory of squared gradients")
    seconds: float | None = Field(
        None,
        gt=0,
        description="budget without looks at validation photos: the run ends when it is spent, or its epochs",
    )
    pair_weight: float = Field(0.0, ge=0, description="weight of an edit's logit standing above its own original's")
    alignment: float = Field(0.0, ge=0, description="weight of features of one label lying near, on the unit sphere")
    uniformity: float = Field(0.0, ge=0, description="weight of all features lying apart, on the unit sphere")
    device: Literal["any", "cuda"] = Field("any", description="cuda: refused where there is none")
    lessons: int = Field(
        0, ge=0, multiple_of=2, description="items that a teacher is asked about once; the student sees no others"
    )
    taught: float = Field(0.0, ge=0, description="weight of the teacher's logit and region outputs, where there is one")
    taught_mask: float = Field(0.0, ge=0, description="weight of the teacher's mask")

    @model_validator(mode="after")
    def _outputs_fit(self) -> "TrainConfig":
        if (self.stage == "classes") != (self.outputs == 3):
            raise ValueError("outputs: 3 belongs to the stage 'classes', 1 or 5 to the others")
        return self

    @model_validator(mode="after")
    def _fold_fits(self) -> "TrainConfig":
        if self.fold is not None and self.stage != "edited":
            raise ValueError("fold: only the stage 'edited' is measured by folds")
        if self.fold is not None and self.fold.source in self.leave_out:
            raise ValueError(f"fold: {self.fold.source} is left out, so nothing of it would be trained on")
        return self

    @model_validator(mode="after")
    def _edits_fit(self) -> "TrainConfig":
        if self.edits and self.stage == "classes":
            raise ValueError("edits: they are forged for the stages 'edited' and 'deepfake' only")
        if self.edits and (self.fresh or self.diluted or self.part_blends):
            raise ValueError("edits: fresh, part_blends and diluted belong to batches that are made without them")
        if self.seconds is not None and self.schedule != "cosine":
            raise ValueError("seconds: a budget needs the schedule 'cosine', which can end at any step")
        if self.lessons and (self.edits or not self.taught):
            raise ValueError(
                "lessons: they need a weight of what is taught, and no edits, which a teacher sees as they come"
            )
        if not self.edits and (self.pair_weight or self.shares):
            raise ValueError("pair_weight, shares: they concern edits that are forged in the batch; name some in edits")
        return self

    @property
    def steps_an_epoch(self) -> int:
        """Batches in an epoch, whole ones."""
        return (self.lessons or 2 * (sum(self.pools.values()) + sum(self.edits.values()))) // self.batch_size

    @property
    def steps(self) -> int:
        """Batches in the whole run."""
        return self.epochs * self.steps_an_epoch

    def leaving_out(self, sources: Sequence[str]) -> "TrainConfig":
        """Return the same run without these collections, beside those that it leaves out already."""
        return self.model_copy(update={"leave_out": tuple(dict.fromkeys((*self.leave_out, *sources)))})

    def within(self, epochs: int | None, seconds: float | None) -> "TrainConfig":
        """Return the same run of so many epochs, or with a budget of seconds; the same where None is asked.

        Raises:
            BadConfig: the run cannot be so.
        """
        changes = {name: asked for name, asked in (("epochs", epochs), ("seconds", seconds)) if asked is not None}
        try:
            return TrainConfig.model_validate(self.model_dump() | changes)
        except ValidationError as problem:
            raise BadConfig(f"The run cannot be made shorter or longer: {_say_problem(problem)}") from problem

    def holding_out(self, fold: Fold | None) -> "TrainConfig":
        """Return the same run on a collection's fold; the same where there is none.

        Raises:
            BadConfig: the run cannot hold out this fold.
        """
        if fold is None:
            return self
        try:
            return TrainConfig.model_validate(self.model_dump() | {"fold": fold})
        except ValidationError as problem:
            raise BadConfig(f"{fold} cannot be held out: {_say_problem(problem)}") from problem

    @property
    def lacks(self) -> tuple[str, ...]:
        """Collections of which what it starts from must have seen nothing: its test may lie anywhere in them."""
        return self.leave_out if self.fold is None else (*self.leave_out, self.fold.source)

    @classmethod
    def read(cls, path: Path) -> "TrainConfig":
        """Read a configuration file.

        Raises:
            BadConfig: absent, not JSON, a misspelt key or a value out of range; the message names it.
        """
        try:
            return cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as problem:
            reason = _say_problem(problem) if isinstance(problem, ValidationError) else str(problem)
            raise BadConfig(f"{path.name} cannot be used: {reason}") from problem


def _say_problem(problem: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in problem.errors())
