"""From rows to a ranking: which photo a row is about, what rows amount to, harm, warnings and what they cover."""

import subprocess
import sys
from datetime import datetime

import numpy as np
import pytest

from pipeline.errors import BadSetting
from pipeline.reach.columns import Header
from pipeline.reach.coverage import THRESHOLDS, count_warnings, coverage
from pipeline.reach.engagement import Engagement, Row
from pipeline.reach.forms import account, document, left_out, remarks, sentence
from pipeline.reach.harm import Weights, harm_of
from pipeline.reach.matching import match
from pipeline.reach.posts import engaged_of
from pipeline.reach.ranking import join, rank
from pipeline.reach.scored import Scored, ScoredPhotos
from pipeline.reach.views import PerView, reach_of
from pipeline.settings import PROJECT
from pipeline.words.warnings import LEVELS, NAMES, WARNINGS, warning_of

A, B, C = "aa" * 32, "bb" * 32, "cc" * 32
MD5 = "dd" * 16


def photos(*each, md5s=None):
    return ScoredPhotos("made up", each, md5s)


def engagement(*rows):
    return Engagement("f.csv", Header(1, ",", (), {}), list(rows))


def day(n):
    return datetime(2026, 3, n)


# Which photo a row is about

ALBUM = photos(
    Scored("album/one.jpg", A, "facetune", 0.9, 0.1, names=("album/one.jpg", "evidence.zip/ONE copy.JPG")),
    Scored("album/two.png", B, "real", 0.1),
    Scored("other/two.png", C, "real", 0.2),
    md5s=lambda hashes: {MD5: A} if A in hashes else {},
)


@pytest.mark.parametrize(
    ("row", "key"),
    [
        (Row(2, sha256=A), A),
        (Row(2, md5=MD5), A),
        (Row(2, "one.jpg"), A),
        (Row(2, "ONE.JPG"), A),
        (Row(2, "C:\\photos\\one.jpg"), A),
        (Row(2, "one copy.jpg"), A),
        (Row(2, "one"), A),
        (Row(2, "album/two.png"), B),
        (Row(2, "other\\two.png"), C),
        (Row(2, "https://e.org/x/one.jpg?w=9"), A),
        (Row(2, url="https://e.org/x/one%2Ejpg?w=9#top"), A),
        (Row(2, url="https://e.org/p/one/"), A),
        (Row(2, "17841", url="https://e.org/one.jpg"), A),
        (Row(2, "two.png", sha256=B), B),
        (Row(2, "one.jpg", sha256="ee" * 32), A),
    ],
)
def test_a_row_names_a_photo(row, key):
    matching = match([row], ALBUM)
    assert dict(matching.rows) == {key: [row]} and not matching.others
    assert bool(matching.odd) == (row.sha256 == "ee" * 32)  # by its name, though its hash is another


@pytest.mark.parametrize(
    "row",
    [
        Row(2, "three.jpg"),
        Row(2, sha256="ee" * 32),
        Row(2, md5="ee" * 16),
        Row(2, url="https://e.org/"),
        Row(2, url="http://[broken"),
        Row(2, "one.png"),
        Row(2, ""),
    ],
)
def test_a_row_about_none_of_the_photos(row):
    matching = match([row], ALBUM)
    assert not matching.rows and len(matching.unknown) == 1 and matching.others == [row]


def test_a_name_that_fits_several_photos_is_told_and_never_guessed():
    matching = match([Row(5, "two.png"), Row(6, url="https://e.org/two")], ALBUM)
    assert not matching.rows and [row.line for row in matching.ambiguous] == [5, 6]
    assert "fits 2 photos: album/two.png, other/two.png" in matching.ambiguous[0].reason


def test_md5s_are_looked_up_only_where_a_row_needs_them():
    def never(hashes):
        raise AssertionError

    assert match([Row(2, sha256=A, md5=MD5)], photos(Scored("a", A), md5s=never)).rows
    assert "cannot be looked up" in match([Row(2, md5=MD5)], photos(Scored("a", A))).unknown[0].reason


# What rows amount to


def test_rows_of_one_post_are_snapshots_and_posts_are_added_up():
    rows = [
        Row(2, "a", url="https://x/1", platform="X", views=100, posted=day(1)),
        Row(3, "a", url="https://x/1/", platform="x", views=400, likes=9, posted=day(3)),
        Row(4, "a", url="https://t/2", platform="tiktok", views=50, posted=day(2)),
    ]
    both = engaged_of(rows, PerView())
    assert (both.reach, both.estimated, both.counts["views"], both.counts["likes"]) == (450, 0, 450, 9)
    assert both.growth == ((day(1), 100), (day(2), 150), (day(3), 450)) and both.per_day == 300
    assert both.platforms == ("X", "tiktok") and not both.odd


def test_with_a_time_of_measuring_what_was_posted_at_other_times_are_other_posts():
    rows = [
        Row(2, "a", views=100, posted=day(1), measured=day(2)),
        Row(3, "a", views=300, posted=day(1), measured=day(3)),
        Row(4, "a", views=10, posted=day(2), measured=day(3)),
    ]
    both = engaged_of(rows, PerView())
    assert both.reach == 310 and len(both.posts) == 2 and both.growth == ((day(2), 100), (day(3), 310))
    assert engaged_of([row._replace(measured=None) for row in rows[:1]], PerView()).growth == ()


def test_rows_that_cannot_be_told_apart_count_once_and_are_remarked():
    rows = [Row(2, "a", views=100), Row(3, "a", views=90, likes=5)]
    both = engaged_of(rows, PerView())
    assert both.reach == 100 and both.counts["likes"] == 5 and "largest counts" in both.odd[0]
    later = engaged_of([*rows, Row(4, "a", views=60, posted=day(2))], PerView())
    assert later.reach == 60 and "only where no other tells" in later.odd[1]


def test_views_that_fall_are_remarked_and_the_last_ones_count():
    rows = [Row(2, "a", views=100, posted=day(1)), Row(3, "a", views=40, posted=day(2))]
    both = engaged_of(rows, PerView())
    assert both.reach == 40 and both.odd == ("views fell from 100 to 40",) and both.per_day == -60


@pytest.mark.parametrize(
    ("counts", "reach"),
    [
        ({"views": 7, "likes": 900}, (7, False)),
        ({"views": 0}, (0, False)),
        ({"likes": 3}, (60, True)),
        ({"likes": 3, "comments": 1, "shares": 1}, (200, True)),
        ({"followers": 1000}, (100, True)),
        ({"followers": 10**6, "likes": 2}, (40, True)),
        ({"likes": 0}, (0, True)),
        ({}, None),
    ],
)
def test_reach_is_views_or_an_estimate_that_says_so(counts, reach):
    assert reach_of(counts, PerView()) == reach


# Harm and its order


def test_the_formula():
    harm = harm_of(0.8, 0.25, 1000, Weights(2, 0.5))
    assert (harm.deepfake, harm.facetune, harm.total, harm.split) == (400, 300, 700, False)
    split = harm_of(0.4, None, 100, Weights(1, 0))
    assert (split.deepfake, split.facetune, split.split) == (20, 0, True)
    assert Weights().formula == "expected harm = reach × (1 × p(deepfake) + 0.3 × p(facetune))"


@pytest.mark.parametrize(
    "bad", [{"deepfake": -1}, {"facetune": float("nan")}, {"split": 1.1}, {"deepfake": float("inf")}]
)
def test_weights_that_cannot_be(bad):
    with pytest.raises(BadSetting):
        Weights(**bad)
    with pytest.raises(BadSetting):
        PerView(likes=-0.1)


PEOPLE = photos(
    Scored("fake.jpg", A, "deepfake", 0.9, 0.9),
    Scored("plain.jpg", B, "real", 0.1),
    Scored("unsure.jpg", C, "inconclusive", 0.55, None, ("near_threshold",)),
    Scored("kind.jpg", "11" * 32, "inconclusive", 0.9, 0.5, ("kind_unclear",)),
    Scored("noface.jpg", "22" * 32, "inconclusive", None, None, ("no_face",)),
    Scored("bad.jpg", error="It is cut short."),
    Scored("blind.jpg", "33" * 32, hidden=True),
    Scored("unseen.jpg", "44" * 32, "facetune", 0.8, 0.2),
    Scored("empty.jpg", "55" * 32, "facetune", 0.8, 0.2),
)
SEEN = engagement(
    Row(2, "fake.jpg", views=1000),
    Row(3, "plain.jpg", views=5000),
    Row(4, "unsure.jpg", likes=5),
    Row(5, "kind.jpg", views=0),
    Row(6, "noface.jpg", views=70),
    Row(7, "bad.jpg", views=30),
    Row(8, "blind.jpg", views=300),
    Row(9, "empty.jpg"),
    Row(10, "stranger.jpg", views=500),
)


def test_what_cannot_be_ranked_is_kept_apart_and_counted():
    joined = join(SEEN, PEOPLE)
    ranked = rank(joined, Weights(), 0.5)
    assert [one.photo.name for one in ranked] == ["fake.jpg", "plain.jpg", "unsure.jpg", "kind.jpg"]
    assert [one.warning for one in ranked] == ["deepfake", "none", "unchecked", "edited"]
    assert ranked[-1].reach == 0 == ranked[-1].harm.total and ranked[2].engaged.estimated == 100
    assert joined.all_reach == 1000 + 5000 + 100 + 0 + 70 + 30 + 300 + 500
    told = {row["name"]: row["what"] for row in left_out(joined) if row["name"]}
    assert told == {
        "noface.jpg": "photo without a probability",
        "bad.jpg": "photo without a probability",
        "blind.jpg": "photo whose verdict is hidden",
        "unseen.jpg": "photo without figures",
        "empty.jpg": "photo without figures",
    }
    numbers = account(joined)
    assert sum(numbers[name] for name in numbers if name.startswith("photos_")) == numbers["photos"] == 9
    assert sentence(joined) == (
        "9 rows read, 1 about none of the photos. 4 of 9 photos ranked, 2 without a probability, "
        "1 with a verdict that is hidden from you, 2 without figures."
    )
    whole = document(joined, ranked, Weights(), 0.5)
    assert whole["reach_of_all"] == 7000 and len(whole["ranked"]) == 4 and not remarks(joined)
    assert "blind.jpg" not in str(whole["ranked"])


def test_equal_harm_is_ordered_by_probability_then_name():
    scored = photos(
        *(
            Scored(f"{name}.jpg", 2 * f"{at:032d}", "real", chance)
            for at, (name, chance) in enumerate((("b", 0.2), ("a", 0.2), ("c", 0.4)))
        )
    )
    rows = engagement(*(Row(2, f"{name}.jpg", views=0) for name in "abc"))
    assert [one.photo.name for one in rank(join(rows, scored), Weights(), 0.5)] == ["c.jpg", "a.jpg", "b.jpg"]


# Warnings, and what they cover


@pytest.mark.parametrize(
    ("label", "edited", "deepfake", "threshold", "reasons", "warning"),
    [
        ("deepfake", 0.9, 0.9, 0.5, (), "deepfake"),
        ("deepfake", 0.9, 0.6, 0.8, (), "edited"),
        ("deepfake", 0.9, 0.9, 0.95, (), "none"),
        ("facetune", 0.9, 0.4, 0.3, (), "edited"),
        ("facetune", 0.5, 0.4, 0.5, (), "edited"),
        ("real", 0.2, None, 0.5, (), "none"),
        ("real", 0.2, None, 0.1, (), "edited"),
        ("inconclusive", 0.9, None, 0.1, ("near_threshold",), "unchecked"),
        ("inconclusive", None, None, 0, (), "unchecked"),
        ("inconclusive", 0.9, 0.5, 0.5, ("kind_unclear",), "edited"),
        ("inconclusive", 0.9, 0.5, 0.95, ("kind_unclear",), "none"),
        ("inconclusive", 0.9, 0.5, 0.5, ("too_blurred", "kind_unclear"), "unchecked"),
        ("", None, None, 0.5, (), "unchecked"),
        ("", 0.9, 0.9, 0.5, (), "unchecked"),
    ],
)
def test_the_warning_of_a_photo(label, edited, deepfake, threshold, reasons, warning):
    assert warning_of(label, edited, deepfake, threshold, reasons) == warning


def test_no_warning_calls_a_photo_genuine():
    words = " ".join((*WARNINGS.values(), *NAMES.values())).lower()
    assert not any(word in words for word in ("genuine", "authentic", "real", "fake photo", "safe", "verified"))
    assert set(WARNINGS) == set(NAMES) == set(LEVELS)


def test_coverage_is_what_the_warnings_add_up_to_at_every_threshold():
    rng, each = np.random.default_rng(3), []
    for at in range(300):
        edited = round(float(rng.random()), 2)
        deepfake = round(float(rng.random()), 2) if edited > 0.5 else None
        label = str(
            rng.choice(["inconclusive", "real" if deepfake is None else "deepfake" if deepfake > 0.5 else "facetune"])
        )
        reasons = ("kind_unclear",) if label == "inconclusive" and rng.random() < 0.3 else ()
        each.append(Scored(f"{at}.jpg", f"{at:064x}", label, edited, deepfake, reasons))
    views = rng.pareto(1, 300) * 100
    rows = engagement(
        *(Row(at, f"{at}.jpg", views=int(seen)) for at, seen in enumerate(views)), Row(999, "none.jpg", views=50)
    )
    joined = join(rows, photos(*each))
    covered = coverage(joined)
    for place, threshold in enumerate(THRESHOLDS):
        counts = count_warnings(rank(joined, Weights(), float(threshold)))
        by = {level: counts.get(level, (0, 0.0)) for level in LEVELS}
        assert covered.deepfake[place] == pytest.approx(by["deepfake"][1])
        assert covered.edited[place] == pytest.approx(by["edited"][1])
        assert covered.photos[place] == by["deepfake"][0] + by["edited"][0]
        assert (covered.unchecked_photos, covered.unchecked) == (by["unchecked"][0], pytest.approx(by["unchecked"][1]))
    assert (np.diff(covered.warned) <= 1e-12).all() and covered.at(0.5) == 50
    assert covered.all_reach == sum(int(seen) for seen in views) + 50


def test_hidden_photos_are_covered_by_no_warning_and_nothing_seen_divides_by_nothing():
    covered = coverage(join(engagement(Row(2, "blind.jpg", views=300)), PEOPLE))
    assert not covered.warned.any() and covered.unchecked == 0 and covered.all_reach == 300
    none = coverage(join(engagement(Row(2, "fake.jpg", views=0)), PEOPLE))
    assert np.isnan(none.warned).all() and none.photos[0] == 1


def test_ranking_loads_no_network_and_no_streamlit():
    code = (
        "import sys, pipeline.reach.printed, pipeline.reach.kept, pipeline.reach.scored\n"
        "sys.exit(bool({'torch', 'streamlit', 'onnxruntime'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, timeout=60, check=False).returncode == 0
