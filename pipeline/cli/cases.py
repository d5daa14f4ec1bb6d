"""The verbs about cases: `case …` and `verify`."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from tqdm import tqdm

if TYPE_CHECKING:  # imported where they are used, so that --help is quick
    from pipeline.casebook.case import Case

verbs = typer.Typer()
case = typer.Typer(no_args_is_help=True, help="Cases: photos of one matter, kept for good, with a log of every act.")
verbs.add_typer(case, name="case")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The case, by its name or its id.")]
Reason = Annotated[str, typer.Option(help="Why; the log keeps it.")]


def _open(name: str) -> "Case":
    from pipeline.casebook.casebook import Casebook

    return Casebook().open(name)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


@case.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name that no other case bears.")],
    description: Annotated[str, typer.Option(help="What it is about.")] = "",
    tags: Annotated[list[str] | None, typer.Option("--tag", help="For finding it; may be given repeatedly.")] = None,
    blind: Annotated[bool, typer.Option(help="Hide verdicts until a person gave an opinion.")] = False,
) -> None:
    """Make an empty case, and print its id."""
    from pipeline.casebook.casebook import Casebook

    typer.echo(Casebook().create(name, description, tags or (), blind).id)


@case.command()
def add(
    name: Name,
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Photos, folders of photos, or zip archives.")],
    recursive: Annotated[bool, typer.Option(help="Also look into folders of folders.")] = False,
    release: Annotated[str, typer.Option(help="Release, by its name or as thorough (the default) or quick.")] = "",
) -> None:
    """Add photos to a case and examine them; what is there already is not added again, so a killed call goes on."""
    from pipeline.casebook.add_files import add_files

    raise typer.Exit(add_files(_open(name), paths, recursive, release))


@case.command("list")
def list_cases(
    archived: Annotated[bool, typer.Option(help="Those that were put away, instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a case.")] = False,
) -> None:
    """List the cases, the last changed first."""
    from pipeline.casebook.casebook import Casebook
    from pipeline.casebook.printed import case_json, case_lines

    cases = Casebook().cases(archived)
    for line in map(case_json, cases) if as_json else case_lines(cases):
        typer.echo(line)


@case.command()
def show(
    name: Name,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a photo.")] = False,
    log: Annotated[bool, typer.Option("--log", help="The log instead, an entry a line of JSON.")] = False,
) -> None:
    """Show a case: what it is, its photos and their verdicts, opinions, and the log's head."""
    from pipeline.casebook.log import canonical
    from pipeline.casebook.printed import photo_json, record_lines

    mine = _open(name)
    if log:
        for entry in mine.entries():
            typer.echo(canonical(entry.as_dict()).decode())
        return
    record = mine.record()
    for line in map(photo_json, record.photos) if as_json else record_lines(record):
        typer.echo(line)


@case.command()
def export(name: Name, out: Annotated[Path, typer.Option(dir_okay=False, help="File to write, a zip.")]) -> None:
    """Write the whole case as an archive that another installation takes over and verifies; print its SHA-256."""
    from pipeline.casebook.archive import export_case

    with tqdm(unit="file", file=sys.stderr, disable=None) as bar:
        digest = export_case(_open(name), out, _progress_of(bar))
    typer.echo(f"{digest}  {out}")


@case.command("import")
def import_archive(file: Annotated[Path, typer.Argument(metavar="FILE", help="An archive of a case.")]) -> None:
    """Take a case over from an archive; nothing is taken of one that does not hold."""
    from pipeline.casebook.archive import import_case
    from pipeline.casebook.casebook import Casebook

    with tqdm(unit="file", file=sys.stderr, disable=None) as bar:
        mine = import_case(Casebook(), file, _progress_of(bar))
    typer.echo(f"{mine.id}  {mine.name}")


@case.command()
def report(
    name: Name,
    out: Annotated[Path, typer.Option(dir_okay=False, help="File to write: .pdf or .html.")],
    private: Annotated[bool, typer.Option(help="With what tells where or who somebody is, such as GPS.")] = False,
) -> None:
    """Write a report from the stored record alone: made again, it has the same bytes."""
    if out.suffix.lower() not in (".pdf", ".html"):
        raise typer.BadParameter("name a file that ends in .pdf or .html", param_hint="--out")
    from pipeline.casebook.report.write import write_report

    with tqdm(unit="photo", file=sys.stderr, disable=None) as bar:
        digest = write_report(_open(name), out, private, _progress_of(bar))
    typer.echo(f"{digest}  {out}")


@case.command()
def delete(
    name: Name,
    reason: Reason,
    photos: Annotated[list[int] | None, typer.Argument(metavar="PHOTO", help="Numbers of photos in the case.")] = None,
    before: Annotated[
        datetime | None,
        typer.Option("--added-before", formats=["%Y-%m-%d"], help="All that were added before this day (UTC)."),
    ] = None,
) -> None:
    """Delete photos of a case, with all that was found in them; the log keeps the fact and the hash."""
    if bool(photos) == bool(before):
        raise typer.BadParameter("name photos by their numbers, or a day by --added-before", param_hint="PHOTO")
    mine = _open(name)
    kept = [photo for photo in mine.record().photos if photo.deleted is None]
    for number in photos or [photo.number for photo in kept if before and photo.at < before.date().isoformat()]:
        mine.delete(number, reason)
        typer.echo(f"{number}\tdeleted")


@case.command()
def archive(name: Name, back: Annotated[bool, typer.Option("--back", help="Take it out again.")] = False) -> None:
    """Put a case away, or take it out again."""
    _open(name).archive(not back)


@case.command()
def share(
    name: Name,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="As the login names them: an e-mail address.")],
    role: Annotated[str, typer.Argument(metavar="ROLE", help="viewer, reviewer, analyst, admin; or none.")],
) -> None:
    """Give a person a role in a case, or take it away."""
    _open(name).share(person, "" if role == "none" else role)


@case.command()
def timestamp(name: Name) -> None:
    """Have the log's head timestamped (RFC 3161) by the server that TELLTALE_TIMESTAMP_URL names."""
    from pipeline.casebook.checks.timestamps import timestamp as stamp

    entry = stamp(_open(name))
    typer.echo(f"{entry.facts['head']}  {entry.facts['time']}  {entry.facts['server']}")


@case.command()
def known(
    name: Annotated[str, typer.Argument(metavar="LIST", help="Name of the list.")],
    file: Annotated[Path | None, typer.Argument(metavar="CSV", help="The list; without one it is removed.")] = None,
) -> None:
    """Import a list of known hashes, for all cases: photos that stand in it are marked when they arrive."""
    from pipeline.casebook.casebook import Casebook
    from pipeline.casebook.known import put_list, remove_list
    from pipeline.casebook.known_hashes import read_known_hashes

    database = Casebook().keeping.database
    if file is None:
        remove_list(database, name)
        return
    listed = read_known_hashes(file)
    kept = put_list(database, name, listed)
    for row in listed.bad[:20]:
        _say(f"line {row.line}: {row.reason}")
    typer.echo(f"{kept.name}: {', '.join(f'{count} {kind}' for kind, count in kept.hashes.items())}")
    raise typer.Exit(1 if listed.bad_rows else 0)


@verbs.command()
def verify(
    name: Annotated[str, typer.Argument(metavar="NAME|ARCHIVE", help="A case, or the file of an archive.")],
    rerun: Annotated[bool, typer.Option(help="Also examine every photo anew.")] = True,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only what does not hold, and the end.")] = False,
) -> None:
    """Check that all of a case still holds: log, originals, findings, weights, verdicts. Exit 1 if not all does."""
    from pipeline.casebook.checks.verify_all import verify_named

    raise typer.Exit(verify_named(name, rerun, quiet))


def _progress_of(bar: "tqdm[Any]") -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return progress
