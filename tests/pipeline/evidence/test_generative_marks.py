"""Marks of generative models: IPTC's terms, texts of generators, labels of services; and captions that are none."""

import zlib

import pytest
from made_up_metadata import (
    JPEG,
    PNG,
    chunk,
    exif_block,
    exif_segment,
    iptc_segment,
    plain,
    saved,
    scene,
    segment,
    text,
    with_chunks,
    with_segments,
    xmp,
    xmp_segment,
)

from pipeline.evidence.finding import Evidence
from pipeline.evidence.signals import captions, generative_marks
from pipeline.photo import Photo

SETTINGS = "a portrait\nNegative prompt: hands\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1"
TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def look(data, signal=generative_marks):
    finding = signal.look(Evidence(Photo.read(data)))
    return finding, {fact.name: fact.value for fact in finding.facts}


def of_type(term):
    return with_segments(JPEG, xmp_segment(xmp({"Iptc4xmpExt:DigitalSourceType": term})))


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (TERMS + "trainedAlgorithmicMedia", "made by a generative model"),
        (
            "https" + TERMS[4:] + "compositeWithTrainedAlgorithmicMedia/",
            "edited by a generative model, or put together",
        ),
        ("trainedAlgorithmicMedia", "made by a generative model"),
        (TERMS + "somethingNew", "of a kind that is unknown here"),
    ],
)
def test_terms_that_ask_for_a_look(term, words):
    finding, facts = look(of_type(term))
    assert finding.weight == "look" and finding.shows.startswith(f"The file says that its picture is {words}")
    assert facts["Digital source type"].startswith(term)


@pytest.mark.parametrize("term", ["digitalCapture", "computationalCapture", "print"])
def test_terms_of_plain_photos(term):
    finding, _ = look(of_type(TERMS + term))
    assert finding.weight == "ordinary" and "names no generative model" in finding.shows


MARKED = {
    "parameters": with_chunks(PNG, chunk(b"tEXt", b"parameters\0" + SETTINGS.encode())),
    "parameters packed": with_chunks(PNG, chunk(b"zTXt", b"parameters\0\0" + zlib.compress(SETTINGS.encode()))),
    "prompt": with_chunks(PNG, chunk(b"tEXt", b'prompt\0{"3": {"class_type": "KSampler"}}')),
    "workflow": with_chunks(PNG, chunk(b"iTXt", b'workflow\0\0\0\0\0{"nodes": []}')),
    "software": with_chunks(PNG, chunk(b"tEXt", b"Software\0NovelAI")),
    "user comment": with_segments(
        JPEG, exif_segment(exif_block({}, {0x9286: plain(b"UNICODE\0" + SETTINGS.encode("utf-16-be"))}))
    ),
    "user comment, little endian": saved(
        scene(), "WEBP", exif=b"Exif\0\0" + exif_block({}, {0x9286: plain(b"UNICODE\0" + SETTINGS.encode("utf-16-le"))})
    ),
    "make": saved(scene(), "WEBP", exif=b"Exif\0\0" + exif_block({0x010F: text('prompt:{"1": {}}')})),
    "credit": with_segments(JPEG, iptc_segment((110, "Made with Google AI"))),
    "creator tool": with_segments(JPEG, xmp_segment(xmp({"xmp:CreatorTool": "Midjourney"}))),
    "label": with_segments(JPEG, xmp_segment(xmp({"TC260:AIGC": '{"Label":"1"}'}))),
    "system": with_segments(JPEG, xmp_segment(xmp({"Iptc4xmpExt:AISystemUsed": "A model"}))),
}


@pytest.mark.parametrize("name", MARKED)
def test_marks_of_generators_ask_for_a_look(name):
    finding, _ = look(MARKED[name])
    assert finding.weight == "look" and len(finding.facts) == 1 and "left a mark: " in finding.shows


@pytest.mark.parametrize(
    "data",
    [
        JPEG,
        with_chunks(PNG, chunk(b"tEXt", b"prompt\0Please smile")),
        with_chunks(PNG, chunk(b"tEXt", b"Comment\0Steps: 20 up the stairs")),
        with_segments(JPEG, segment(0xFE, b"a workflow of a studio")),
        with_segments(JPEG, exif_segment(exif_block({0x013B: text("Gemini Smith")}))),
    ],
)
def test_other_texts_are_no_marks(data):
    finding, facts = look(data)
    assert finding.weight == "nothing" and facts == {} and "says nothing" in finding.shows


def test_settings_of_a_generator_are_shown_whole_up_to_a_bound_and_in_one_signal_only():
    long = "{" + '"node": 1,' * 400_000
    data = with_chunks(PNG, chunk(b"tEXt", b"prompt\0" + long.encode()), chunk(b"tEXt", b"Author\0Erika"))
    assert look(data)[1]["Text “prompt”"] == long
    assert look(data, captions)[1] == {"Text “Author”": "Erika"}


def test_captions_names_and_rights():
    packet = xmp(
        {"photoshop:Headline": "<b>Match</b>"},
        "<dc:creator><rdf:Seq><rdf:li>Erika M.</rdf:li></rdf:Seq></dc:creator>"
        "<dc:subject><rdf:Bag><rdf:li>sport</rdf:li><rdf:li>final</rdf:li></rdf:Bag></dc:subject>"
        "<Iptc4xmpExt:PersonInImage><rdf:Bag><rdf:li>F. N.</rdf:li></rdf:Bag></Iptc4xmpExt:PersonInImage>"
        "<Iptc4xmpCore:CreatorContactInfo Iptc4xmpCore:CiEmailWork='e@example.org'/>",
    )
    exif = exif_block(
        {
            0x010E: text("‮gpj.exe"),
            0x9C9B: plain("Tïtle".encode("utf-16-le") + b"\0\0"),
            0x9C9D: plain("Erika".encode("utf-16-le")),
        },
        {0x9286: plain(b"ASCII\0\0\0 note ")},
    )
    data = with_segments(
        JPEG,
        exif_segment(exif),
        xmp_segment(packet),
        iptc_segment((120, "Ünder the bridge"), (80, "Erika M."), (25, "sport"), (90, "Berlin")),
        segment(0xFE, b"=cmd|'/c calc'!A1"),
    )
    finding, facts = look(data, captions)
    assert facts["EXIF ImageDescription"] == "‮gpj.exe" and facts["EXIF UserComment"] == "note"
    assert facts["Windows title"] == "Tïtle" and facts["Caption (IPTC)"] == "Ünder the bridge"
    assert facts["Text “JPEG comment”"] == "=cmd|'/c calc'!A1" and facts["XMP photoshop:Headline"] == "<b>Match</b>"
    private = {fact.value for fact in finding.facts if fact.private}
    assert private == {"Erika", "Erika M.", "F. N.", "e@example.org"} and "Berlin" not in facts.values()
    assert finding.weight == "ordinary" and finding.shows == f"{len(finding.facts)} entries were written into the file."


def test_one_caption_is_said_as_one():
    assert look(with_segments(JPEG, segment(0xFE, b"x")), captions)[0].shows == "One entry was written into the file."
    assert look(JPEG, captions)[0].weight == "nothing"


def test_a_comment_in_japanese():
    block = exif_block({}, {0x9286: plain(b"JIS\0\0\0\0\0" + "写真".encode("iso2022_jp"))})
    assert look(with_segments(JPEG, exif_segment(block)), captions)[1]["EXIF UserComment"] == "写真"


def test_iptc_that_lies_about_its_sizes_ends():
    for records in (b"\x1c\x02\x78\xff\xff", b"\x1c\x02\x78\x7f\xffshort", b"\x1c", b"\x1c\x02\x05\0\0" * 5000):
        data = with_segments(JPEG, segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x05" + records[:60000]))
        assert look(data, captions)[0].weight in ("nothing", "ordinary")
