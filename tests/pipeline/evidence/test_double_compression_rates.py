"""How often an earlier saving is seen, at each pair of qualities, printed as a table with `pytest -s`.

Four scenes are looked at; with TELLTALE_ALL_SCENES=1 all ten, from which the rates are told.
"""

import os
from collections.abc import Sequence

import numpy as np
import pytest
from savings import CUT, again, cropped, decoded, jpeg, opened, saved, scenes

from pipeline.evidence.finding import Finding
from pipeline.evidence.signals.double_compression import NONE_SEEN, look

ALL = os.environ.get("TELLTALE_ALL_SCENES") == "1"
SCENES = scenes() if ALL else scenes()[::3]
ALWAYS, MOSTLY = (0.9, 0.5) if ALL else (0.75, 0.25)
"""Least shares that are asked for."""
SEEN_ALWAYS = [(60, 75), (70, 75), (75, 90), (85, 90), (90, 95)]
SEEN_MOSTLY = [(95, 90)]
FAILS = [(95, 75), (98, 90)]
"""A second saving that is coarser by far, and a first that hardly rounded."""
PLACE = f"begins {-CUT[1] % 8} px from the left and {-CUT[0] % 8} px from the top edge"


def share(name: str, findings: Sequence[Finding], words: str) -> float:
    """Return the share of findings with some words, and print it."""
    hits = [words in finding.shows for finding in findings]
    print(f"{name:<42} {sum(hits):>2} of {len(hits)}")
    return float(np.mean(hits))


@pytest.mark.parametrize("quality", [60, 75, 90, 95])
def test_saved_once(quality):
    """False alarms: an odd scene is saved with full colour, as phones do, an even one with halved."""
    findings = [look(opened(jpeg(rgb, quality, subsampling=2 * (n % 2)))) for n, rgb in enumerate(SCENES)]
    assert share(f"saved once at {quality}: none seen", findings, NONE_SEEN) == 1


@pytest.mark.parametrize(("first", "second"), SEEN_ALWAYS + SEEN_MOSTLY)
def test_saved_twice_on_one_grid(first, second):
    findings = [look(opened(again(rgb, first, second))) for rgb in SCENES]
    words = f"the first time as quality {first} "
    hits = share(f"saved at {first}, then {second}: quality {first} seen", findings, words)
    assert hits >= (ALWAYS if (first, second) in SEEN_ALWAYS else MOSTLY)


@pytest.mark.parametrize(("first", "second"), FAILS)
def test_where_it_fails(first, second):
    findings = [look(opened(again(rgb, first, second))) for rgb in SCENES]
    assert share(f"saved at {first}, then {second}: none seen", findings, NONE_SEEN) >= ALWAYS


@pytest.mark.parametrize(("first", "second"), [(60, 90), (75, 95), (60, 75)])
def test_cropped_between_two_savings(first, second):
    findings = [look(opened(jpeg(cropped(rgb, first), second))) for rgb in SCENES]
    hits = share(f"saved at {first}, cropped, then {second}: grid seen", findings, PLACE)
    assert hits >= (ALWAYS if second - first > 15 else MOSTLY)


@pytest.mark.parametrize("quality", [60, 90, 95])
def test_cropped_and_kept_without_loss(quality):
    findings = [look(opened(saved(cropped(rgb, quality), "PNG"))) for rgb in SCENES]
    assert share(f"saved at {quality}, cropped, kept as PNG: grid seen", findings, PLACE) == 1


def test_never_a_jpeg():
    findings = [look(opened(saved(rgb, "PNG"))) for rgb in SCENES]
    assert share("PNG that never was a JPEG: none seen", findings, NONE_SEEN) == 1


@pytest.mark.parametrize("side", [128])
def test_small_crops(side):
    """The same on crops of a scene's middle, cut at whole blocks between the two savings."""
    starts = [(rgb.shape[0] // 2 - side // 2) // 8 * 8 for rgb in SCENES]
    crops = [rgb[at : at + side, at : at + side] for at, rgb in zip(starts, SCENES, strict=True)]
    twice = [look(opened(again(rgb, 60, 90))) for rgb in crops]
    once = [look(opened(again(rgb, 90))) for rgb in crops]
    assert share(f"crops of {side} px, 60 then 90: seen", twice, "the first time as quality 60 ") >= ALWAYS
    assert share(f"crops of {side} px, 90 once: none seen", once, NONE_SEEN) == 1
    assert len(decoded(again(crops[0], 60, 90))) == min(side, crops[0].shape[0])
