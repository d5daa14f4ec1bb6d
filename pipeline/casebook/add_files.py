"""`python -m pipeline case add`: many photos into a case, each acknowledged by itself, so that a kill loses none."""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace

from tqdm import tqdm

from pipeline.attempt import each
from pipeline.casebook.adding import add_item
from pipeline.casebook.case import Case
from pipeline.casebook.printed import say_arrival
from pipeline.errors import Unexpected
from pipeline.examining.loaded import load_cascade
from pipeline.intake import Account, Item, named_in, read_path


def _above(path: str) -> str:
    """Return what is left out before a photo's name: where a folder lies on this machine is nobody else's matter."""
    head, _ = os.path.split(path.rstrip("/"))
    return f"{head.rstrip('/')}/" if head else ""


def add_files(case: Case, paths: Sequence[str], recursive: bool = False, release: str = "") -> int:
    """Add what was named to a case; return the exit code: 0 all was examined, 1 some was not, 2 there was nothing.

    Args:
        case: the case.
        paths: files, folders and archives, as the user wrote them.
        recursive: whether to look into folders of folders.
        release: by name; "" for the default.

    Raises:
        TriageError: the release cannot be used, or the casebook takes no more; what was added before stays.
    """
    cascade, account = load_cascade(release), Account()
    files = [(file, _above(path)) for path in paths for file in named_in(path, recursive)]
    with tqdm(total=len(files), unit="file", file=sys.stderr, disable=None) as bar:
        for file, above in files:
            for thing in each(file.shown, read_path(file, lambda _: True)):
                item = Item(file.shown, error=thing) if isinstance(thing, Unexpected) else thing
                item = replace(item, name=item.name.removeprefix(above))
                account.receive(item)
                if item.left_out:
                    continue
                arrival = add_item(case, item, cascade)
                code = arrival.error["code"] if arrival.error else ""
                account.finish(code, item.count)
                print(say_arrival(item.name, arrival.number, arrival.is_new, arrival.error))
            bar.update()
    print(account.sentence(), file=sys.stderr)
    if not account.examined and not account.refused:
        return 2
    return 1 if account.refused else 0
