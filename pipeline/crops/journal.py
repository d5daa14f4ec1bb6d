"""`Journal`: what is finished of a long work, one line each, so that a killed call goes on where it was."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pipeline.storage.whole import room, write_whole


class Journal:
    """The finished parts by their `index`; lines under another head, which is what they depend on, are forgotten.

    Attributes:
        known: index → part.
        found: how many parts were asked for by `once` that an earlier call had finished.
    """

    def __init__(self, path: Path, head: dict[str, Any]) -> None:
        self._path, self._head = path, json.dumps(head)
        self.known: dict[Any, dict[str, Any]] = {}
        self.found = 0
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        if lines[:1] != [self._head]:
            lines = []
        for line in lines[1:]:
            with suppress(ValueError):  # a kill may have cut it off
                done = json.loads(line)
                self.known[done["index"]] = done
        whole = "".join(f"{line}\n" for line in (self._head, *map(json.dumps, self.known.values())))
        with room(path.parent):
            write_whole(path, whole.encode())  # what was found is never without a file that holds it

    def once(self, index: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return a part: as an earlier call finished it, or made now and written down.

        Args:
            index: of the part; asked for once a call.
            make: makes it, without its index.

        Raises:
            DiskFull: see `add`.
        """
        if index in self.known:
            self.found += 1
        else:
            self.add({"index": index} | make())
        return self.known[index]

    def add(self, done: dict[str, Any]) -> None:
        """Write down a finished part.

        Raises:
            DiskFull: there is no room; what was written before stays.
        """
        self.known[done["index"]] = done
        with room(self._path.parent), self._path.open("a", encoding="utf-8") as file:
            print(json.dumps(done), file=file)


@contextmanager
def kept_until_done(path: Path, head: dict[str, Any]) -> Iterator[Journal]:
    """Give a journal that stays after an error or a kill, and goes when all is done."""
    yield Journal(path, head)
    path.unlink(missing_ok=True)
