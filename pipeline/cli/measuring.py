"""The verbs that measure: a release, its maps, its speed, and what a model could learn that is no edit."""

from pathlib import Path
from typing import Annotated

import typer

verbs = typer.Typer()


@verbs.command()
def audit(
    folder: Annotated[Path, typer.Argument(metavar="MANIFEST", help="Folder that `prepare --crops` wrote.")],
    most: Annotated[int, typer.Option(min=20, help="Photos of a source and label that are looked at.")] = 400,
    seed: Annotated[int, typer.Option(help="Of the samples, the folds and the models.")] = 1,
) -> None:
    """Ask how far one gets without looking at the edit, before and after the container is equalised."""
    from pipeline.evaluation.audit.printed import as_text
    from pipeline.evaluation.audit.run import audit as run

    typer.echo(as_text(run(folder, most=most, seed=seed)))


@verbs.command()
def evaluate(
    name: Annotated[str, typer.Argument(metavar="RELEASE", help="A release's name.")],
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="Folder that `prepare --crops` or `benchmark` wrote.")
    ],
    split: Annotated[
        str, typer.Option(help="Held-out part: test, unseen or val; test if none is named, all of a benchmark.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder for evaluations, instead of models/evaluations.")
    ] = None,
    most: Annotated[int, typer.Option(min=0, help="A trial on this many photos, kept only in --out; 0 for all.")] = 0,
    tiers: Annotated[bool, typer.Option(help="Also measure robustness: photos shrunk, saved anew, cut out.")] = True,
    tier_photos: Annotated[int, typer.Option(min=1, help="Photos at most for that.")] = 600,
    seed: Annotated[int, typer.Option(help="Of the samples.")] = 1,
) -> None:
    """Evaluate a release on held-out photos; write predictions and figures, print the figures."""
    from pipeline.evaluation.evaluate import EvaluationOrder
    from pipeline.evaluation.evaluate import evaluate as run
    from pipeline.evaluation.printed import as_text

    typer.echo(as_text(run(EvaluationOrder(name, target, split, out, most, tiers, tier_photos, seed))))


@verbs.command()
def maps(
    name: Annotated[str, typer.Argument(metavar="RELEASE", help="A release's name.")],
    store: Annotated[Path, typer.Argument(metavar="STORE", help="Folder that `prepare --crops` wrote.")],
    split: Annotated[str, typer.Option(help="Which part: test, unseen or val; val is always measured too.")] = "test",
    most: Annotated[int, typer.Option(min=4, help="Pictures of each set.")] = 300,
) -> None:
    """Measure a release's heatmaps by every method against where photos were edited; print the figures."""
    from pipeline.evaluation.maps.measure import measure_maps
    from pipeline.evaluation.printed import as_text

    typer.echo(as_text(measure_maps(name, store, split, most)))


@verbs.command()
def figures(
    name: Annotated[str, typer.Argument(metavar="RELEASE", help="A release's name.")],
    markdown: Annotated[bool, typer.Option("--markdown", help="As a markdown page, as docs/figures.md is.")] = False,
    beside: Annotated[str, typer.Option(help="Of a markdown page: another release, to stand beside it.")] = "",
) -> None:
    """Print the held-out figures that were measured for a release, from models/evaluations."""
    from pipeline.evaluation.printed import stored_figures
    from pipeline.words.figures_page import figures_page

    typer.echo(figures_page(name, beside) if markdown else stored_figures(name))


@verbs.command()
def forms(
    name: Annotated[str, typer.Argument(metavar="RELEASE", help="A release whose weights adapt a base.")],
    store: Annotated[Path, typer.Argument(metavar="STORE", help="Folder that `prepare --crops` wrote.")],
    each: Annotated[int, typer.Option(min=10, help="Validation photos of a source and label.")] = 30,
) -> None:
    """Measure every way of serving a release's networks, in float32 and in int8; print the figures."""
    from pipeline.evaluation.forms import measure_forms

    typer.echo(measure_forms(name, store, each).read_text(encoding="utf-8"))


@verbs.command()
def parts(store: Annotated[Path, typer.Argument(metavar="STORE", help="Folder that `prepare --crops` wrote.")]) -> None:
    """Measure which outline of a face's part fits where parts were edited; print the figures."""
    from pipeline.errors import BadEvaluation
    from pipeline.evaluation.part_sizes import as_text, measure_part_sizes
    from pipeline.storage.read_json import read_json

    path = measure_part_sizes(store)
    typer.echo(as_text(path, read_json(path, BadEvaluation, "measurement")))


@verbs.command()
def speed(
    releases: Annotated[
        list[str] | None, typer.Argument(help="Releases, by name; those in use if none is named.")
    ] = None,
    photo: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A photo with a face, instead of a sample.")
    ] = None,
) -> None:
    """Measure what releases cost on this machine, side by side; print the figures."""
    from models.in_use import releases_in_use
    from pipeline.evaluation.speed import measure_speed
    from pipeline.settings import PROJECT

    shown = photo or PROJECT / "sample_data" / "hopper_face_swap.jpg"
    for path in measure_speed(releases or [*releases_in_use().values()], shown):
        typer.echo(path.read_text(encoding="utf-8"))


@verbs.command()
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
    from pipeline.errors import BadEvaluation
    from pipeline.evaluation.baselines.run import BaselineOrder, as_text
    from pipeline.evaluation.baselines.run import baseline as run
    from pipeline.storage.read_json import read_json

    for folder in run(BaselineOrder(name, store, out, most, seed, workers, runs=runs or ())):
        typer.echo(as_text(folder, read_json(folder / "metrics.json", BadEvaluation, "measurement")))


@verbs.command()
def folds(
    store: Annotated[Path, typer.Argument(metavar="STORE", help="Folder that `prepare --crops` wrote.")],
    runs: Annotated[
        list[Path], typer.Option("--run", help="A finished run of `train --fold`; one for each fold of a collection.")
    ],
) -> None:
    """Measure a small collection by cross-validation: each photo by the network that it was held out from."""
    from pipeline.errors import BadEvaluation
    from pipeline.evaluation.folds import as_text, measure_folds
    from pipeline.storage.read_json import read_json

    folder = measure_folds(store, runs)
    typer.echo(as_text(folder, read_json(folder / "metrics.json", BadEvaluation, "measurement")))
