"""A photo against its suspected original, in sentences: faces and surroundings apart, and what it does not tell."""

from pipeline.words.comparison import CAUTION, say_comparison


def part(pixels=1000, mean=1.23, high=9.6, beyond=0.012):
    none = {"pixels": 0, "mean": None, "high": None, "beyond": None}
    return {"pixels": pixels, "mean": mean, "high": high, "beyond": beyond} if pixels else none


def numbers(**more):
    return {"shared": 1.0, "pixels_per_pixel": 0.5, "mirrored": False, "inliers": 214, "error": 0.42, "faces": [part()],
            "outside": part(mean=0.8, high=4.2, beyond=0.0002), "noise_from": "outside"} | more  # fmt: skip


def test_how_they_lie_and_how_far_they_differ_inside_and_outside():
    assert say_comparison(numbers()) == [
        "The original has pixels in 100 % of the photo, at 0.50 of its size; 214 points agree to within 0.4 px.",
        "Outside the faces they differ by 0.8 of 255 grey levels on average (99 % by less than 4), <0.1 % of it by "
        "more than re-compression explains.",
        "In the face they differ by 1.2 of 255 grey levels on average (99 % by less than 10), 1.2 % of it by more than "
        "re-compression explains.",
        CAUTION,
    ]


def test_what_is_odd_is_said():
    said = " ".join(say_comparison(numbers(faces=[part(), part(0)], mirrored=True, inliers=0, error=None,
                                           pixels_per_pixel=1.0, noise_from="everywhere")))  # fmt: skip
    assert "at its own size, mirrored; the frames alone were laid on one another." in said
    assert "In face 1 they differ" in said and "In face 2 there is nothing to compare." in said
    assert "would pass for re-compression" in said


def test_without_faces_only_the_surroundings_are_said():
    assert len(say_comparison(numbers(faces=[]))) == 3
    assert len(say_comparison(numbers(faces=[], outside=part(0)))) == 2
