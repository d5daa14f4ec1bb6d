"""`examine`: the same numbers whoever asks and however many, and nothing silently left out."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from models.detector import TURN
from models.errors import UnknownName, WeightsMismatch
from models.release import read_release
from models.serving import Answers
from pipeline import cascade as module
from pipeline.cascade import examine, examine_many, explain
from pipeline.examination import Examination
from pipeline.examining import loaded
from pipeline.examining.edit_map import RAISED
from pipeline.examining.find_faces import find_faces
from pipeline.examining.loaded import PREPROCESSING, Cascade, detector_of, load_cascade
from pipeline.examining.networks import FaceCrops, outputs_of
from pipeline.examining.questions import Question
from pipeline.face import REGIONS, cut, window_of
from pipeline.photo import Photo
from pipeline.regions import region_of
from tests.conftest import SAMPLES


@pytest.fixture(scope="module")
def photos(sample, hopper, collins) -> list[Photo]:
    names = ("collins_makeup.jpg", "coffee_no_face.jpg", "hopper_face_swap.jpg", "collins_resynthesis.jpg")
    return [hopper, *(Photo.read(sample(name)) for name in names), collins]


@pytest.fixture(scope="module")
def group(hopper, collins) -> Photo:
    """Five faces in one photo."""
    cuts = [cut(photo.rgb, window_of(find_faces(photo)[0].landmarks, 1.7), 160) for photo in (hopper, collins)]
    row = np.concatenate([cuts[0], cuts[1], cuts[0][:, ::-1], cuts[1][:, ::-1], cuts[0]], axis=1)
    return Photo(np.ascontiguousarray(row), "0" * 64, b"group", "PNG")


def numbers(examination: Examination) -> list[object]:
    return [(entry.verdict, entry.face.box, entry.face.window) for entry in examination.faces]


def with_thresholds(cascade: Cascade, edited: float, deepfake: float = 0.5) -> Cascade:
    """Return a cascade that passes faces on from another threshold, without bands, stability or scope."""
    release = cascade.release
    first = replace(release.edited, threshold=edited, abstain=(edited, edited), stability_margin=0)
    second = replace(release.deepfake, threshold=deepfake, abstain=(deepfake, deepfake), stability_margin=0)
    return replace(cascade, release=replace(release, edited=first, deepfake=second, min_face=1, scope={}))


def test_the_same_photo_gives_the_same_numbers_alone_together_and_in_any_order(photos, group, cascade):
    every = [*photos, group]
    alone = [numbers(examine(photo, cascade, heatmaps=False)) for photo in every]
    assert [len(found) for found in alone] == [1, 1, 0, 1, 1, 1, 5]
    assert [numbers(e) for e in examine_many(every, cascade, heatmaps=False)] == alone
    assert [numbers(e) for e in examine_many(every[::-1], cascade, heatmaps=False)] == alone[::-1]
    assert [numbers(e) for e in examine_many(every[3:6], cascade, heatmaps=False)] == alone[3:6]


def test_the_newest_release_gives_the_same_numbers_alone_together_and_with_maps(hopper, collins, newest):
    every = with_thresholds(newest, 0.0)
    together = [numbers(e) for e in examine_many([hopper, collins], every)]
    assert together == [numbers(examine(photo, every, heatmaps=False)) for photo in (hopper, collins)]
    assert all(verdict.deepfake for found in together for verdict, *_ in found)


def test_the_batch_size_changes_no_number(photos, group, cascade, setting):
    every, found = [photos[0], group], []
    for batch_size in (4, 1, 3):
        setting(batch_size=batch_size)
        found.append([numbers(e) for e in examine_many(every, cascade, heatmaps=False)])
    assert found[0] == found[1] == found[2]


def test_how_many_faces_are_held_at_once_changes_no_number(group, cascade, monkeypatch):
    expected = numbers(examine(group, cascade, heatmaps=False))
    monkeypatch.setattr(module, "TOGETHER", 2)
    assert numbers(examine(group, cascade, heatmaps=False)) == expected


def test_both_stages_are_the_same_alone_and_together(photos, group, cascade):
    every, some = with_thresholds(cascade, 0.0), [*photos[:4:3], group]
    together = [numbers(e) for e in examine_many(some, every, heatmaps=False)]
    assert together == [numbers(examine(photo, every, heatmaps=False)) for photo in some]
    assert all(verdict.deepfake for found in together for verdict, *_ in found)


def test_heatmaps_change_no_number(hopper, collins, cascade):
    with_maps = examine_many([hopper, collins], cascade)
    assert [numbers(e) for e in with_maps] == [numbers(examine(p, cascade, heatmaps=False)) for p in (hopper, collins)]
    assert all(len(entry.heatmaps) == 1 for e in with_maps for entry in e.faces)
    assert all(not entry.heatmaps for entry in examine(hopper, cascade, heatmaps=False).faces)


def test_the_same_photo_twice_is_the_same_to_the_last_bit(hopper, cascade):
    first, second = examine(hopper, cascade), examine(hopper, cascade)
    assert first.as_dict() == second.as_dict()
    (one,), (two,) = first.faces[0].heatmaps, second.faces[0].heatmaps
    assert (one.grid == two.grid).all() and one.faithfulness == two.faithfulness


def test_a_map_hardly_depends_on_its_neighbours(hopper, collins, cascade):
    alone = examine(collins, cascade).faces[0].heatmaps[0]
    among = examine_many([hopper, collins], cascade)[1].faces[0].heatmaps[0]
    np.testing.assert_allclose(among.grid, alone.grid, rtol=1e-3, atol=1e-5 + 1e-4 * np.abs(alone.grid).max())


def counted(cascade: Cascade) -> tuple[Cascade, list[int]]:
    """Return a cascade whose second stage counts the crops that it is given."""
    seen: list[int] = []

    class Counting:
        def answers(self, pixels: np.ndarray) -> Answers:
            seen.append(len(pixels))
            return cascade.networks["deepfake"].answers(pixels)

    return replace(cascade, networks={**cascade.networks, "deepfake": Counting()}), seen


@pytest.mark.parametrize(("threshold", "runs"), [(1.1, False), (0.0, True)])
def test_the_second_stage_runs_only_where_the_first_passes(threshold, runs, hopper, cascade):
    watched, seen = counted(with_thresholds(cascade, threshold))
    (entry,) = examine(hopper, watched, heatmaps=False).faces
    assert bool(seen) == runs == (entry.verdict.deepfake is not None)
    assert entry.verdict.label in (("deepfake", "facetune") if runs else ("real",))


def test_the_second_stage_sees_only_those_faces_that_passed(group, cascade):
    scores = sorted(entry.verdict.edited.probability for entry in examine(group, cascade, heatmaps=False).faces)
    middle = (scores[2] + scores[3]) / 2
    watched, seen = counted(with_thresholds(cascade, middle))
    found = examine(group, watched, heatmaps=False).faces
    assert sum(seen) == 2
    assert [entry.verdict.deepfake is None for entry in found] == [e.verdict.edited.probability < middle for e in found]


@pytest.mark.parametrize(
    ("edited", "deepfake", "stage", "label"),
    [(1.1, 0.5, "edited", "real"), (0.0, 0.0, "deepfake", "deepfake"), (0.0, 1.1, "deepfake", "facetune")],
)
def test_an_account_of_the_score_is_of_the_stage_that_decided_and_the_label_shown(
    edited, deepfake, stage, label, hopper, cascade
):
    accounts = replace(cascade.release, edited=replace(cascade.release.edited, heatmap="gradcam"))
    (entry,) = examine(hopper, with_thresholds(replace(cascade, release=accounts), edited, deepfake)).faces
    (heatmap,) = entry.heatmaps
    assert (entry.verdict.label, heatmap.stage, heatmap.label) == (label, stage, label)
    assert heatmap.window == entry.face.window and heatmap.grid.shape == (16, 16)
    assert heatmap.state == "flat" or np.isfinite(heatmap.faithfulness)


def test_the_map_of_an_abstention_is_for_what_was_nearly_said(hopper, cascade):
    release = cascade.release
    unsure = replace(cascade, release=replace(release, edited=replace(release.edited, abstain=(0.0, 1.1))))
    (entry,) = examine(hopper, unsure).faces
    assert entry.verdict.reasons == ("near_threshold",) and entry.heatmaps[0].label == "edited"


@pytest.mark.parametrize(
    ("method", "stage", "label"),
    [("gradcam", "deepfake", "deepfake"), ("mask", "edited", "edited"), ("parts", "edited", "edited")],
)
def test_an_edited_face_is_first_asked_where_if_the_first_stage_answers_that(method, stage, label, photos, cascade):
    release = cascade.release
    asked = replace(cascade, release=replace(release, edited=replace(release.edited, heatmap=method)))
    swapped, real = examine_many([photos[3], photos[0]], asked)
    (made,) = swapped.faces[0].heatmaps
    assert swapped.faces[0].verdict.label == "deepfake"
    assert (made.stage, made.label, made.method) == (stage, label, "gradcam" if stage == "deepfake" else method)
    assert (real.faces[0].heatmaps[0].stage, real.faces[0].heatmaps[0].label) == ("edited", "real")


def test_maps_for_any_stage_and_label_on_request(hopper, cascade):
    faces = find_faces(hopper)
    for stage, labels in (("edited", ("edited", "real")), ("deepfake", ("deepfake", "facetune"))):
        maps = [explain(cascade, FaceCrops.of(faces), [Question(stage, label)])[0] for label in labels]
        assert [(heatmap.stage, heatmap.label) for heatmap in maps] == [(stage, label) for label in labels]
        np.testing.assert_allclose(maps[0].grid, -maps[1].grid, rtol=1e-4, atol=1e-7)


def test_a_map_by_parts_raises_the_part_that_the_network_holds_edited(photos, cascade):
    """Wherever the face lies in its photo, and whatever its size."""
    small = cv2.resize(photos[0].rgb, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    shifted = Photo(cv2.copyMakeBorder(small, 70, 0, 130, 0, cv2.BORDER_REFLECT), "0" * 64, b"shifted", "PNG")
    for photo in (photos[3], shifted):
        (face, *_) = find_faces(photo)
        crops, asked = FaceCrops.of([face]), [Question("edited", "edited")]
        mask, parts = (explain(cascade, crops, asked, how)[0] for how in ("mask", "parts"))
        edited = 1 / (1 + np.exp(-outputs_of(cascade, "edited", crops.pixels)[0, 1:]))
        raised = parts.grid - mask.grid
        assert raised.min() > -1e-3 and raised.max() <= RAISED * edited.max() + 1e-3
        place = replace(parts, grid=np.asarray(raised, np.float32)).peak_point
        assert region_of(place, face.landmarks) == list(REGIONS)[int(edited.argmax())]


def test_no_other_thread_may_run_a_network_meanwhile(hopper, cascade):
    """An explanation hooks into the network: another thread's batch would end up in its map."""
    free: list[bool] = []

    def take() -> bool:
        taken = TURN.acquire(blocking=False)
        if taken:
            TURN.release()
        return taken

    def ask(*_: object) -> None:
        with ThreadPoolExecutor(1) as pool:
            free.append(pool.submit(take).result())

    accounts = replace(cascade.release, edited=replace(cascade.release.edited, heatmap="gradcam"))
    cascade = replace(cascade, release=accounts)
    detectors = [detector_of(card.weights) for card in cascade.cards.values()]
    handles = [detector.cam_layer.register_forward_hook(ask) for detector in detectors]
    examine(hopper, with_thresholds(cascade, 0.0))
    for handle in handles:
        handle.remove()
    assert len(free) >= 1 and not any(free)


def test_no_face_is_inconclusive_never_a_guess(sample, cascade):
    found = examine(Photo.read(sample("coffee_no_face.jpg")), cascade)
    assert found.faces == () and found.decisive is None
    assert found.verdict.label == "inconclusive" and found.verdict.reasons == ("no_face",)
    said = found.as_dict()
    assert said["p_edited"] is said["p_deepfake"] is None and said["faces"] == []
    assert said["probabilities"] == {"real": None, "deepfake": None, "facetune": None}


@pytest.mark.parametrize("side", [1, 7, 20])
def test_an_icon(side, hopper, cascade):
    rgb = cv2.resize(hopper.rgb, (side, side), interpolation=cv2.INTER_AREA)
    found = examine(Photo(rgb, "0" * 64, b"icon", "PNG"), cascade)
    assert found.verdict.reasons == ("no_face",)


def test_a_face_too_small_to_judge_says_so_and_keeps_its_score(hopper, cascade):
    canvas = np.full((300, 400, 3), 90, np.uint8)
    canvas[100:250, 100:228] = cv2.resize(hopper.rgb, (128, 150), interpolation=cv2.INTER_AREA)
    (face,) = find_faces(Photo(canvas, "0" * 64, b"", "PNG"))
    strict = replace(cascade, release=replace(cascade.release, min_face=int(face.size) + 1))
    found = examine(Photo(canvas, "0" * 64, b"", "PNG"), strict)
    assert found.verdict.label == "inconclusive" and "face_too_small" in found.verdict.reasons
    assert found.as_dict()["p_edited"] is not None


def test_faces_beyond_the_limit_are_left_out_and_it_is_said(group, cascade, setting):
    whole = examine(group, cascade, heatmaps=False)
    assert whole.unjudged == () and "too_many_faces" not in whole.verdict.reasons
    setting(max_faces=3)
    part = examine(group, cascade, heatmaps=False)
    assert numbers(part) == numbers(whole)[:3], "the largest are kept"
    assert len(part.unjudged) == 2 and part.verdict.reasons[-1] == "too_many_faces"
    said = part.as_dict()
    assert said["reasons"][-1] == "too_many_faces" and said["faces_left_out"] == 2
    label = part.decisive.verdict.label
    assert part.verdict.label == ("inconclusive" if label == "real" else label), "never plainly without indication"


def test_the_photos_verdict_is_that_of_its_most_suspicious_face(group, cascade):
    found = examine(group, with_thresholds(cascade, 0.5), heatmaps=False)
    assert found.decisive.verdict.suspicion == max(entry.verdict.suspicion for entry in found.faces)
    assert found.verdict == found.decisive.verdict
    assert found.as_dict()["p_edited"] == round(found.decisive.verdict.edited.probability, 6)


@pytest.mark.parametrize(("word", "close", "step"), [("quick", 1e-4, 1), ("thorough", 0.6, 3)])
def test_what_scores_and_what_is_explained_are_one_network(word, close, step, photos):
    """The score comes from onnxruntime, the map from torch: one function, but that int8 rounds."""
    cascade = load_cascade(word)
    pixels = FaceCrops.of([face for photo in photos[::step] for face in find_faces(photo)]).pixels
    for stage, card in cascade.cards.items():
        with torch.inference_mode():
            said = detector_of(card.weights)(torch.from_numpy(pixels)).logit.numpy()
        np.testing.assert_allclose(outputs_of(cascade, stage, pixels)[:, 0], said, atol=close)


def test_a_verdict_and_its_map_need_no_torch(sample):
    """Importing it takes longer than a hundred verdicts."""
    code = (
        "import sys; from pathlib import Path; from pipeline.cascade import examine; from pipeline.photo import Photo;"
        "found = [examine(Photo.read(Path(path).read_bytes()), heatmaps=True) for path in sys.argv[1:]];"
        "assert all(one.faces[0].heatmaps for one in found) and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, SAMPLES / "hopper_face_swap.jpg"], check=True)


def test_nothing_at_all_is_examined(cascade):
    assert examine_many([], cascade) == []
    assert len(FaceCrops.of([])) == FaceCrops.of([]).pixels.shape[0] == 0


def test_loading_is_done_once(cascade, newest):
    assert load_cascade() is load_cascade(newest.release.name) is newest is not cascade
    assert load_cascade("quick") is load_cascade(cascade.release.name) is cascade
    weights = cascade.release.edited.weights
    assert detector_of(weights) is detector_of(weights) and not detector_of(weights).training


def test_an_unknown_release():
    with pytest.raises(UnknownName, match="no release named 'nothing'"):
        load_cascade("nothing")


def test_the_settings_name_a_release(setting, cascade):
    setting(release=cascade.release.name)
    assert load_cascade() is cascade
    setting(release="nothing")
    with pytest.raises(UnknownName):
        load_cascade()


@pytest.fixture
def released(monkeypatch):
    """Put another release in place of the newest; what was loaded before stays so."""

    def put(**changes: object) -> None:
        changed = replace(read_release("quick"), sha256="f" * 64, **changes)
        monkeypatch.setattr(loaded, "read_release", lambda name="": changed)

    monkeypatch.setattr(loaded, "_load", loaded._load.__wrapped__)
    return put


@pytest.mark.parametrize("change", [{"input_size": 224}, {"container": "PNG"}, {"crop_scale": 1.3}, {"more": 1}])
def test_a_release_made_with_other_preprocessing_is_refused(change, released):
    released(preprocessing=PREPROCESSING | change)
    with pytest.raises(WeightsMismatch, match="wants preprocessing"):
        load_cascade()


def test_weights_in_the_wrong_stage_are_refused(released):
    release = read_release("quick")
    released(edited=replace(release.edited, weights=release.deepfake.weights))
    with pytest.raises(WeightsMismatch, match="for a stage or an input it was not made for"):
        load_cascade()


def test_a_network_that_gives_no_number_is_refused(hopper, cascade):
    sound = cascade.networks["edited"]

    class Broken:
        def answers(self, pixels: np.ndarray) -> Answers:
            said = sound.answers(pixels)
            return said._replace(scores=said.scores * np.float32("nan"))

    cascade = replace(cascade, networks={**cascade.networks, "edited": Broken()})
    with pytest.raises(WeightsMismatch, match="gave no number"):
        examine(hopper, cascade, heatmaps=False)
