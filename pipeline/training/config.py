"""The typed configuration of a training run, read from JSON; an unknown key is an error."""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import TriageError


class BadConfig(TriageError):
    """A training configuration that cannot be used."""

    code = "bad_config"


class TrainConfig(BaseModel):
    """One stage's training run.

    `pools` tells how many photos of each (source, kind) an epoch draws; "*" stands for any source or kind, the first
    matching entry wins, and rows of no pool are not used.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: Literal["edited", "deepfake"]
    architecture: str
    outputs: Literal[1, 5] = 1
    input_size: int = Field(256, ge=64, le=512)
    epochs: int = Field(ge=1)
    batch_size: int = Field(32, ge=2)
    learning_rate: float = Field(gt=0)
    weight_decay: float = Field(0.02, ge=0)
    label_smoothing: float = Field(0.0, ge=0, lt=0.5)
    average_decay: float = Field(0.998, gt=0, lt=1, description="of the running average of the weights")
    region_weight: float = Field(0.5, ge=0, description="weight of the region bits' loss")
    bf16: bool = True
    seed: int = 1
    pools: dict[str, int]

    @classmethod
    def read(cls, path: Path) -> "TrainConfig":
        """Read a configuration file.

        Raises:
            BadConfig: absent, not JSON, a misspelt key or a value out of range; the message names it.
        """
        try:
            return cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as problem:
            found = problem.errors() if isinstance(problem, ValidationError) else []
            said = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in found) or str(problem)
            raise BadConfig(f"{path.name} cannot be used: {said}") from problem
