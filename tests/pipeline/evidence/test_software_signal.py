"""Software: who wrote the file, which programs ask for a look, and the steps that were kept."""

import pytest
from made_up_metadata import (
    JPEG,
    PNG,
    chunk,
    exif_block,
    exif_segment,
    iptc_segment,
    segment,
    text,
    with_chunks,
    with_segments,
    xmp,
    xmp_segment,
)

from pipeline.evidence.file_parts.known_software import programs
from pipeline.evidence.finding import Evidence
from pipeline.evidence.signals import software
from pipeline.photo import Photo


def look(data):
    finding = software.look(Evidence(Photo.read(data)))
    return finding, {fact.name: fact.value for fact in finding.facts}


def by(name):
    return with_segments(JPEG, exif_segment(exif_block({0x0131: text(name)})))


@pytest.mark.parametrize(
    ("name", "weight"),
    [
        ("Adobe Photoshop 25.0 (Windows)", "look"),
        ("GIMP 2.10.36", "look"),
        ("Facetune2", "look"),
        ("Snapseed 2.0", "look"),
        ("FaceApp", "look"),
        ("Meitu", "look"),
        ("Adobe Firefly", "look"),
        ("Adobe Photoshop Lightroom Classic 13.1 (Macintosh)", "ordinary"),
        ("Adobe Photoshop Camera Raw 16.0", "ordinary"),
        ("17.3.1", "ordinary"),
        ("HDR+ 1.0.345618096zd", "ordinary"),
        ("SHARP A1 sharp", "ordinary"),
        ("ImageMagick 7", "ordinary"),
    ],
)
def test_editors_ask_for_a_look_and_cameras_do_not(name, weight):
    finding, facts = look(by(name))
    assert finding.weight == weight and facts["EXIF Software"].startswith(name)
    assert finding.shows.startswith(f"The file was written by “{name}”")


def test_a_name_alone_is_not_called_an_edit_of_a_face():
    finding, _ = look(by("Adobe Photoshop 25.0"))
    assert finding.shows == "The file was written by “Adobe Photoshop 25.0”: Photoshop edits pictures."
    assert "is not an edit of a face" in finding.how_to_read and "neither shows" in finding.caution


def test_no_name_is_ordinary():
    finding, facts = look(JPEG)
    assert finding.weight == "nothing" and facts == {} and finding.shows.endswith("which is ordinary.")


def test_the_steps_that_photoshop_kept():
    steps = "".join(
        f'<rdf:li stEvt:action="{action}" stEvt:when="2024-0{n}-01" stEvt:softwareAgent="Adobe Photoshop 25.0" '
        f'stEvt:changed="/"/>'
        for n, action in enumerate(("created", "saved", "converted"), start=1)
    )
    packet = xmp(
        {"xmp:CreatorTool": "Adobe Photoshop 25.0"}, f"<xmpMM:History><rdf:Seq>{steps}</rdf:Seq></xmpMM:History>"
    )
    finding, facts = look(with_segments(JPEG, xmp_segment(packet)))
    assert facts["Step 2"] == "saved · 2024-02-01 · by Adobe Photoshop 25.0 · /"
    assert finding.weight == "look" and finding.shows.endswith("3 steps of its history are kept.")


def test_a_history_without_end_is_cut():
    steps = '<rdf:li stEvt:action="saved"/>' * 3000
    packet = xmp({}, f"<xmpMM:History><rdf:Seq>{steps}</rdf:Seq></xmpMM:History>")
    _, facts = look(with_segments(JPEG, xmp_segment(packet[:65_000])))
    assert "Step 60" in facts and "Step 61" not in facts and int(facts["Steps left out"].replace(",", "")) > 1000


def test_pictures_laid_in_and_their_paths_are_private():
    inside = (
        "<xmpMM:Ingredients><rdf:Bag><rdf:li stRef:filePath='C:\\Users\\erika\\face.png' stRef:documentID='d1'/>"
        "</rdf:Bag></xmpMM:Ingredients>"
        "<xmpMM:DerivedFrom stRef:documentID='d0' stRef:filePath='/home/erika/a.psd'/>"
    )
    finding, facts = look(with_segments(JPEG, xmp_segment(xmp({}, inside))))
    assert finding.weight == "look" and "Other pictures were laid in." in finding.shows
    assert facts["Picture 1 laid in (documentID)"] == "d1" and facts["Made from (documentID)"] == "d0"
    assert all(fact.private == ("erika" in fact.value) for fact in finding.facts)


def test_spots_that_were_healed_in_a_developer():
    spots = "<rdf:li crs:SpotType='heal'/><rdf:li crs:SpotType='clone'/>"
    inside = f"<crs:RetouchAreas><rdf:Seq>{spots}</rdf:Seq></crs:RetouchAreas>"
    finding, facts = look(with_segments(JPEG, xmp_segment(xmp({"crs:Version": "15.0"}, inside))))
    assert finding.weight == "look" and "Parts of the picture were changed." in finding.shows
    assert facts["Changed in parts"] == "2 spots healed or cloned (crs:RetouchAreas)"
    assert facts["XMP crs:Version"].startswith("Camera Raw 15.0")


def test_names_in_other_places():
    data = with_segments(
        JPEG,
        iptc_segment((65, "Photo Mechanic"), (70, "6.0"), (40, "FBMD0f000738")),
        segment(0xEC, b"Ducky\0\1\0\4\0\0\0\x50"),
        segment(0xFE, b"CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90"),
    )
    finding, facts = look(data)
    assert facts["IPTC originating program"].startswith("Photo Mechanic 6.0")
    assert facts["IPTC special instructions"].startswith("Facebook (FBMD0f000738)")
    assert "Save for Web" in facts["JPEG segment"] and "converts pictures" in facts["JPEG comment"]
    assert finding.weight == "look" and "Save for Web" in finding.shows
    _, facts = look(with_chunks(PNG, chunk(b"tEXt", b"Software\0paint.net 5")))
    assert facts["Text “Software”"].startswith("paint.net 5")


def test_a_comment_that_names_no_program_names_no_writer():
    assert look(with_segments(JPEG, segment(0xFE, b"on the beach")))[0].weight == "nothing"


def test_names_within_other_words_are_none():
    assert programs("Wegimper Snowfall Canvas") == ()
    assert [one.name for one in programs("darktable 4, then GIMP, gimp")] == ["GIMP", "darktable"]
    assert programs("x" * 5000 + "GIMP") == ()
