"""The verb that examines photos."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

verbs = typer.Typer()


class Format(StrEnum):
    """How results are printed."""

    JSONL = "jsonl"
    CSV = "csv"
    TABLE = "table"


@verbs.command()
def examine(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Photos, folders of photos, or zip archives.")],
    recursive: Annotated[bool, typer.Option(help="Also look into folders of folders.")] = False,
    heatmaps: Annotated[
        Path | None, typer.Option(file_okay=False, help="Write an overlay PNG for each face to this folder.")
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="How results are printed; a CSV file begins with the mark of UTF-8.")
    ] = Format.JSONL,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, writable=True, help="Write results to this file, not to the screen.")
    ] = None,
    release: Annotated[str, typer.Option(help="Release, by its name or as thorough (the default) or quick.")] = "",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with --out: its rows stay, and what they tell of is not done again.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Examine what is left of photos that are cut short, and say so.")
    ] = False,
    summary: Annotated[
        Path | None,
        typer.Option(dir_okay=False, writable=True, help="Write the account of all files here, not beside --out."),
    ] = None,
) -> None:
    """Examine photos; results in input order, progress and the account of all files on standard error."""
    if resume and (out is None or form is Format.TABLE):
        raise typer.BadParameter("it goes on with a file: name it by --out, as jsonl or csv", param_hint="--resume")
    from pipeline.bulk.examine import Call, run

    call = Call(tuple(paths), recursive, heatmaps, form.value, out, release, resume, partial, summary)
    raise typer.Exit(run(call))
