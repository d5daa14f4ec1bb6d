import json
import zipfile
from dataclasses import replace
from hashlib import sha256

import pytest

from pipeline.casebook.archive import Archive, export_case, import_case
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.checks.check import Check
from pipeline.casebook.checks.verify import verify_archive, verify_case
from pipeline.casebook.log import Entry, canonical
from pipeline.casebook.people import Person
from pipeline.casebook.report.write import write_report
from pipeline.errors import AlteredObject, BadArchive, BadCase, NewerCasebook, NotAllowed, TriageError, WouldOverwrite


@pytest.fixture
def full(case, add):
    """A case with all there is in one: photos, opinions, tags, a deletion."""
    for name in ("hopper_real.jpg", "hopper_face_swap.jpg", "coffee_no_face.jpg"):
        add(case, name)
    case.hold(1, "real", "nothing odd")
    case.tag(2, ["front page"])
    case.delete(3, "not of this matter")
    case.share("bob", "reviewer")
    return case


@pytest.fixture
def packed(full, tmp_path):
    path = tmp_path / "case.zip"
    export_case(full, path)
    return path


def test_an_archive_takes_the_place_of_one_but_of_no_photo_and_no_other_archive(full, packed, sample):
    before = packed.read_bytes()
    export_case(full, packed)
    assert packed.read_bytes() != before, "the log went on: the export is told"
    with zipfile.ZipFile(packed.with_name("photos.zip"), "w") as archive:
        archive.writestr("hopper.jpg", sample("hopper_real.jpg"))
    packed.with_name("photo.pdf").write_bytes(sample("hopper_real.jpg"))
    for name in ("photos.zip", "photo.pdf"):
        own = packed.with_name(name).read_bytes()
        with pytest.raises(WouldOverwrite, match=name):
            export_case(full, packed.with_name(name))
        with pytest.raises(WouldOverwrite, match=name):
            write_report(full, packed.with_name(name))
        assert packed.with_name(name).read_bytes() == own


def members(path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path, files: dict[str, bytes], name: str = "other.zip"):
    other = path.with_name(name)
    with zipfile.ZipFile(other, "w") as archive:
        for member, data in files.items():
            archive.writestr(member, data)
    return other


def failing(checks) -> list[Check]:
    return [check for check in checks if not check.holds]


def test_an_archive_holds_the_log_and_every_byte_that_it_names(full, packed):
    files = members(packed)
    lines = files["log.jsonl"].splitlines()
    record = full.record()
    assert len(lines) == json.loads(files["case.json"])["entries"] == len(full.entries()) - 1, "all but the export"
    for photo in record.photos[:2]:
        assert sha256(files[f"originals/{photo.sha256}"]).hexdigest() == photo.sha256
        assert f"objects/{photo.examined.dossier}" in files
    assert f"originals/{record.photos[2].sha256}" not in files, "it was deleted"
    assert [entry.act for entry in full.entries()][-1] == "exported"


def test_another_installation_takes_the_case_over_and_all_holds(full, packed, tmp_path, setting):
    setting(home=tmp_path / "elsewhere")
    there = Casebook(Person("carl"))
    taken = import_case(there, packed)
    mine, theirs = full.record(), taken.record()
    assert (theirs.id, theirs.name, theirs.photos, theirs.created_by) == (mine.id, mine.name, mine.photos, "ada")
    assert failing(verify_case(taken, rerun=False)) == []
    assert failing(verify_archive(Archive(packed), rerun=False)) == []
    assert [entry.act for entry in taken.entries()][-3:] == ["imported", "shared", "verified"]
    with pytest.raises(BadCase, match="here already"):
        import_case(there, packed)


def test_whoever_may_only_look_takes_nothing_over(packed, tmp_path):
    with pytest.raises(NotAllowed):
        import_case(Casebook(Person("eve", "viewer"), home=tmp_path / "other"), packed)


def test_every_single_changed_byte_of_a_member_is_found_and_nothing_is_taken_in(packed, tmp_path):
    files = members(packed)
    home = tmp_path / "third"
    for name, data in files.items():
        if name == "README.txt":
            continue
        for place in (0, len(data) // 2, len(data) - 1):
            changed = bytearray(data)
            changed[place] ^= 1
            other = rewritten(packed, files | {name: bytes(changed)})
            try:
                with Archive(other) as archive:
                    assert failing(verify_archive(archive, rerun=False)), (name, place)
            except BadArchive:
                pass
            with pytest.raises(TriageError):
                import_case(Casebook(Person("x"), home=home), other)
    assert Casebook(Person("x"), home=home).cases() == []


def test_a_changed_byte_of_the_file_itself_changes_no_verified_fact(packed):
    """A zip has bytes of its own: what they change is either found, or changes nothing of the case."""
    data, before = packed.read_bytes(), members(packed)
    for place in range(0, len(data), max(1, len(data) // 150)):
        other = packed.with_name("bent.zip")
        other.write_bytes(data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :])
        try:
            with Archive(other) as archive:
                bad = failing(verify_archive(archive, rerun=False))
            unchanged = bad or members(other) == before or members(other)["README.txt"] != before["README.txt"]
        except (TriageError, zipfile.BadZipFile, NotImplementedError, OSError):
            continue
        assert unchanged, place


def test_entries_cut_off_the_end_are_missed_even_where_the_chain_holds(packed):
    files = members(packed)
    lines = files["log.jsonl"].splitlines(keepends=True)
    other = rewritten(packed, files | {"log.jsonl": b"".join(lines[:-1])})
    assert "entries are missing" in " ".join(check.says for check in failing(verify_archive(Archive(other), False)))
    with pytest.raises(BadArchive, match="entries are missing"):
        import_case(Casebook(Person("x"), home=packed.parent / "fourth"), other)


def test_a_file_that_the_log_does_not_name_and_one_that_is_gone_are_named(packed):
    files = members(packed)
    extra, gone = f"objects/{sha256(b'x').hexdigest()}", next(name for name in files if name.startswith("originals/"))
    added = failing(verify_archive(Archive(rewritten(packed, files | {extra: b"x"})), False))
    assert [check.what for check in added] == [extra]
    lacking = {name: data for name, data in files.items() if name != gone}
    other = rewritten(packed, lacking)
    assert any("original" in check.what for check in failing(verify_archive(Archive(other), False)))
    with pytest.raises(AlteredObject):
        import_case(Casebook(Person("x"), home=packed.parent / "fifth"), other)


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "objects/../x", "originals/ABC", "objects/" + "g" * 64])
def test_a_member_with_a_name_of_its_own_is_refused(packed, name):
    with pytest.raises(BadArchive, match="holds what no archive"):
        Archive(rewritten(packed, members(packed) | {name: b"x"}))


def test_no_archive_and_a_newer_one_are_said(tmp_path, packed):
    for number, data in enumerate((b"", b"PK", b"<html>", packed.read_bytes()[:-200])):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(data)
        with pytest.raises(BadArchive, match="is no archive of a case"):
            Archive(path)
    files = members(packed)
    head = json.loads(files["case.json"]) | {"form": 2}
    with pytest.raises(NewerCasebook, match="form 2"):
        Archive(rewritten(packed, files | {"case.json": canonical(head)}))


def test_a_log_in_an_unknown_form_is_refused_although_its_hashes_fit(packed):
    files = members(packed)
    entries = [Entry(**json.loads(line)) for line in files["log.jsonl"].splitlines()]
    broken, before = [], "0" * 64
    for entry in entries:
        changed = replace(entry, facts={"odd": 1}, before=before)
        broken.append(replace(changed, sha256=changed.digest))
        before = broken[-1].sha256
    head = json.loads(files["case.json"]) | {"head": before}
    log = b"".join(canonical(entry.as_dict()) + b"\n" for entry in broken)
    other = rewritten(packed, files | {"log.jsonl": log, "case.json": canonical(head)})
    with pytest.raises(BadArchive, match="form that is not known"):
        import_case(Casebook(Person("x"), home=packed.parent / "sixth"), other)
