"""Photos in, the command line's records out; each file answers for itself, and what is kept belongs to its key."""

import errno
import io
import json
import os
import time
import weakref
import zipfile

import pytest
from PIL import Image

from pipeline.api import answers, examinations, schemas
from pipeline.api.answers import finish
from pipeline.api.keys import Keys
from pipeline.cascade import examine
from pipeline.casebook.casebook import Casebook
from pipeline.errors import DiskFull
from pipeline.examining.loaded import load_cascade
from pipeline.photo import Photo
from pipeline.verdict import CAUTION
from tests.served_api import bearer, is_problem


def test_a_photo_is_answered_as_the_command_line_tells_it(api, face):
    answer = api.examine(face, heatmap="true").json()
    schemas.Examinations.model_validate(answer)
    (photo,) = answer["photos"]
    alone = examine(Photo.read(face[1]), load_cascade("quick")).as_dict()
    assert alone.items() <= photo.items() and photo["path"] == face[0]
    assert answer["caution"] == photo["caution"] == CAUTION and photo["release"] == answer["release"]
    assert photo["headline"] == "Indications of a deepfake" and photo["where"].startswith("The evidence peaks")


def test_a_photo_s_numbers_are_the_same_alone_and_among_others(api, sample, sample_names):
    names = sample_names[:7]
    alone = {name: api.examine((name, sample(name))).json()["photos"][0] for name in names[:3]}
    together = api.examine(*((name, sample(name)) for name in names)).json()["photos"]
    for photo in together[:3]:
        numbers = ("p_edited", "p_deepfake", "probabilities", "verdict", "faces", "reasons")
        assert {n: photo[n] for n in numbers} == {n: alone[photo["path"]][n] for n in numbers}
    assert [photo["path"] for photo in together] == names


def test_it_is_read_again_with_its_heatmap_until_it_is_deleted(api, face):
    photo = api.examine(face, heatmap="true").json()["photos"][0]
    assert api.client.get(photo["links"]["self"]).json() == photo
    heatmap = api.client.get(photo["links"]["heatmap"])
    picture = Image.open(io.BytesIO(heatmap.content))
    assert heatmap.headers["content-type"] == "image/png" and picture.size == (photo["width"], photo["height"])
    assert photo["sha256"] in picture.text["Source"]
    assert api.client.delete(photo["links"]["self"]).status_code == 204
    is_problem(api.client.get(photo["links"]["self"]), 404, "not_there")
    is_problem(api.client.delete(photo["links"]["self"]), 404, "not_there")


def test_without_asking_there_is_no_heatmap_no_evidence_and_no_case(api, face):
    photo = api.examine(face).json()["photos"][0]
    assert photo["links"]["heatmap"] is photo["evidence"] is photo["case"] is photo["where"] is None
    is_problem(api.client.get(photo["links"]["self"] + "/heatmap.png"), 404, "not_there")


def test_evidence_keeps_back_what_tells_where_and_who(api, hopper):
    exif = Image.Exif()
    exif[0x013B] = "Ada Lovelace"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)})
    buffer = io.BytesIO()
    Image.fromarray(hopper.rgb).save(buffer, "JPEG", exif=exif)
    answer = api.examine(("a.jpg", buffer.getvalue()), evidence="true").json()
    schemas.Examinations.model_validate(answer)
    facts = [fact for finding in answer["photos"][0]["evidence"] for fact in finding["facts"]]
    private = [fact for fact in facts if fact["private"]]
    assert private and all(fact["value"] is None for fact in private)
    assert any(fact["value"] for fact in facts if not fact["private"])


def test_of_the_photo_no_bytes_are_kept(api, home, face):
    api.examine(face, heatmap="true")
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert sorted(path.name for path in kept) == ["heatmap.png", "record.json"]
    assert not any(face[1][200:1200] in path.read_bytes() for path in kept)


def test_a_file_that_fails_does_not_fail_the_others(api, face, encode, hopper):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.jpg", b"\0" * 5_000_000)
    huge = encode(Image.new("L", (12_000, 12_000)))
    files = {
        "empty.jpg": (b"", "unreadable_photo"),
        "text.jpg": (b"not a photo at all", "unreadable_photo"),
        "cut.jpg": (face[1][: len(face[1]) // 2], "unreadable_photo"),
        "header.png": (huge[:40], "unreadable_photo"),
        "huge.png": (huge, "photo_too_large"),
        "renamed.exe": (face[1], ""),
        "photos.zip": (bomb.getvalue(), "unsafe_archive"),
        "../../etc/passwd": (b"root:x:0:0", "unreadable_photo"),
        "<script>\u202e.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "unreadable_photo"),
    }
    answer = api.examine(*((name, data) for name, (data, _) in files.items())).json()
    schemas.Examinations.model_validate(answer)
    codes = [photo.get("error", {}).get("code", "") for photo in answer["photos"]]
    assert codes == [code for _, code in files.values()]
    failed = [photo for photo in answer["photos"] if "error" in photo]
    assert all(photo["error"]["advice"] and photo["error"]["status"] in (413, 422) for photo in failed)


def test_a_photo_that_is_cut_short_is_examined_on_request(api, face):
    cut = ("cut.jpg", face[1][: len(face[1]) * 3 // 4])
    photo = api.examine(cut, partial="true").json()["photos"][0]
    assert photo["partial"] and "cut_short" in photo["reasons"]


def test_a_photo_is_stored_in_a_case_as_whoever_asked(serving, home, face, keys):
    owner, shown = keys.make("desk", ("examine", "cases"))
    api = serving()
    case = Casebook().create("The matter", blind=True)
    is_problem(api.examine(face, key=shown, case="The matter"), 404, "unknown_name")
    case.share("api:desk", "analyst")
    answer = api.examine(face, ("no.jpg", b"no photo"), key=shown, case="The matter").json()
    schemas.Examinations.model_validate(answer)
    assert answer["photos"][0]["case"] == {"id": case.id, "photo": 1, "is_new": True} and owner.name == "desk"
    record = case.record()
    assert [photo.name for photo in record.photos] == [face[0], "no.jpg"]
    acts = [(entry.act, entry.who) for entry in case.entries() if entry.act in ("added", "opened")]
    assert acts == [("added", "api:desk"), ("opened", "api:desk"), ("added", "api:desk")]
    again = api.examine(face, key=shown, case="The matter").json()["photos"][0]["case"]
    assert again == {"id": case.id, "photo": 1, "is_new": False}
    _, narrow = keys.make("narrow", ("examine",))
    is_problem(api.examine(face, key=narrow, case="The matter"), 403, "no_scope")


@pytest.mark.parametrize("role", ["viewer", "reviewer"])
def test_of_a_photo_that_may_not_be_added_no_bytes_are_kept(serving, home, face, keys, role):
    shown, case = keys.make("desk", ("examine", "cases"))[1], Casebook().create("The matter")
    case.share("api:desk", role)
    api, before = serving(), len(case.entries())
    for photo in (face, ("no.jpg", b"no photo")):
        is_problem(api.examine(photo, key=shown, case="The matter"), 403, "not_allowed")
    assert len(case.entries()) == before and not [path for path in home.glob("originals/**/*") if path.is_file()]
    assert not list((home / "api" / "examinations").glob("*"))


FAILURES = {"disk_full": DiskFull("no room"), "internal_error": OSError(errno.EIO, "a secret of the store")}


@pytest.mark.parametrize("code", FAILURES)
def test_a_failed_photo_that_cannot_be_stored_spoils_no_other(api, face, monkeypatch, capfd, code):
    add = answers.add_outcome

    def fragile(case, item, *rest):
        if item.name == "no.jpg":
            raise FAILURES[code]
        return add(case, item, *rest)

    monkeypatch.setattr(answers, "add_outcome", fragile)
    case = Casebook().create("The matter")
    bad, good = api.examine(("no.jpg", b"no photo"), face, case="The matter").json()["photos"]
    assert bad["error"]["code"] == code and good["case"] == {"id": case.id, "photo": 1, "is_new": True}
    log = capfd.readouterr().err
    assert ('"where": "answer"' in log) == (code == "internal_error") and "a secret of the store" not in log


def test_what_is_kept_belongs_to_its_key_and_goes_after_its_hours(serving, keys, face, home):
    mine, theirs, labels = (keys.make("x", (scope,))[1] for scope in ("examine", "examine", "label"))
    api = serving(api_keep_hours=1)
    photo = api.examine(face, key=mine).json()["photos"][0]
    path = f"/v1/examinations/{photo['id']}"
    assert api.client.get(path, headers=bearer(mine)).status_code == 200
    is_problem(api.client.get(path, headers=bearer(theirs)), 404, "not_there")
    is_problem(api.client.delete(path, headers=bearer(theirs)), 404, "not_there")
    label = api.client.post("/v1/labels", files={"file": face}, headers=bearer(labels)).json()
    assert api.client.get(label["details"], headers=bearer(labels)).json()["verdict"] == "deepfake"
    folder = home / "api" / "examinations" / photo["id"]
    assert api.service.kept.sweep() == 0
    os.utime(folder, (time.time() - 3700,) * 2)
    assert api.service.kept.sweep() == 1 and not folder.exists()


def test_an_id_that_there_is_not(api):
    for odd in ("../../keys", "0" * 32, "%2e%2e", "a" * 5000):
        for path in (f"/v1/examinations/{odd}", f"/v1/examinations/{odd}/heatmap.png", f"/v1/jobs/{odd}"):
            is_problem(api.client.get(path), 404, "not_there")


def test_a_fault_of_one_photo_spoils_no_other(api, face, other, monkeypatch, capfd):
    from pipeline.api import batching

    def fragile(photo, *rest):
        if photo.data == other[1]:
            raise ValueError("a secret of the photo")
        return examine(photo, *rest)

    def many(photos, *rest):
        return [fragile(photo, *rest) for photo in photos]

    monkeypatch.setattr(batching, "examine", fragile)
    monkeypatch.setattr(batching, "examine_many", many)
    good, bad = api.examine(face, other).json()["photos"]
    assert good["verdict"] == "deepfake" and bad["error"]["code"] == "internal_error" and bad["error"]["status"] == 500
    assert api.client.get("/readyz").status_code == 200
    log = capfd.readouterr().err
    assert '"event": "fault"' in log and "a secret of the photo" not in log


def test_a_photo_s_pixels_are_let_go_once_it_is_told(api, face, other, monkeypatch):
    told, still_held = [], []

    def noted(service, sender, name, data, outcome, *rest, **more):
        until = time.monotonic() + 3
        while any(one() is not None for one in told) and time.monotonic() < until:
            time.sleep(0.01)  # the thread that examines may hold a group for a moment
        still_held.append(sum(one() is not None for one in told))
        told.append(weakref.ref(outcome))
        return finish(service, sender, name, data, outcome, *rest, **more)

    monkeypatch.setattr(examinations, "finish", noted)
    assert len(api.examine(face, other, face).json()["photos"]) == 3
    assert still_held == [0, 0, 0]
    until = time.monotonic() + 3
    while told[-1]() is not None and time.monotonic() < until:
        time.sleep(0.01)
    assert told[-1]() is None, "nor while no other comes"


def test_a_call_queues_no_more_than_it_may_hold_decoded(api, face, monkeypatch):
    queued, ahead = [0], []

    def submit(*asked):
        queued[0] += 1
        return answers.submit(*asked)

    def noted(*facts, **more):
        time.sleep(0.1)  # those that are queued are done by now
        ahead.append(queued[0] - len(ahead))
        return finish(*facts, **more)

    monkeypatch.setattr(examinations, "submit", submit)
    monkeypatch.setattr(examinations, "finish", noted)
    monkeypatch.setattr(examinations, "AHEAD", 3)
    monkeypatch.setattr(examinations, "TOGETHER_BYTES", 1)
    assert [photo["path"] for photo in api.examine(*[face] * 5).json()["photos"]] == [face[0]] * 5
    assert ahead == [3, 2, 1, 2, 1], "beside one that is done and waits no other is queued"


def test_the_log_names_no_file_and_no_key(serving, keys, face, capfd):
    key, shown = keys.make("desk", ("examine",))
    api = serving()
    api.client.post("/v1/examinations", files={"files": face}, headers=bearer(shown) | {"X-Request-Id": "mine-1"})
    api.stop()
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    (call,) = [line for line in lines if line["event"] == "call"]
    assert (call["request"], call["key"], call["status"], call["route"]) == ("mine-1", key.id, 200, "/v1/examinations")
    assert call["ms"] > 0 and call["bytes_in"] > len(face[1]) and call["bytes_out"] > 100
    text = json.dumps(lines)
    assert face[0] not in text and shown not in text and shown.split("_", 2)[2] not in text
    assert isinstance(keys, Keys)
