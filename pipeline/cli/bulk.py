"""The verbs for very many photos: scoring them, and measuring what the sieve keeps."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

verbs = typer.Typer()


class Engine(StrEnum):
    """Where workers run."""

    LOCAL = "local"
    RAY = "ray"


@verbs.command()
def batch(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="A folder, a zip, a list (CSV, TSV, parquet, text), or an address as s3://bucket/x."
        ),
    ],
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the results: parquet parts and summary.json.")],
    column: Annotated[str, typer.Option(help="Of a list: the column of paths or addresses.")] = "",
    release: Annotated[str, typer.Option(help="Release, by its name or as thorough (the default) or quick.")] = "",
    sieve: Annotated[
        bool, typer.Option("--sieve", help="Quick on all photos, thorough on those that quick does not clearly pass.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Examine what is left of photos that are cut short, and say so.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the batch in --out: what is there is not done again.")
    ] = False,
    workers: Annotated[int, typer.Option(min=0, help="Workers; 0 for one a core, as far as memory goes.")] = 0,
    engine: Annotated[
        Engine, typer.Option(help="Where workers run: local, or ray for a Ray cluster (requirements-ray.txt).")
    ] = Engine.LOCAL,
) -> None:
    """Score any number of photos; folders at any depth. Exit 0 all done, 1 some refused, 2 not everything scored."""
    from pipeline.bulk.batch import Batch, run

    asked = Batch(source, out, column, release, sieve, partial, resume, workers, engine.value)
    raise typer.Exit(run(asked))


@verbs.command(name="sieve")
def measure(
    store: Annotated[Path, typer.Argument(metavar="STORE", help="Folder that `prepare` wrote; crops are not needed.")],
    most: Annotated[int, typer.Option(min=100, help="Validation photos at most, evenly of source and label.")] = 1000,
    recall: Annotated[
        float, typer.Option(min=0.5, max=1.0, help="Share of what thorough calls edited that must be sent on to it.")
    ] = 0.98,
    seed: Annotated[int, typer.Option(help="Of the sample.")] = 1,
) -> None:
    """Measure on validation photos what quick may pass for `batch --sieve`, and what that keeps; print the figures."""
    from pipeline.bulk.measure_sieve import SieveOrder, as_text, measure_sieve
    from pipeline.errors import BadEvaluation
    from pipeline.storage.read_json import read_json

    path = measure_sieve(SieveOrder(store, most, recall, seed))
    typer.echo(as_text(path, read_json(path, BadEvaluation, "measurement of a sieve")))
