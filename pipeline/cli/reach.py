"""The verb that says what to look at first: `reach`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # imported where they are used, so that --help is quick
    from pipeline.reach.scored import ScoredPhotos

verbs = typer.Typer()


@verbs.command()
def reach(
    figures: Annotated[Path, typer.Argument(metavar="CSV", help="Engagement figures: photo, views, likes and so on.")],
    case: Annotated[str, typer.Option(help="Verdicts from this case, by its name or id.")] = "",
    run: Annotated[str, typer.Option(help="Verdicts from this past run, by its id.")] = "",
    results: Annotated[Path | None, typer.Option(help="Verdicts from a file that `examine --out` wrote.")] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="What a column holds: views=Impressions; may be given repeatedly.")
    ] = None,
    weights: Annotated[str, typer.Option(help="What a view weighs, by kind of edit.")] = "deepfake=1,facetune=0.3",
    per_view: Annotated[
        str, typer.Option(help="Views that one of each stands for, where views are missing.")
    ] = "likes=20,comments=200,shares=100,followers=0.1",
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Probability from which viewers are warned.")] = 0.5,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, writable=True, help="Write the ranking here: .csv or .json.")
    ] = None,
) -> None:
    """Rank photos by expected harm: probability of editing times reach. What is left out is told on standard error."""
    if sum(map(bool, (case, run, results))) != 1:
        raise typer.BadParameter("name one source of verdicts: --case, --run or --results")
    _refuse_inputs(out, figures, results)
    from pipeline.reach.engagement import read_engagement
    from pipeline.reach.harm import Weights
    from pipeline.reach.printed import Printed, print_ranking
    from pipeline.reach.ranking import join, rank
    from pipeline.reach.text import read_file
    from pipeline.reach.views import PerView

    weighing = Weights(**_numbers(weights, ("deepfake", "facetune", "split"), "--weights"))
    standing = PerView(**_numbers(per_view, ("likes", "comments", "shares", "followers"), "--per-view"))
    columns = dict(_pair(each, "--map") for each in mapping or ())
    engagement = read_engagement(read_file(figures), figures.name, columns)
    joined = join(engagement, _scored(case, run, results), standing)
    printed = Printed(joined, rank(joined, weighing, threshold), weighing, threshold)
    print_ranking(printed, out, sys.stdout, sys.stderr)
    raise typer.Exit(1 if engagement.bad_rows or joined.matching.ambiguous else 0)


def _scored(case: str, run: str, results: Path | None) -> "ScoredPhotos":
    from pipeline.casebook.casebook import Casebook
    from pipeline.casebook.runs import Runs
    from pipeline.reach.scored import scored_of_case, scored_of_results, scored_of_run

    if results is not None:
        return scored_of_results(results)
    return scored_of_case(Casebook(), case) if case else scored_of_run(Runs().open(run))


def _numbers(text: str, names: Sequence[str], option: str) -> dict[str, float]:
    """Return the numbers of "likes=20,shares=100" by their names."""
    numbers = {}
    for part in filter(None, text.split(",")):
        name, value = _pair(part, option)
        if name not in names:
            raise typer.BadParameter(f"there is no {name!r}: there are {', '.join(names)}", param_hint=option)
        try:
            numbers[name] = float(value)
        except ValueError as problem:
            raise typer.BadParameter(f"{value!r} is no number", param_hint=option) from problem
    return numbers


def _pair(text: str, option: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark:
        raise typer.BadParameter(f"{text!r} has no “=”", param_hint=option)
    return name.strip(), value.strip()


def _refuse_inputs(out: Path | None, *inputs: Path | None) -> None:
    """Refuse a file for the ranking that is of no kind that is written, or that the ranking is made from."""
    if out is None:
        return
    if out.suffix.lower() not in (".csv", ".json"):
        raise typer.BadParameter("name a file that ends in .csv or .json", param_hint="--out")
    if out.resolve() in {one.resolve() for one in inputs if one is not None}:
        raise typer.BadParameter(f"{out} is what the ranking is made from: name another file", param_hint="--out")
