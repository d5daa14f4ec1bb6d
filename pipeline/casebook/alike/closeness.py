"""Which copy of a photo lies closest to its source, and is to be trusted first: an order of criteria, with reasons.

1. Real detail of the same scene: pixels count as far as they hold something (`pipeline.examining.detail`).
2. Not a JPEG in another container: a PNG whose pixels were a JPEG is a screenshot, or was saved by an editor.
3. Field of view: who shows more was not cut from who shows less.
4. Compression: a higher quality, and one saving rather than two.
5. Metadata of the camera: services strip it. It can be copied in on purpose.
6. Size: not one to which chat apps shrink.
7. Real detail again, where one copy rather than clearly holds more.
8. Bytes for the same picture in the same container.
9. Pixels, where detail could not be measured.

A criterion is asked only of copies that those above could not part, and parts only what lies clearly apart. So a
screenshot or an enlarged copy does not win by its pixels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.casebook.alike.copies import CAMERA, LOSSLESS, Copy
from pipeline.evidence.jpeg.chains import CHAINS
from pipeline.examining.detail import CLEAR, LARGER, LEANING, finer
from pipeline.words.numbers import size

WIDER = 1.05
"""Times the area of the scene from which a copy shows more."""
BETTER = 5
"""Steps of IJG quality from which one is better."""
AS_LOSSLESS = 92
"""Quality that a lossless copy without traces counts as: a JPEG behind it would be seen below that."""
MORE_BYTES = 1.2
GRAINY = 1.5 * CLEAR
"""Score that a copy of lower quality needs: its encoder's grain looks like detail. At the same size none is enough."""
NOT_LAID = "it could not be laid on the others: another scene, or too little of it"


@dataclass(frozen=True)
class Ranked:
    """A copy at its place.

    Attributes:
        copy: the copy.
        place: from 1, which lies closest to the source; copies that were not laid on the others come last.
        reasons: of the first, what it has over the second; of the others, why they lie behind the first.
        nonetheless: what speaks against that place: of the first, what it lacks against the second; of the others,
            what they have over the first.
        told_apart: False where no criterion told it from the copy before it; the order of names decides then.
    """

    copy: Copy
    place: int
    reasons: tuple[str, ...]
    nonetheless: tuple[str, ...]
    told_apart: bool = True


Criterion = Callable[[Copy, Copy], tuple[str, str] | None]
"""Of two copies: None where the first is not clearly ahead; else how that is said of the first, and of the second."""


def closest(copies: Sequence[Copy]) -> list[Ranked]:
    """Return copies of one photo in the order in which they lie to its source, closest first.

    Args:
        copies: as `lay_together` returns them; without their pixels, the criteria that need these are passed over.
    """
    pairs = _Pairs(sorted(copies, key=lambda copy: (copy.name, copy.sha256)))
    some = any(copy.laid for copy in copies)
    left = [at for at, copy in enumerate(pairs.copies) if copy.laid or not some]
    apart = [at for at in range(len(copies)) if at not in left]
    order: list[int] = []
    while left:
        order.append(_foremost(left, pairs))
        left.remove(order[-1])
    order += apart
    return [_ranked(order, place, pairs) for place in range(len(order))]


class _Pairs:
    """What each criterion says of each two copies; asked once."""

    def __init__(self, copies: Sequence[Copy]) -> None:
        self.copies = copies
        self._asked: dict[tuple[int, int, int], tuple[str, str] | None] = {}

    def ask(self, criterion: int, first: int, second: int) -> tuple[str, str] | None:
        key = (criterion, first, second)
        if key not in self._asked:
            self._asked[key] = CRITERIA[criterion](self.copies[first], self.copies[second])
        return self._asked[key]

    def ahead(self, first: int, second: int) -> list[tuple[str, str]]:
        """Return what every criterion says in favour of the first."""
        return [words for number in range(len(CRITERIA)) if (words := self.ask(number, first, second))]


def _foremost(left: Sequence[int], pairs: _Pairs) -> int:
    """Return the copy that stays when each criterion in turn drops those that another is clearly ahead of."""
    for number in range(len(CRITERIA)):
        kept = [at for at in left if not any(pairs.ask(number, other, at) for other in left if other != at)]
        left = kept or left
        if len(left) == 1:
            break
    return left[0]


def _ranked(order: Sequence[int], place: int, pairs: _Pairs) -> Ranked:
    first, at = pairs.copies[order[0]], order[place]
    copy = pairs.copies[at]
    if place and first.laid and not copy.laid:
        return Ranked(copy, place + 1, (NOT_LAID,), ())
    if len(order) == 1 or (not place and first.laid and not pairs.copies[order[1]].laid):
        return Ranked(copy, place + 1, (), ())
    other = order[0] if place else order[1]
    ahead = tuple(words for words, _ in pairs.ahead(at, other))
    behind = tuple(words for _, words in pairs.ahead(other, at))
    before = order[place - 1]
    apart = place == 0 or bool(pairs.ahead(before, at) or pairs.ahead(at, before))
    return Ranked(copy, place + 1, *((behind, ahead) if place else (ahead, behind)), apart)


def _detail(first: Copy, second: Copy, least: float = CLEAR) -> tuple[str, str] | None:
    if first.scale is None or second.scale is None:
        return None
    one, two = _quality(first), _quality(second)
    if one is not None and two is not None and one <= two - BETTER:
        least = GRAINY if max(first.scale, second.scale) >= LARGER * min(first.scale, second.scale) else float("inf")
    if finer(first.spectrum, first.scale, second.spectrum, second.scale) < least:
        return None
    if first.scale >= LARGER * second.scale:
        if _same_view(first, second):
            return f"larger: {first.size} against {second.size}", f"smaller: {second.size} against {first.size}"
        times = f"{first.scale / second.scale:.1f} times the pixels along a side of the scene"
        return f"larger: {times}", f"smaller: the closest has {times}"
    if second.scale >= LARGER * first.scale:
        return (
            f"holds more real detail than the larger {second.size}",
            f"enlarged: {second.size}, with less real detail than {first.size}",
        )
    return "holds more fine detail at the same size", "holds less fine detail at the same size: scaled or softened"


def _leaning(first: Copy, second: Copy) -> tuple[str, str] | None:
    """Ask for detail once more, of copies that it did not clearly part."""
    if _detail(first, second) or not _detail(first, second, LEANING):
        return None
    return "seems to hold a little more real detail", "seems to hold a little less real detail"


def _same_view(first: Copy, second: Copy) -> bool:
    return first.view is None or second.view is None or 1 / WIDER < first.view / second.view < WIDER


def _container(first: Copy, second: Copy) -> tuple[str, str] | None:
    if not _was_jpeg(second) or _was_jpeg(first):
        return None
    return (
        f"is no {second.format} made of a JPEG",
        f"a {second.format} whose pixels were a JPEG before, of about quality {second.earlier_quality}",
    )


def _was_jpeg(copy: Copy) -> bool:
    return copy.format in LOSSLESS and copy.earlier_quality is not None and copy.earlier_quality > 0


def _view(first: Copy, second: Copy) -> tuple[str, str] | None:
    if first.view is None or second.view is None or first.view < WIDER * second.view:
        return None
    share = f"{100 * second.view / first.view:.0f} %"
    return f"shows more of the scene: the other shows {share} of it", f"cut: it shows {share} of the scene"


def _compression(first: Copy, second: Copy) -> tuple[str, str] | None:
    one, two = _quality(first), _quality(second)
    if one is None or two is None:
        return None
    if one >= two + BETTER:
        if first.jpeg_quality == one and second.jpeg_quality == two:
            return f"saved at quality {one} against {two}", f"saved at quality {two} against {one}"
        how, other = _say_quality(first), _say_quality(second)
        return f"{how} against {other}", f"{other} against {how}"
    if one > two - BETTER and _saved_once(first) and _saved_twice(second):
        return "no trace of an earlier saving as JPEG, which the other has", "saved as JPEG at least twice"
    return None


def _quality(copy: Copy) -> int | None:
    """Return the lowest quality that a copy went through, as far as it is known; None of other lossy containers."""
    earlier = [copy.earlier_quality] if copy.earlier_quality is not None and copy.earlier_quality > 0 else []
    if copy.jpeg_quality > 0:
        return min([copy.jpeg_quality, *earlier])
    return min([AS_LOSSLESS, *earlier]) if copy.format in LOSSLESS else None


def _say_quality(copy: Copy) -> str:
    quality = _quality(copy)
    if quality == copy.jpeg_quality:
        return f"saved at quality {quality}"
    return (
        f"{copy.format} without traces of a JPEG" if quality == AS_LOSSLESS else f"a JPEG of quality {quality} before"
    )


def _saved_once(copy: Copy) -> bool:
    return copy.jpeg_quality > 0 and copy.earlier_quality == -1


def _saved_twice(copy: Copy) -> bool:
    return copy.jpeg_quality > 0 and copy.earlier_quality is not None and copy.earlier_quality > 0


def _metadata(first: Copy, second: Copy) -> tuple[str, str] | None:
    if CAMERA not in first.metadata or CAMERA in second.metadata:
        return None
    stripped = "its camera's metadata is gone" if second.metadata else "its metadata was stripped, or never there"
    return "keeps its camera's metadata", stripped


def chat_apps(copy: Copy) -> tuple[str, ...]:
    """Return the services to whose sizes a copy was shrunk, by `pipeline.evidence.jpeg.chains`; sizes coincide."""
    longest = max(copy.width, copy.height)
    return tuple(chain.name for chain in CHAINS if longest in chain.long_sides or copy.width in chain.widths)


def _chat_size(first: Copy, second: Copy) -> tuple[str, str] | None:
    apps = chat_apps(second)
    if not apps or chat_apps(first):
        return None
    return "is of no chat app's size", f"a chat app's size: {second.size} ({', '.join(apps[:3])})"


def _bytes(first: Copy, second: Copy) -> tuple[str, str] | None:
    if first.format != second.format or not _same_view(first, second) or first.bytes < MORE_BYTES * second.bytes:
        return None
    return f"more bytes: {size(first.bytes)} against {size(second.bytes)}", f"fewer bytes: {size(second.bytes)}"


def _pixels(first: Copy, second: Copy) -> tuple[str, str] | None:
    measured = first.spectrum and second.spectrum
    if measured or first.width * first.height < LARGER**2 * second.width * second.height:
        return None
    return f"larger: {first.size} against {second.size}", f"smaller: {second.size} against {first.size}"


CRITERIA: tuple[Criterion, ...] = (
    _detail,
    _container,
    _view,
    _compression,
    _metadata,
    _chat_size,
    _leaning,
    _bytes,
    _pixels,
)
"""In the order in which they are asked."""
