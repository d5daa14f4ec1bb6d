"""The command line: `python -m pipeline VERB …`. Exit 0 all done, 1 some inputs failed, 2 bad usage."""

import sys
from io import TextIOWrapper

import typer

from pipeline.cli import bulk, cases, data, measuring, photos, reach, serving, training
from pipeline.errors import TriageError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)


@app.callback()
def root() -> None:
    """Tell whether face photos were edited, and by what."""


for group in (photos, bulk, cases, reach, data, training, measuring, serving):
    app.add_typer(group.verbs)


def main() -> None:
    """Run the command line; an expected error is told in one line and exits 2, and so is one of the file system."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a name that the terminal cannot show is escaped, and ends nothing
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except TriageError as problem:
        print(f"error: {problem}", file=sys.stderr)
        sys.exit(2)
    except OSError as problem:
        where = f"{problem.filename}: " if problem.filename else ""
        print(f"error: {where}{problem.strerror or problem}. Nothing more was done.", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
