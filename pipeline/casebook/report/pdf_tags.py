"""The structure of a tagged PDF (ISO 32000-1, 14.7 and 14.8): what is a heading, a paragraph, a table, a picture.

reportlab writes none, so that it is written here beside it. Elements are written page by page; only their numbers stay
in memory.
"""

from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Put = Callable[[int, str], None]
"""Writes an object of the file: its number, and what it holds."""
SCOPE = " /A <</O /Table /Scope /Column>>"


@dataclass(eq=False)
class Group:
    """An element that holds others: a table, a row of it, a list.

    Attributes:
        role: "Table", "TR" or "L".
        within: the group that holds it; None for the document.
        number: of its object, once it holds something; 0 before.
        kids: numbers of the elements that it holds.
        closed: whether it is written.
    """

    role: str
    within: "Group | None" = None
    number: int = 0
    kids: list[int] = field(default_factory=list)
    closed: bool = False

    @property
    def path(self) -> list["Group"]:
        """This group and those that hold it, the outermost first."""
        return [*(self.within.path if self.within else []), self]


@dataclass(frozen=True)
class _Leaf:
    number: int
    role: str
    parent: int
    alt: str


class Tags:
    """The structure of one document, in the making."""

    def __init__(self, number: Callable[[], int], put: Put) -> None:
        """Keep how objects of the file get their numbers, and how they are written."""
        self._number, self._put = number, put
        self.document, self.root = number(), number()
        self._kids, self._pages = array("Q"), array("Q")
        self._open: list[Group] = []
        self._leaves: list[_Leaf] = []

    @contextmanager
    def mark(self, canvas: Any, role: str, group: Group | None = None, alt: str = "") -> Iterator[None]:
        """Mark what is drawn inside as one element.

        Args:
            canvas: what is drawn on.
            role: standard structure type: "H1", "P", "Figure", "TD", …; "" for what belongs to no content.
            group: what holds it; one that was closed is drawn again, and counts as no content.
            alt: what a picture is, for who cannot see it.
        """
        if not role or (group is not None and any(each.closed for each in group.path)):
            canvas._code.append("/Artifact BMC")
        else:
            self._enter(group)
            canvas._code.append(f"/{role} <</MCID {len(self._leaves)}>> BDC")
            parent = group.number if group else self.document
            leaf = _Leaf(self._number(), role, parent, alt)
            self._leaves.append(leaf)
            (group.kids if group else self._kids).append(leaf.number)
        yield
        canvas._code.append("EMC")

    def end_page(self, page: int) -> int:
        """Write the elements of a page that is full; return the key by which the page finds them.

        Args:
            page: number of its object.
        """
        for place, leaf in enumerate(self._leaves):
            more = f" /Alt {text_of(leaf.alt)}" if leaf.alt else SCOPE if leaf.role == "TH" else ""
            what = f"/S /{leaf.role} /P {leaf.parent} 0 R /Pg {page} 0 R /K {place}{more}"
            self._put(leaf.number, f"<</Type /StructElem {what}>>")
        key = self._number()
        self._put(key, f"[{_references(leaf.number for leaf in self._leaves)}]")
        self._leaves = []
        self._pages.append(key)
        return len(self._pages) - 1

    def end(self) -> None:
        """Write what holds all elements, once all pages are full."""
        self._enter(None)
        keys = " ".join(f"{place} {key} 0 R" for place, key in enumerate(self._pages))
        kids = _references(self._kids)
        self._put(self.document, f"<</Type /StructElem /S /Document /P {self.root} 0 R /K [{kids}]>>")
        tree = f"/ParentTree <</Nums [{keys}]>> /ParentTreeNextKey {len(self._pages)}"
        self._put(self.root, f"<</Type /StructTreeRoot /K {self.document} 0 R {tree}>>")

    def _enter(self, group: Group | None) -> None:
        """Close the groups that end here, and begin those that lead to one."""
        path = group.path if group else []
        while self._open and self._open[-1] not in path:
            self._close(self._open.pop())
        for each in path[len(self._open) :]:
            each.number = self._number()
            (each.within.kids if each.within else self._kids).append(each.number)
            self._open.append(each)

    def _close(self, group: Group) -> None:
        parent = group.within.number if group.within else self.document
        kids = _references(group.kids)
        self._put(group.number, f"<</Type /StructElem /S /{group.role} /P {parent} 0 R /K [{kids}]>>")
        group.closed, group.kids = True, []


def text_of(text: str) -> str:
    """Return text as a PDF holds it: UTF-16 in hex, which nothing needs to be escaped in."""
    return f"<FEFF{text.encode('utf-16-be', 'replace').hex().upper()}>"


def _references(numbers: Any) -> str:
    return " ".join(f"{number} 0 R" for number in numbers)
