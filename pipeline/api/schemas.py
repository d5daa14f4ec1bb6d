"""What the service answers, as its OpenAPI specification says it, with examples."""

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from pipeline.api import examples
from pipeline.api.examples import AN_ID
from pipeline.api.job_store import STATES
from pipeline.verdict import CAUTION, LABELS, REASONS
from pipeline.words.warnings import LEVELS

ExaminationId = Annotated[str, Path(description="From `id` of an examined photo.", examples=[AN_ID])]
JobId = Annotated[str, Path(description="From `id` of a job.", examples=[AN_ID])]
Probability = Annotated[float | None, Field(ge=0, le=1)]


class Strict(BaseModel):
    """A model that holds what it names and nothing else."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """An error, as problem details (RFC 9457)."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PROBLEM]})

    type: str = Field(description="`urn:telltale:problem:` and the code.")
    title: str = Field(description="What kind of error it is.")
    status: int = Field(description="The HTTP status; of one photo of several, the one that it would have alone.")
    detail: str = Field(description="What happened, with what was asked for.")
    instance: str = Field(description="`urn:telltale:request:` and the id of the call, as `X-Request-Id` has it.")
    code: str = Field(description="Stable; scripts may rely on it.")
    advice: str = Field(description="What to do about it.")
    errors: list[dict[str, str]] | None = Field(None, description="Each field that cannot be understood.")


class Joint(Strict):
    """Joint probabilities; null where a stage did not run."""

    real: Probability
    deepfake: Probability
    facetune: Probability


class Face(Strict):
    """One face and its verdict."""

    box: list[float] = Field(min_length=4, max_length=4, description="x0, y0, x1, y1 in pixels of the upright photo.")
    size: int = Field(description="Longer side in pixels.")
    verdict: Literal[LABELS]  # type: ignore[valid-type]  # the one list of them
    p_edited: Probability = Field(description="Stage 1, calibrated.")
    p_deepfake: Probability = Field(description="Stage 2, given that it was edited; null where it did not run.")
    probabilities: Joint
    reasons: list[str] = Field(description=f"Why nothing is said, of: {', '.join(REASONS)}.")
    regions: dict[str, float] | None = Field(description="How surely each part was edited, uncalibrated.")
    stability: list[float] | None = Field(None, description="The same answer for harmless variants of the photo.")
    turned: int | None = Field(None, description="Degrees by which the face was turned upright.")
    marked: bool | None = Field(None, description="It was marked by hand.")


class Unjudged(Strict):
    """A face that was found and not judged."""

    why: str
    size: int
    box: list[float] | None


class Fact(Strict):
    """One line of a finding; the value of a private one is kept back."""

    name: str
    value: str | None
    private: bool


class Exhibit(Strict):
    """A picture that the app shows beside a finding."""

    title: str
    caption: str
    width: int
    height: int


class Finding(Strict):
    """What one signal beside the networks shows. It never changes the verdict."""

    signal: str
    title: str
    weight: Literal["nothing", "ordinary", "look"] = Field(description="`look`: somebody should look at it.")
    shows: str
    how_to_read: str
    facts: list[Fact]
    exhibits: list[Exhibit]
    caution: str


class Stored(Strict):
    """Where a photo was stored."""

    id: str = Field(description="Of the case.")
    photo: int = Field(description="Its number there.")
    is_new: bool = Field(description="False where the same bytes were there under the same name.")


class PhotoLinks(Strict):
    """Where an examination is read again, until it expires."""

    self: str
    heatmap: str | None = Field(description="A PNG; null where none was asked for, or no face was found.")


class Photo(Strict):
    """A photo that was examined: the command line's record, and what the service adds to it."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PHOTO]})

    path: str = Field(description="The file's name, as it was handed over.")
    id: str
    sha256: str
    verdict: Literal[LABELS] = Field(  # type: ignore[valid-type]
        description="Of its most suspicious face. `real` stands for no indication of editing found, never for genuine."
    )
    headline: str = Field(description="The verdict in words.")
    p_edited: Probability
    p_deepfake: Probability
    probabilities: Joint
    reasons: list[str]
    faces: list[Face]
    faces_account: str
    faces_left_out: int
    faces_unjudged: list[Unjudged]
    faces_seen_from: int = Field(description="Smaller faces, in pixels, may be missed; 0 where that is unknown.")
    release: str = Field(description="What judged.")
    format: str
    width: int
    height: int
    bytes: int
    notes: list[str]
    frame: int
    partial: bool = Field(description="The file is cut short, and only what is left of it was examined.")
    marks: list[Any]
    where: str | None = Field(description="What the heatmap says; null where none was asked for.")
    evidence: list[Finding] | None = Field(description="What other signals show; null where it was not asked for.")
    case: Stored | None
    caution: str = Field(examples=[CAUTION])
    expires: str = Field(description="When it is deleted.")
    links: PhotoLinks
    ms: int = Field(description="From the end of the upload on.")


class Failed(Strict):
    """A photo that was not examined, and why."""

    path: str
    error: Problem


class Examinations(Strict):
    """All photos of a call, in its order. One that failed does not fail the others."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.EXAMINATIONS]})

    release: str
    caution: str
    photos: list[Photo | Failed]


class Label(Strict):
    """A warning for the viewers of a photo. None of them calls a photo genuine."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.LABEL]})

    level: Literal[LEVELS] = Field(description="`unchecked`: it could not be checked.")  # type: ignore[valid-type]
    name: str = Field(description="For lists.", examples=["May be edited"])
    text: str = Field(
        description="For the viewer; empty where no warning is shown.", examples=["This photo may be edited."]
    )
    confidence: Literal["strong", "moderate", "weak"] | None = Field(
        description="How strong the indication is: from 0.9, from 0.7, below; null without a warning of editing."
    )
    threshold: float = Field(description="Probability from which the warning is given.")
    remark: str = Field(description="What the absence of a warning does not mean.")
    reasons: list[str] = Field(description="Why it could not be checked.")
    error: Problem | None = Field(description="Where the file itself is the reason.")
    release: str
    caution: str
    details: str | None = Field(description="Link to the examination, until it expires; null where there is none.")


class Account(Strict):
    """What was taken of a job's files, and what became of it."""

    handed_over: int
    examined: int
    refused: dict[str, int] = Field(description="Error code → how many.")
    left_out: dict[str, int] = Field(description="Kind of what is no photo → how many.")
    sentence: str


class Hook(Strict):
    """How telling of the job's end goes."""

    state: Literal["waiting", "delivered", "given up", "not told"]
    tries: int
    last: str = Field(description="Status of the last answer, or why there was none.")


class JobLinks(Strict):
    """Where a job is followed."""

    self: str
    results: str


class JobAnswer(Strict):
    """How far a job is."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.JOB]})

    id: str
    state: Literal[tuple(STATES)]  # type: ignore[valid-type]
    created: str
    finished: str | None
    uploads: int = Field(description="Files of the call.")
    uploads_done: int
    account: Account
    release: str | None
    webhook: Hook | None
    error: str | None
    caution: str
    links: JobLinks


class ReleaseFacts(Strict):
    """A release: two networks, their calibration and thresholds, as one hashed file."""

    name: str
    word: str = Field(description="The word under which it is in use; empty for another.")
    date: str
    notes: str
    sha256: str
    serves: bool = Field(description="Whether it is the one that judges here.")


class Releases(Strict):
    """All releases, oldest first."""

    serves: str
    releases: list[ReleaseFacts]


class Health(Strict):
    """That the service is there, or ready."""

    status: Literal["ok", "ready"]
    release: str
