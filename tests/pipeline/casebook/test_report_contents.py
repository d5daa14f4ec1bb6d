"""What a report tells, in which order, and what it says where something is missing."""

import dataclasses
import re
from dataclasses import replace

import pytest

from pipeline.casebook.case_record import Timestamp
from pipeline.casebook.report import contents
from pipeline.casebook.report.blocks import Facts, Headline, Items, Paragraph, Picture, Pictured, Pictures, Scale, Table
from pipeline.casebook.report.contents import Report
from pipeline.casebook.stored import unpack_verdict
from pipeline.errors import TriageError
from pipeline.words import verdicts
from tests.made_up_case import case_photo, case_record, keep_examined, made_up_case, release
from tests.made_up_case import examination as made_up_examination


def sections(record, objects, **options):
    return list(Report.of(record, objects, **options).sections())


def texts(part) -> list[str]:
    """Return every piece of text in sections and blocks, in their order."""
    if isinstance(part, str):
        return [part]
    if dataclasses.is_dataclass(part):
        return [text for field in dataclasses.fields(part) for text in texts(getattr(part, field.name))]
    return [text for one in part for text in texts(one)] if isinstance(part, list | tuple) else []


def text_of(part) -> str:
    return "\n".join(texts(part))


def called(parts, title, name=None):
    """Return the one section of a title, or of a photo's part the one after the photo's own."""
    (section,) = (part for part in parts if part.title == title and (name is None or part.name == name))
    return section


def of_photo(parts, number):
    """Return a photo's sections."""
    start = next(place for place, part in enumerate(parts) if part.title == f"Photo {number}")
    end = next((place for place in range(start + 1, len(parts)) if parts[place].level < 3), len(parts))
    return parts[start:end]


def blocks_of(parts, kind):
    return [block for part in parts for block in part.blocks if isinstance(block, kind)]


@pytest.fixture(scope="module")
def case():
    return made_up_case()


@pytest.fixture(scope="module")
def parts(case):
    return sections(*case)


def test_what_was_not_done_stands_before_any_verdict(parts):
    titles = [part.title for part in parts if part.level == 1]
    assert titles == [
        "The case",
        "Scope",
        "What was not done",
        "Summary",
        "The photos",
        "How the evidence is read",
        "Releases",
        "Software and machine",
        "The head of the log",
        "How to verify",
    ]
    opening = text_of(parts[:2])
    assert not any(line in opening for line in verdicts.HEADLINES.values())


def test_the_case_is_named_with_its_head(case, parts):
    text = text_of(called(parts, "The case"))
    record = case[0]
    for fact in (record.name, record.id, record.head, "7, and 1 deleted", "Two of them came by chat.", "ben: reviewer"):
        assert fact in text


def test_what_was_not_done_is_told_in_numbers(parts):
    (items,) = called(parts, "What was not done").blocks
    assert isinstance(items, Items)
    lines = dict(items.items)
    assert "1 of 7 photos could not be examined" in lines["Not every photo was examined."]
    assert "1 of 7 photos" in lines["Photos that still wait have no verdict."]
    assert "In 1 of 5 photos no face was found" in lines["Photos without a face were not judged."]
    assert (
        "more than once, of which the last time counts: 1 of 7" in lines["No photo was examined again for this report."]
    )
    assert "heavy professional retouching may pass unnoticed" in lines[f"What release {release().name} is blind to."]
    assert "5 that tell where or who" in lines["Private facts are not given."]
    for lead in (
        "“No indication” clears no photo.",
        "Nobody was identified.",
        "The web was not searched.",
        "Edits outside of faces were not looked for.",
        "The log has no signed time stamp.",
        "Deleted photos are not told of.",
    ):
        assert lines[lead]


def test_faces_that_were_not_examined_files_cut_short_and_small_faces_are_among_what_was_not_done():
    record, objects = made_up_case()

    def change(dossier):
        dossier["record"]["faces_unjudged"] = [{"why": "too_many_faces", "size": 40, "box": None}] * 3
        dossier["record"] |= {"partial": True, "faces_seen_from": 200, "faces_account": "4 faces: 1 examined"}

    examined = keep_examined(objects, made_up_examination("real", 9), 40, change)
    photo = replace(record.photos[1], examinations=(examined,))
    parts = sections(replace(record, photos=(photo,)), objects)
    lines = dict(called(parts, "What was not done").blocks[0].items)
    assert "Seen and not examined: 3, in 1 of 1 photos." in lines["Not every face was examined."]
    assert "1 of 1 photos are cut short" in lines["Missing parts of photos were not seen."]
    assert "In 1 of 1 photos" in lines["Small faces were not looked for everywhere."]
    text = text_of(of_photo(parts, 2))
    assert "Not every face of this photo was examined" in text and "The file is cut short" in text


def test_a_signed_log_says_by_whom_and_what_came_after():
    record, objects = made_up_case()
    stamp = Timestamp(20, "ee" * 32, "2026-11-28T10:00:00Z", "Time Authority", "aa" * 32)
    parts = sections(replace(record, timestamps=(stamp,)), objects)
    lines = dict(called(parts, "What was not done").blocks[0].items)
    assert "The log has no signed time stamp." not in lines
    assert lines["The newest entries have no signed time stamp."].startswith(
        f"{record.entries - 20} were written after"
    )
    assert "Time Authority" in text_of(called(parts, "The head of the log"))
    newest = replace(stamp, entry=record.entries)
    lines = dict(called(sections(replace(record, timestamps=(newest,)), objects), "What was not done").blocks[0].items)
    assert not any("signed time stamp" in lead for lead in lines)


def test_the_summary_counts_verdicts_and_opinions(parts):
    summary = called(parts, "Summary")
    tables = {block.title: block for block in summary.blocks if isinstance(block, Table)}
    counts = {row[0]: row[1:] for row in tables["Verdicts"].rows}
    assert counts["▲ Indications of a deepfake"] == ("1", "20 %")
    assert counts["◐ Inconclusive"] == ("2", "40 %")
    assert counts["Could not be examined"] == ("1", "–") and counts["Not examined yet"] == ("1", "–")
    beside = tables["Opinions that count, beside the verdicts"]
    assert ("Deepfake", "2", "0", "0", "0") in beside.rows and ("Cannot tell", "0", "0", "0", "1") in beside.rows
    assert "1; all people agree on 1" in text_of(summary)
    assert tables["People, beside the release"].rows == [("anna", "1", "0", "1 of 1"), ("ben", "2", "1", "1 of 1")]
    assert tables["People, beside each other"].rows == [("anna, ben", "1", "1", "–")]


def test_a_deleted_photo_leaves_its_hash_and_the_reason(case, parts):
    summary = called(parts, "Summary")
    (table,) = (block for block in summary.blocks if isinstance(block, Table) and block.title.startswith("Deleted"))
    assert [*sections(*case)[3].blocks[-2].rows] == [("8", "private.jpg", "cd" * 32, "The owner asked for it.")]
    assert table.hashes == (2,) and not any(part.title == "Photo 8" for part in parts)


def test_every_photo_has_a_line_that_leads_to_it(case):
    table = called(sections(*case), "Summary").blocks[-1]
    rows = list(table.rows)
    assert [row[0] for row in rows] == ["1", "2", "3", "4", "5", "6", "7"] and table.leads_to == "photo-"
    assert rows[0][2] == "▲ Deepfake" and rows[5][2] == "not examined yet" and rows[6][2] == "could not be examined"


def test_a_photo_is_told_with_its_facts_and_thumbnail(case, parts):
    record, objects = case
    photo = record.photos[0]
    (block,) = blocks_of(of_photo(parts, 1), Pictured)
    assert objects.read(photo.examined.thumbnail) == block.picture.data and block.picture.media == "image/jpeg"
    facts = {entry.name: entry.value for entry in block.facts.entries}
    assert facts["SHA-256"] == photo.sha256 and facts["Pixels"] == "360 × 420" and facts["Format"] == "JPEG"
    assert facts["Added"] == f"{photo.at} by anna" and facts["Source"] == "files" and facts["Tags"] == "suspect"
    assert facts["On reading"] == "turned upright by its EXIF" and "bytes)" in facts["Size"]


@pytest.mark.parametrize("number, label", [(1, "deepfake"), (2, "real"), (3, "facetune"), (4, "inconclusive")])
def test_the_words_of_a_verdict_are_those_of_the_page(number, label):
    record, objects = made_up_case()
    result = made_up_examination(label, number)
    (headline,) = blocks_of(of_photo(sections(record, objects), number), Headline)
    assert headline.text == verdicts.headline(result.verdict) and headline.shape == verdicts.SHAPES[label]
    assert headline.strength == result.verdict.strength


def test_both_stages_are_told_with_threshold_band_and_calibration(case, parts):
    edited, deepfake = blocks_of(of_photo(parts, 1), Scale)
    stage = release().edited
    assert (edited.threshold, edited.low, edited.high) == (stage.threshold, *stage.abstain)
    assert edited.probability == case[0].photos[0].examined.p_edited
    assert f"threshold {stage.threshold:.2f}" in edited.text and "ECE) 0.03 (0.02–0.04), n 1\u202f663" in edited.text
    assert deepfake.title == verdicts.STAGES["deepfake"] and "n 1\u202f875" in deepfake.text
    assert "stage 1 did not pass its threshold" in text_of(of_photo(parts, 2))


def test_a_heatmap_comes_with_its_method_peak_and_faithfulness(case, parts):
    result = made_up_examination("deepfake", 1)
    heatmap = result.decisive.heatmaps[0]
    looked = called(of_photo(parts, 1), "Where the release looked")
    (block,) = (block for block in looked.blocks if isinstance(block, Pictures))
    (picture,) = block.pictures
    assert picture.data == case[1].read(case[0].photos[0].examined.overlay)
    assert f"Peak {heatmap.peak:+.3g} logit" in picture.caption and "Method: gradcam" in picture.caption
    assert "+0.31 logit more than the same map moved elsewhere" in picture.caption
    assert verdicts.where(result.decisive) in text_of(looked) and "white line with black rims" in text_of(looked)


def test_what_must_be_known_of_a_map_is_said_as_on_the_page():
    record, objects = made_up_case()

    def change(dossier):
        dossier["words"]["map_states"] = ["No region stands out: the map is flat, so nothing is painted."]

    examined = keep_examined(objects, made_up_examination("real", 9), 40, change)
    photo = replace(record.photos[1], examinations=(examined,))
    looked = called(sections(replace(record, photos=(photo,)), objects), "Where the release looked")
    assert [block.text for block in looked.blocks if isinstance(block, Paragraph) and block.tone == "warning"] == [
        "No region stands out: the map is flat, so nothing is painted."
    ]


def test_a_reason_beside_a_verdict_is_told_once():
    record, objects = made_up_case()

    def change(dossier):
        dossier["words"]["reasons"] = "the file is cut short"

    examined = keep_examined(objects, made_up_examination("deepfake", 9), 40, change)
    photo = replace(record.photos[0], examinations=(examined,))
    text = text_of(of_photo(sections(replace(record, photos=(photo,)), objects), 1))
    assert "What keeps this verdict from being plain:\n" in text or "The file is cut short." in text
    unsure = text_of(of_photo(sections(record, objects), 4))
    assert unsure.count(verdicts.reasons(("near_threshold",))) == 1


def test_private_facts_are_given_only_where_they_are_asked_for(case, parts):
    assert "52.1 N, 13.4 E" not in text_of(parts) and "Left out here: 1 that tell" in text_of(of_photo(parts, 1))
    asked = sections(*case, private=True)
    assert "52.1 N, 13.4 E" in text_of(of_photo(asked, 1)) and "Left out here" not in text_of(asked)


def test_findings_are_told_whole(parts):
    exif = called(of_photo(parts, 1), "EXIF: worth a look")
    assert {"Camera": "Exampla X100", "Software": "Photo Editor 5"}.items() <= {
        entry.name: entry.value for block in exif.blocks if isinstance(block, Facts) for entry in block.entries
    }.items()
    text = text_of(exif)
    assert "An editing program saved this file." in text and "cameras and telephones" in text
    assert "Not enough alone" in text
    levels = called(of_photo(parts, 1), "Error level analysis: as usual")
    (pictures,) = (block for block in levels.blocks if isinstance(block, Pictures))
    assert [(one.title, one.media) for one in pictures.pictures] == [
        ("Error levels", "image/jpeg"),
        ("Noise left over", "image/png"),
    ]


def test_signals_that_had_nothing_to_see_are_lines_and_how_they_are_read_is_told_once(parts):
    (items, note) = called(of_photo(parts, 1), "Signals that had nothing to see").blocks
    assert items.items == (("Content credentials.", "There are none."),) and "Not enough alone" in note.text
    readings = {block.heading: block.text for block in called(parts, "How the evidence is read").blocks}
    assert set(readings) == {"Content credentials.", "EXIF.", "Error level analysis."}
    assert readings["Content credentials."].startswith("Most photos have none. Not enough alone")


def test_a_signal_with_nothing_to_see_keeps_its_facts_and_pictures():
    record, objects = made_up_case()

    def change(dossier):
        dossier["findings"][2]["facts"] = [{"name": "Looked at", "value": "all of it", "private": False}]

    examined = keep_examined(objects, made_up_examination("real", 9), 40, change)
    photo = replace(record.photos[0], examinations=(examined,))
    mine = of_photo(sections(replace(record, photos=(photo,)), objects), 1)
    assert "all of it" in text_of(called(mine, "Content credentials: nothing to see"))


def test_opinions_tell_who_when_and_what_could_be_seen(parts):
    text = text_of(called(of_photo(parts, 1), "Opinions of analysts"))
    assert "Facetune-style retouching (a later one of this person counts)" in text and "No pores." in text
    assert "entry 31 of the log; blind" in text and "entry 32 of the log; not blind" in text
    assert "from x 100, y 90 to x 210, y 200, in photo pixels" in text
    assert "Nobody gave an opinion" in text_of(called(of_photo(parts, 4), "Opinions of analysts"))


def test_known_hashes_and_earlier_examinations_are_told(parts):
    assert "Known pictures of the agency" in text_of(called(of_photo(parts, 1), "Known hashes"))
    (table,) = called(of_photo(parts, 3), "Earlier examinations").blocks
    assert table.rows[0][0] == "8" and table.rows[0][3] == "2026.11-5"


def test_the_error_rate_on_pictures_like_this_has_n_and_intervals(parts):
    section = called(of_photo(parts, 1), "How often the release is wrong on pictures like this")
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    assert table.rows[1] == (
        "JPEG quality: low, under 80 (here 74)",
        "555",
        "8 % (5–11), n 300",
        "31 % (28–34), n 255",
    )
    assert table.rows[2][2:] == ("too few: 9", "too few: 3") and "missed 31 % (28–34) of 255" in text_of(section)


def test_the_release_is_told_with_its_cards(parts):
    place = next(place for place, part in enumerate(parts) if part.title == "Release")
    first, second = parts[place + 1 : place + 3]
    text = text_of(parts[place])
    assert release().sha256 in text and "92 % (89–95), n 812" in text and "sharpness" in text
    for part, stage in ((first, release().edited), (second, release().deepfake)):
        text = text_of(part)
        assert stage.weights in text and stage.rule[:60] in text and f"{stage.threshold:.2f}" in text
        assert (
            "research use" in text
            and "5592 photos" in text
            and re.search(r"SHA-256 of the weights\n[0-9a-f]{64}", text)
        )
    assert "telltale: 0.2.0" in text_of(called(parts, "Software and machine"))


def test_the_log_is_told_in_short_and_how_to_verify_it(case, parts):
    text = text_of(called(parts, "The head of the log"))
    assert case[0].head in text and "photo examined\n8" in text and "No authority signed" in text
    text = text_of(called(parts, "How to verify"))
    assert 'python -m pipeline verify "Harbour portraits"' in text and "case export" in text and "case import" in text
    assert "can make another log" in text


@pytest.mark.parametrize("name", ['x"; rm -rf ~; "', "$(id)", "`id`", "-rf", "a\u202eb", "c:\\x", "!x"])
def test_a_name_that_a_shell_would_take_otherwise_is_no_part_of_a_command(name):
    record, objects = made_up_case()
    section = called(sections(replace(record, name=name, photos=()), objects), "How to verify")
    commands = [line for block in section.blocks for line in getattr(block, "lines", ())]
    assert len(commands) == 4 and all(name not in line for line in commands)
    assert commands[0] == "python -m pipeline verify NAME"


def test_the_reports_own_words_never_call_a_photo_by_what_nobody_knows():
    record, objects = made_up_case()

    def change(dossier):
        for name in ("release", "cards", "measured"):
            dossier[name] = {}

    examined = keep_examined(objects, made_up_examination("real", 9), 40, change)
    photo = replace(record.photos[1], examinations=(examined,))
    text = text_of(sections(replace(record, photos=(photo, *record.photos[4:])), objects)).lower()
    assert not re.search(r"\bfakes?\b|authentic|real photo", text)


def test_what_is_gone_or_altered_is_told_in_its_place_and_the_rest_goes_on():
    record, objects = made_up_case()
    first, second, third, fourth = (photo.examined for photo in record.photos[:4])
    del objects.kept[first.dossier], objects.kept[third.thumbnail]
    objects.kept[second.overlay] = objects.kept[second.overlay] + b"!"
    objects.kept[fourth.arrays] = b"nothing of the kind"
    parts = sections(record, objects)
    assert first.dossier in text_of(called(of_photo(parts, 1), "What is missing"))
    assert blocks_of(of_photo(parts, 1), Headline)[0].text == verdicts.HEADLINES["deepfake"]
    assert "p(edited) 0.99" in text_of(of_photo(parts, 1))
    assert f"SHA-256 {second.overlay} is gone or was altered" in text_of(of_photo(parts, 2))
    assert f"SHA-256 {third.thumbnail} is gone or was altered" in text_of(of_photo(parts, 3))
    fourth_text = text_of(of_photo(parts, 4))
    assert f"SHA-256 {fourth.arrays} is gone or was altered" in fourth_text
    assert f"Peak {made_up_examination('inconclusive', 4).decisive.heatmaps[0].peak:+.3g} logit" in fourth_text
    lines = dict(called(parts, "What was not done").blocks[0].items)
    assert "Of 1 of 7 photos the dossier is gone" in lines["Not everything could be read."]
    assert parts[-1].title == "How to verify"


def test_a_reader_that_does_not_check_hashes_is_not_believed():
    record, objects = made_up_case()
    photo = record.photos[1]

    class Careless:
        def read(self, sha256):
            return objects.kept[photo.examined.overlay] if sha256 == photo.examined.thumbnail else objects.read(sha256)

    text = text_of(of_photo(sections(record, Careless()), 2))
    assert f"SHA-256 {photo.examined.thumbnail} is gone or was altered" in text


def test_a_hash_that_is_a_path_is_never_read():
    record, _ = made_up_case()
    asked = []

    class Noting:
        def read(self, sha256):
            asked.append(sha256)
            raise TriageError("gone")

    examined = replace(
        record.photos[0].examined, dossier="../../../etc/passwd", thumbnail="/dev/zero", overlay="x" * 64, arrays="."
    )
    photo = replace(record.photos[0], examinations=(examined,))
    text = text_of(sections(replace(record, photos=(photo,)), Noting()))
    assert asked == []
    assert "../../../etc/passwd is gone or was altered" in text


def test_a_dossier_of_another_photo_or_verdict_is_said_to_be_so():
    record, objects = made_up_case()
    photo = replace(
        record.photos[0],
        examinations=(
            replace(record.photos[0].examined, dossier=record.photos[1].examined.dossier, release="2026.13"),
        ),
    )
    text = text_of(of_photo(sections(replace(record, photos=(photo,)), objects), 1))
    assert f"tells of another file, SHA-256 {record.photos[1].sha256}" in text
    assert "do not agree on the verdict: the log has “deepfake”, the dossier “real”" in text
    assert "do not agree on the release: the log has “2026.13”" in text


def test_the_most_suspicious_face_decides_as_in_the_examination():
    record, objects = made_up_case()

    def change(dossier):
        suspicious = dossier["record"]["faces"][0]
        harmless = dict(suspicious, verdict="real", kept=dict(suspicious["kept"], deepfake=None, maps=[]))
        harmless["kept"]["edited"] = dict(suspicious["kept"]["edited"], probability=0.02)
        dossier["record"]["faces"] = [harmless, suspicious]

    result = made_up_examination("facetune", 9)
    examined = keep_examined(objects, result, 40, change)
    photo = replace(record.photos[2], examinations=(examined,))
    parts = of_photo(sections(replace(record, photos=(photo,)), objects), 3)
    assert blocks_of(parts, Scale)[0].probability == result.verdict.edited.probability
    (table,) = (block for block in blocks_of(parts, Table) if block.title.startswith("All faces"))
    assert [row[1] for row in table.rows] == ["○ No indication", "◆ Facetune-style"]


def test_of_a_large_case_pictures_that_ask_for_no_look_are_named_and_left_out(monkeypatch):
    record, objects = made_up_case()
    monkeypatch.setattr(contents, "LARGE", len(record.photos))
    parts = sections(record, objects)
    levels = called(of_photo(parts, 1), "Error level analysis: as usual")
    assert not any(isinstance(block, Pictures) for block in levels.blocks)
    assert len(re.findall(r"kept, and left out here. SHA-256 [0-9a-f]{64}", text_of(levels))) == 2
    assert "Not every picture is given." in dict(called(parts, "What was not done").blocks[0].items)


def test_progress_is_told_photo_by_photo(case):
    steps = []
    report = Report.of(*case, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(n, 16) for n in range(1, 9)]
    list(report.sections())
    assert steps == [(n, 16) for n in range(1, 17)]


def test_only_one_photo_is_in_memory_at_a_time():
    record, objects = made_up_case()
    read = []

    class Noting:
        def read(self, sha256):
            read.append(sha256)
            return objects.read(sha256)

    report = Report.of(record, Noting())
    read.clear()
    for section in report.sections():
        if section.title == "Photo 1":
            break
    assert record.photos[0].examined.dossier in read
    assert record.photos[1].examined.dossier not in read and record.photos[1].examined.thumbnail not in read


def test_an_empty_case_has_a_report_too():
    _, objects = made_up_case()
    parts = sections(case_record(()), objects)
    assert "No photo of this case was examined." in text_of(parts) and "None is recorded." in text_of(parts)


def test_the_made_up_dossier_is_like_those_that_are_kept():
    """A face's record gives back its verdict, so that what these tests read is of the real form."""
    record, objects = made_up_case()
    photo = case_photo(objects, 3, "facetune")
    dossier = Report.of(record, objects).kept.dossier(photo.examined.dossier)
    face = dossier.part("record").parts("faces")[0]
    assert unpack_verdict(face.data) == made_up_examination("facetune", 3).verdict


def test_pictures_are_told_by_their_bytes_and_nothing_else_is_shown():
    record, objects = made_up_case()
    vector = objects.keep(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    bomb = objects.keep(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x86\xa0\x00\x01\x86\xa0\x08\x02\x00\x00\x00abcd")
    examined = replace(record.photos[0].examined, thumbnail=vector, overlay=bomb)
    photo = replace(record.photos[0], examinations=(examined,))
    parts = of_photo(sections(replace(record, photos=(photo,)), objects), 1)
    assert blocks_of(parts, Pictured)[0].picture is None
    pictures = [one for block in blocks_of(parts, Pictures) for one in block.pictures]
    assert all(isinstance(one, Picture) and one.sha256 not in (vector, bomb) for one in pictures)
    assert vector in text_of(parts) and bomb in text_of(parts)
