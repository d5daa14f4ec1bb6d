"""What a worker does with a chunk: reads, examines, and tells rows; the same in a process here and on a cluster."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.bulk.examine import ReadItem, examine_group, grouped
from pipeline.bulk.fetch import items_of
from pipeline.bulk.forms import ResultRecord
from pipeline.bulk.inputs import Input
from pipeline.bulk.parts import Facts, Scored, row_of, table_of
from pipeline.bulk.sieve import Sieve
from pipeline.bulk.stuck import ended_if_stuck
from pipeline.examining.loaded import Cascade
from pipeline.intake import Item


@dataclass(frozen=True)
class Judge:
    """Scores chunks.

    Attributes:
        cascade: what judges; with a sieve the first one.
        sieve: tells what the first one passes.
        thorough: what judges the rest; None without a sieve.
        partial: see `Order`.
    """

    cascade: Cascade
    sieve: Sieve | None = None
    thorough: Cascade | None = None
    partial: bool = False

    def score(self, inputs: Sequence[Input]) -> Scored:
        """Return a chunk's rows; whatever is wrong with a photo is its row.

        Where nothing is read or judged for long, the process ends: see `ended_if_stuck`.
        """
        since, busy, facts = time.perf_counter(), time.process_time(), Facts()
        with ended_if_stuck() as go_on:
            rows = self._rows_of(inputs, facts, go_on)
        facts.seconds, facts.busy = time.perf_counter() - since, time.process_time() - busy
        return Scored(table_of(rows), facts)

    def _rows_of(self, inputs: Sequence[Input], facts: Facts, go_on: Callable[[], None]) -> list[dict[str, Any]]:
        """Return a chunk's rows and note what is known beside them; `go_on` is called as they are read and judged."""
        rows, sources = list[dict[str, Any]](), {one.number: one.shown for one in inputs}
        numbers, places = deque[int](), dict[int, int]()
        for group in grouped(_noting(items_of(inputs), numbers, go_on), self.partial):
            own = [numbers.popleft() for _ in group]
            for read in group:
                facts.account.receive(read.item)
            told = [number for number, read in zip(own, group, strict=True) if read.photo or read.error]
            for number, (item, record) in zip(told, self._judge(group), strict=True):
                place = places[number] = places.get(number, -1) + 1
                rows.append(row_of(number, place, sources[number], record))
                facts.note(record, item.count)
            group.clear()  # so that it is not held while the next is read
            go_on()
        return rows

    def _judge(self, group: list[ReadItem]) -> list[tuple[Item, ResultRecord]]:
        """Return each item that has a result, with its record; with a sieve that of the last release that saw it."""
        first = list(examine_group(group, self.cascade, None))
        if self.sieve is None or self.thorough is None:
            return first
        read = [one for one in group if one.photo or one.error]
        sent = [place for place, (_, record) in enumerate(first) if read[place].photo and not self.sieve.passes(record)]
        again = examine_group([read[place] for place in sent], self.thorough, None)
        for place, told in zip(sent, again, strict=True):
            first[place] = told
        return first


def _noting(items: Iterator[tuple[int, Item]], numbers: deque[int], go_on: Callable[[], None]) -> Iterator[Item]:
    """Yield items, and note of which input each is; `go_on` is called for each."""
    for number, item in items:
        go_on()
        numbers.append(number)
        yield item
