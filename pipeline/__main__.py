"""The command line: `python -m pipeline VERB …`. Exit 0 all done, 1 some inputs failed, 2 bad usage."""

import sys
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.measuring import verbs
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
    from pipeline.batch import Order, run

    asked = Order(tuple(paths), recursive, heatmaps, form.value, out, release, resume, partial, summary)
    raise typer.Exit(run(asked))


@app.command()
def prepare(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="[NAME=]FOLDER", help="Data sets and where they lie; a known layout needs no name."),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write the manifest to; a killed call goes on there.")],
    seed: Annotated[int, typer.Option(help="Of splits, balance and forge.")] = 1,
    folds: Annotated[int, typer.Option(min=0, max=50, help="Make this many folds, not train, val and test.")] = 0,
    resplit: Annotated[bool, typer.Option(help="Do not keep the collections' own splits.")] = False,
    crops: Annotated[bool, typer.Option(help="Also cut the face crops that training reads.")] = False,
    forge: Annotated[bool, typer.Option(help="With --crops: forge edits of the same originals too.")] = True,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a core.")] = 0,
) -> None:
    """Turn labelled collections into one manifest: read, grouped, split, balanced."""
    from pipeline.crops.build import build_store, summary
    from pipeline.manifest.prepare import prepare as run
    from pipeline.manifest.prepare import sources_of

    run(sources_of(sources), out, seed, folds, resplit, workers)
    typer.echo((out / "summary.md").read_text(encoding="utf-8"))
    if crops:
        typer.echo(summary(build_store(out, seed, forge, workers)))


class Kept(StrEnum):
    """How forged pictures are kept."""

    JPEG = "jpeg"
    PNG = "png"


@app.command()
def forge(
    originals: Annotated[Path, typer.Argument(help="A folder of photos, or a prepared folder: its real photos.")],
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder to write to; a killed call goes on there.")],
    operations: Annotated[list[str] | None, typer.Option(help="Operations to use; all if none is named.")] = None,
    strengths: Annotated[str, typer.Option(help="Any of light, medium, strong, with commas.")] = "light,medium,strong",
    per_photo: Annotated[int, typer.Option(min=0, help="Edits of a photo at most; 0 for all.")] = 0,
    seed: Annotated[int, typer.Option(help="Of every choice.")] = 1,
    kept: Annotated[Kept, typer.Option("--format", help="Container of originals and edits alike.")] = Kept.JPEG,
    quality: Annotated[int, typer.Option(min=1, max=100, help="Of the JPEGs.")] = 95,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a core.")] = 0,
) -> None:
    """Make facetune and deepfake edits of the same originals, with exact masks and recipes."""
    from pipeline.forge.encoding import Container
    from pipeline.forge.workshop import forge as run

    container = Container("PNG") if kept is Kept.PNG else Container("JPEG", quality, "4:4:4")
    wanted = [name.strip() for name in strengths.split(",") if name.strip()]
    made = run(
        originals,
        out,
        names=operations or (),
        strengths=wanted,
        per_photo=per_photo,
        seed=seed,
        workers=workers,
        container=container,
    )
    typer.echo(made.text())
    raise typer.Exit(1 if made.failed else 0)


@app.command()
def benchmark(
    recipe: Annotated[Path, typer.Argument(help="The benchmark's recipe, a JSON file.")],
    folders: Annotated[list[Path], typer.Option("--from", help="Where the originals are; may be given repeatedly.")],
    out: Annotated[Path | None, typer.Option(file_okay=False, help="Folder to write the pictures to.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Write a new recipe from the originals instead.")] = False,
    most: Annotated[int, typer.Option(min=0, help="With --plan: originals at most; 0 for all.")] = 0,
    seed: Annotated[int, typer.Option(help="With --plan: of every choice.")] = 1,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a core.")] = 0,
) -> None:
    """Make each original as real, facetune and deepfake through one container, and check it against the recipe."""
    if plan:
        from pipeline.forge.benchmark_plan import plan as make

        made = make(recipe, folders, seed=seed, most=most, workers=workers)
        typer.echo(f"{recipe}: {len(made.originals)} originals")
        return
    if out is None:
        raise typer.BadParameter("name a folder to write to, or --plan", param_hint="--out")
    from pipeline.forge.benchmark import benchmark as run

    verified = run(recipe, folders, out, workers)
    typer.echo(verified.text())
    raise typer.Exit(0 if verified.passed else 1)


@app.command()
def train(
    config: Annotated[Path, typer.Option(help="A JSON configuration, see pipeline/training/configs.")],
    store: Annotated[Path, typer.Option(help="Folder that `prepare` wrote.")],
    out: Annotated[Path, typer.Option(help="Folder for the checkpoint and the log; a started run goes on there.")],
    earlier: Annotated[
        str, typer.Option("--from", help="Start from a finished run's folder, or released weights, not from ImageNet.")
    ] = "",
    left_out: Annotated[
        list[str] | None, typer.Option("--without", help="Do not train on this collection; may be given repeatedly.")
    ] = None,
    fold: Annotated[
        str, typer.Option(help="Hold out a fold of a collection, not its split: ciplab:0/5 is the first of five.")
    ] = "",
) -> None:
    """Train one stage; a killed run goes on where it was."""
    from pipeline.training.config import TrainConfig
    from pipeline.training.folds import Fold
    from pipeline.training.train import train as run

    asked = TrainConfig.read(config).leaving_out(left_out or ())
    run(asked.holding_out(Fold.parsed(fold) if fold else None), store, out, earlier)


@app.command()
def baseline(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="svm, metadata, majority, three-class, resnet-152, left-out.")
    ],
    store: Annotated[Path, typer.Argument(metavar="STORE", help="Folder that `prepare --crops` wrote.")],
    out: Annotated[
        Path, typer.Option(file_okay=False, help="Folder for features, where a killed call goes on, and for trials.")
    ],
    most: Annotated[
        int, typer.Option(min=0, help="A trial with so many photos of a source, label and split; written to --out.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="Of every choice.")] = 1,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a core.")] = 0,
    runs: Annotated[
        list[Path] | None,
        typer.Option("--run", help="For networks: a finished training run's folder; of a cascade both, stage 1 first."),
    ] = None,
) -> None:
    """Measure what is no release on the same held-out photos; what is no deep network is trained first."""
    import json

    from pipeline.training.baselines.run import as_text
    from pipeline.training.baselines.run import baseline as run

    for folder in run(name, store, out, most, seed, workers, runs=runs or ()):
        typer.echo(as_text(folder, json.loads((folder / "metrics.json").read_text(encoding="utf-8"))))


@app.command()
def folds(
    store: Annotated[Path, typer.Argument(metavar="STORE", help="Folder that `prepare --crops` wrote.")],
    runs: Annotated[
        list[Path], typer.Option("--run", help="A finished run of `train --fold`; one for each fold of a collection.")
    ],
) -> None:
    """Measure a small collection by cross-validation: each photo by the network that it was held out from."""
    import json

    from pipeline.training.fold_figures import as_text, measure_folds

    folder = measure_folds(store, runs)
    typer.echo(as_text(folder, json.loads((folder / "metrics.json").read_text(encoding="utf-8"))))


@app.command()
def release(
    name: Annotated[str, typer.Argument(help="Name of the new release, e.g. 2026.11-1.")],
    store: Annotated[Path, typer.Option(help="Folder that `prepare` wrote.")],
    edited: Annotated[Path, typer.Option(help="The first stage: a training run's folder, or adapters.")],
    deepfake: Annotated[Path, typer.Option(help="The second stage, likewise.")],
    heatmap: Annotated[
        str, typer.Option(help="How the first stage's maps are made, as `maps --split val` told.")
    ] = "gradcam",
    deepfake_heatmap: Annotated[str, typer.Option(help="How the second stage's are made.")] = "gradcam",
) -> None:
    """Calibrate two trained stages on validation and write weights, cards and a release."""
    from pipeline.training.publish import publish

    typer.echo(publish(name, store, edited, deepfake, heatmap, deepfake_heatmap=deepfake_heatmap))


app.add_typer(verbs)


def main() -> None:
    """Run the command line; an expected error is told in one line and exits 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a name that the terminal cannot show is escaped, and ends nothing
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except TriageError as problem:
        print(f"error: {problem}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
