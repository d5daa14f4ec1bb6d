"""The verbs that make data: a manifest, forged edits, the same-originals benchmark."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

verbs = typer.Typer()


@verbs.command()
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


@verbs.command()
def forge(
    originals: Annotated[Path, typer.Argument(help="A folder of photos, or a prepared folder: its real photos.")],
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder to write to; a killed call goes on there.")],
    operations: Annotated[
        list[str] | None, typer.Option(help="Operations to use; all of the generation if none is named.")
    ] = None,
    strengths: Annotated[str, typer.Option(help="Any of light, medium, strong, with commas.")] = "light,medium,strong",
    per_photo: Annotated[int, typer.Option(min=0, help="Edits of a photo at most; 0 for all.")] = 0,
    seed: Annotated[int, typer.Option(help="Of every choice.")] = 1,
    kept: Annotated[Kept, typer.Option("--format", help="Container of originals and edits alike.")] = Kept.JPEG,
    quality: Annotated[int, typer.Option(min=1, max=100, help="Of the JPEGs.")] = 95,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a core.")] = 0,
    generation: Annotated[int, typer.Option(min=1, help="Of the forge: 2 draws from its newer operations too.")] = 1,
) -> None:
    """Make facetune and deepfake edits of the same originals, with exact masks and recipes."""
    from pipeline.forge.encoding import Container
    from pipeline.forge.workshop import Assortment
    from pipeline.forge.workshop import forge as run

    container = Container("PNG") if kept is Kept.PNG else Container("JPEG", quality, "4:4:4")
    wanted = [name.strip() for name in strengths.split(",") if name.strip()]
    assortment = Assortment(operations or (), wanted, per_photo, seed, container, generation)
    summary = run(originals, out, assortment, workers)
    typer.echo(summary.text())
    raise typer.Exit(1 if summary.failed else 0)


@verbs.command()
def benchmark(
    recipe: Annotated[Path, typer.Argument(help="The benchmark's recipe, a JSON file.")],
    folders: Annotated[list[Path], typer.Option("--from", help="Where the originals are; may be given repeatedly.")],
    out: Annotated[Path | None, typer.Option(file_okay=False, help="Folder to write the pictures to.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Write a new recipe from the originals instead.")] = False,
    most: Annotated[int, typer.Option(min=0, help="With --plan: originals at most; 0 for all.")] = 0,
    seed: Annotated[int, typer.Option(help="With --plan: of every choice.")] = 1,
    generation: Annotated[
        int, typer.Option(min=1, help="With --plan: of the forge; 2 draws from its newer operations too.")
    ] = 1,
    operations: Annotated[
        list[str] | None,
        typer.Option(help="With --plan: operations to draw from; all of the generation if none is named."),
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a core.")] = 0,
) -> None:
    """Make each original as real, facetune and deepfake through one container, and check it against the recipe."""
    if plan:
        from pipeline.forge.benchmark.plan import PlanRules
        from pipeline.forge.benchmark.plan import plan as make

        planned = make(
            recipe,
            folders,
            PlanRules(seed, most=most, generation=generation, operations=tuple(operations or ())),
            workers,
        )
        typer.echo(f"{recipe}: {len(planned.originals)} originals")
        return
    if out is None:
        raise typer.BadParameter("name a folder to write to, or --plan", param_hint="--out")
    from pipeline.forge.benchmark.build import benchmark as run

    verified = run(recipe, folders, out, workers)
    typer.echo(verified.text())
    raise typer.Exit(0 if verified.passed else 1)
