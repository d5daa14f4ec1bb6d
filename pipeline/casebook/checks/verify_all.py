"""`python -m pipeline verify`: a case, or an archive, checked item by item."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from pipeline.casebook.archive import Archive
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.checks.check import Check
from pipeline.casebook.checks.verify import verify_archive, verify_case

SIGNS = {True: "holds", False: "DOES NOT HOLD", None: "not checked"}


def verify_named(name: str, rerun: bool = True, quiet: bool = False) -> int:
    """Verify what is named and print each check; return 0 where all holds, else 1.

    What could not be checked does not hold: nobody has seen that it does.

    Args:
        name: a case's name or id, or the path of an archive.
        rerun: also examine every photo anew.
        quiet: print only what does not hold, and the end.

    Raises:
        UnknownName: there is neither such a case nor such a file.
        BadArchive: the file is no archive.
    """
    counts: dict[bool | None, int] = {True: 0, False: 0, None: 0}
    with _checks_of(name, rerun) as checks, tqdm(unit="check", file=sys.stderr, disable=None) as bar:
        for check in checks:
            counts[check.holds] += 1
            bar.update()
            if not quiet or not check.holds:
                bar.clear()
                print(f"{SIGNS[check.holds]:<13} {check.what}: {check.says}", flush=True)
    without = "" if rerun else " Photos were not examined anew."
    print(f"{counts[True]} hold, {counts[False]} do not, {counts[None]} could not be checked.{without}")
    return 0 if counts[True] and not counts[False] and not counts[None] else 1


@contextmanager
def _checks_of(name: str, rerun: bool) -> Iterator[Iterator[Check]]:
    path = Path(name)
    if path.is_file():
        with Archive(path) as archive:
            yield verify_archive(archive, rerun)
    else:
        yield verify_case(Casebook().open(name), rerun)
