"""The command line: `python -m pipeline VERB …`. Exit 0 all done, 1 some inputs failed, 2 bad usage."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipeline.errors import TriageError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)


class Format(StrEnum):
    """How results are printed."""

    JSONL = "jsonl"
    CSV = "csv"
    TABLE = "table"


@app.callback()
def root() -> None:
    """Tell whether face photos were edited, and by what."""


@app.command()
def examine(
    paths: Annotated[list[Path], typer.Argument(help="Photos, folders of photos, or zip archives.")],
    recursive: Annotated[bool, typer.Option(help="Also look into folders of folders.")] = False,
    heatmaps: Annotated[
        Path | None, typer.Option(file_okay=False, help="Write an overlay PNG for each face to this folder.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How results are printed.")] = Format.JSONL,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, writable=True, help="Write results to this file, not to the screen.")
    ] = None,
    release: Annotated[str, typer.Option(help="Release to use; the newest if none is named.")] = "",
) -> None:
    """Examine photos; results in input order, progress on standard error."""
    from pipeline.batch import run

    raise typer.Exit(run(paths, recursive, heatmaps, form.value, out, release))


@app.command()
def prepare(
    sources: Annotated[list[str], typer.Argument(metavar="NAME=FOLDER", help="Data sets and where they lie.")],
    out: Annotated[Path, typer.Option(help="Folder to write the manifest and the face crops to.")],
    seed: Annotated[int, typer.Option(help="Of the splits and the forge.")] = 1,
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
) -> None:
    """Turn labelled collections into one manifest, with forged edits of the same originals."""
    from pipeline.training.prepare import prepare as run
    from pipeline.training.summary import summary

    named = [source.partition("=") for source in sources]
    if wrong := [name for name, equals, folder in named if not equals or not Path(folder).is_dir()]:
        raise typer.BadParameter(f"write NAME=FOLDER with an existing folder: {', '.join(wrong)}")
    table = run([(name, Path(folder)) for name, _, folder in named], out, seed, workers)
    typer.echo(summary(table))


@app.command()
def train(
    config: Annotated[Path, typer.Option(help="A JSON configuration, see pipeline/training/configs.")],
    store: Annotated[Path, typer.Option(help="Folder that `prepare` wrote.")],
    out: Annotated[Path, typer.Option(help="Folder for the checkpoint and the log; a started run goes on there.")],
) -> None:
    """Train one stage; a killed run goes on where it was."""
    from pipeline.training.config import TrainConfig
    from pipeline.training.train import train as run

    run(TrainConfig.read(config), store, out)


@app.command()
def release(
    name: Annotated[str, typer.Argument(help="Name of the new release, e.g. 2026.11-1.")],
    store: Annotated[Path, typer.Option(help="Folder that `prepare` wrote.")],
    edited: Annotated[Path, typer.Option(help="Folder of the first stage's training run.")],
    deepfake: Annotated[Path, typer.Option(help="Folder of the second stage's training run.")],
) -> None:
    """Calibrate two trained stages on validation and write weights, cards and a release."""
    from pipeline.training.publish import publish

    typer.echo(publish(name, store, edited, deepfake))


@app.command()
def evaluate(
    name: Annotated[str, typer.Argument(metavar="RELEASE", help="A release's name.")],
    store: Annotated[Path, typer.Argument(metavar="MANIFEST", help="Folder that `prepare` wrote.")],
    split: Annotated[str, typer.Option(help="Which held-out part: test, unseen or val.")] = "test",
) -> None:
    """Evaluate a release on held-out photos; write predictions and figures, print the figures."""
    from pipeline.evaluation.evaluate import evaluate as run
    from pipeline.evaluation.printed import as_text

    typer.echo(as_text(run(name, store, split)))


@app.command()
def figures(name: Annotated[str, typer.Argument(metavar="RELEASE", help="A release's name.")]) -> None:
    """Print the held-out figures that were measured for a release, from models/evaluations."""
    from pipeline.evaluation.printed import stored_figures

    typer.echo(stored_figures(name))


def main() -> None:
    """Run the command line; an expected error is told in one line and exits 2."""
    try:
        app()
    except TriageError as problem:
        print(f"error: {problem}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
