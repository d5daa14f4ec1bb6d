"""The one typed place for settings: environment variables TELLTALE_…, files under TELLTALE_HOME."""

from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import BadSetting

PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Limits and places. Every field can be set as TELLTALE_<NAME>; an unknown TELLTALE_ name in code is an error."""

    model_config = SettingsConfigDict(env_prefix="TELLTALE_", frozen=True)

    home: Path = Field(PROJECT / ".telltale", description="where runs and originals are kept")
    evaluations: Path = Field(PROJECT / "models" / "evaluations", description="where evaluations are read from")
    database: str = Field(
        "", description="database of cases; empty for casebook.sqlite under home, or postgresql+psycopg://…"
    )
    store: str = Field(
        "", description="where originals and maps of cases are kept; empty for home, or s3://bucket/prefix"
    )
    analyst: str = Field("", description="name under which acts on cases are logged; empty for the system's user name")
    roles: dict[str, str] = Field(
        {}, description="with a login: person to role (viewer, reviewer, analyst, admin), as JSON"
    )
    timestamp_url: str = Field(
        "", description="RFC 3161 server that timestamps a case's log when asked; empty for none"
    )
    data: Path | None = Field(None, description="folder of labelled photos: evaluated ones are found there by SHA-256")
    release: str = Field("", description="release to use, by its name or by thorough or quick; empty means the default")
    max_megabytes: int = Field(200, ge=1, description="largest file that is read, in MB")
    max_megapixels: int = Field(80, ge=1, description="largest picture that is decoded, in millions of pixels")
    max_zip_files: int = Field(20_000, ge=1, description="most files taken from one zip archive")
    max_zip_megabytes: int = Field(4_000, ge=1, description="most bytes unpacked from one zip archive, in MB")
    max_faces: int = Field(300, ge=1, description="most faces examined in one photo; more are counted and said")
    batch_size: int = Field(4, ge=1, le=256, description="faces a network sees at once; more is slower on a processor")
    threads: int = Field(0, ge=0, description="processor threads for the networks; 0 means all")
    stuck_minutes: float = Field(
        60,
        gt=0,
        le=1e6,
        description="batch: minutes after which a worker is replaced that reads no photo and judges no group of 16",
    )

    api_keep_hours: float = Field(
        24, gt=0, le=1e6, allow_inf_nan=False, description="web API: hours after which examinations and jobs go"
    )
    api_rate: int = Field(600, ge=1, description="web API: calls a minute of one key, or of one address without a key")
    api_queue: int = Field(
        64, ge=1, description="web API: photos taken on at once, at least api_files; more are told to come again"
    )
    api_files: int = Field(50, ge=1, description="web API: most files in one call")
    api_megabytes: int = Field(250, ge=1, description="web API: largest call, in MB")
    api_held_megabytes: int = Field(500, ge=1, description="web API: most bytes of all calls held at once, in MB")
    api_job_files: int = Field(5_000, ge=1, description="web API: most files in the call that makes a job")
    api_job_megabytes: int = Field(2_000, ge=1, description="web API: largest call that makes a job, in MB")
    api_jobs: int = Field(100, ge=1, description="web API: most unfinished jobs")
    api_calls: int = Field(2_000, ge=1, description="web API: most calls answered at once, and connections held")
    api_body_seconds: float = Field(
        30, gt=0, description="web API: seconds for a call's body, and one more for each 50 kB that came"
    )
    api_webhook_hosts: tuple[str, ...] = Field(
        (), description="web API: hosts that webhooks may call though they are private or without TLS, as JSON"
    )
    api_url: str = Field("", description="web API: its address as clients see it, for links; empty for the call's own")


@cache
def settings() -> Settings:
    """Return the process-wide settings, read once from the environment.

    Raises:
        BadSetting: a value is of a wrong type or out of range; the message names it.
    """
    try:
        return Settings()  # type: ignore[call-arg]  # each has a default, which mypy cannot see through Field
    except ValidationError as problem:
        problems = "; ".join(f"TELLTALE_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in problem.errors())
        raise BadSetting(f"The environment holds a setting that cannot be used. {problems}.") from problem
