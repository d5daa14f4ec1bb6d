"""The verbs that train and publish."""

from pathlib import Path
from typing import Annotated

import typer

verbs = typer.Typer()


@verbs.command()
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
    epochs: Annotated[int | None, typer.Option(help="So many, not as many as the configuration says.")] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Budget of training: the run ends when it is spent, or its epochs are over.")
    ] = None,
    fold: Annotated[
        str, typer.Option(help="Hold out a fold of a collection, not its split: ciplab:0/5 is the first of five.")
    ] = "",
) -> None:
    """Train one stage; a killed run goes on where it was."""
    from pipeline.training.config import TrainConfig
    from pipeline.training.folds import Fold
    from pipeline.training.train import train as run

    asked = TrainConfig.read(config).within(epochs, seconds).leaving_out(left_out or ())
    run(asked.holding_out(Fold.parse(fold) if fold else None), store, out, earlier)


@verbs.command()
def distil(
    config: Annotated[Path, typer.Option(help="A JSON configuration, see pipeline/training/configs/distil-*.json.")],
    store: Annotated[Path, typer.Option(help="Folder that `prepare` wrote.")],
    out: Annotated[Path, typer.Option(help="Folder for lessons, checkpoint and log; a started run goes on there.")],
    teacher: Annotated[str, typer.Option(help="The release that it learns from.")] = "thorough",
    earlier: Annotated[
        str, typer.Option("--from", help="Start from a finished run's folder, or released weights, not from ImageNet.")
    ] = "",
    epochs: Annotated[int | None, typer.Option(help="So many, not as many as the configuration says.")] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Budget of training, the teacher's answers apart; see `train`.")
    ] = None,
) -> None:
    """Train a small network to say what a release's large one says, of photos and of edits forged anew."""
    from models.release import read_release
    from pipeline.training.config import TrainConfig
    from pipeline.training.train import train as run

    asked = TrainConfig.read(config).within(epochs, seconds)
    stage = read_release(teacher).stage("deepfake" if asked.stage == "deepfake" else "edited")
    run(asked, store, out, earlier, stage.weights)


@verbs.command()
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
    from pipeline.training.publish import Trained, publish

    typer.echo(publish(name, store, Trained(edited, heatmap), Trained(deepfake, deepfake_heatmap)))
