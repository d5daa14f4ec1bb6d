"""Places: every fact of them is private, and the sentence tells none."""

import pytest
from made_up_metadata import (
    JPEG,
    exif_block,
    exif_segment,
    fractions,
    iptc_segment,
    plain,
    text,
    with_segments,
    xmp,
    xmp_segment,
)

from pipeline.evidence.finding import Evidence
from pipeline.evidence.signals import place
from pipeline.photo import Photo

GPS = {
    1: text("S"),
    2: fractions((33, 1), (51, 1), (3599, 100)),
    3: text("E"),
    4: fractions((151, 1), (12, 1), (0, 1)),
    5: plain(b"\1"),
    6: fractions((125, 10)),
    0x0011: fractions((9025, 100)),
    0x001B: plain(b"ASCII\0\0\0HYBRID-FIX"),
}


def look(*segments):
    finding = place.look(Evidence(Photo.read(with_segments(JPEG, *segments))))
    return finding, {fact.name: fact.value for fact in finding.facts}


def test_where_it_was_is_hidden_until_asked_for():
    finding, facts = look(exif_segment(exif_block({}, None, GPS)))
    assert facts["Latitude"] == "-33.859997°" and facts["Longitude"] == "151.200000°"
    assert facts["Altitude"] == "-12.5 m" and facts["Direction of the camera"] == "90.2°"
    assert facts["How the place was told"] == "HYBRID-FIX"
    assert finding.weight == "ordinary" and all(fact.private for fact in finding.facts)
    assert finding.shows == "The file says where the photo was taken: hidden until asked for."


def test_names_of_places_are_private_too():
    packet = xmp(
        {"photoshop:City": "Sydney", "exif:GPSLatitude": "33,51.6S"},
        "<Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li Iptc4xmpExt:Sublocation='Opera'/></rdf:Bag>"
        "</Iptc4xmpExt:LocationShown>",
    )
    finding, facts = look(xmp_segment(packet), iptc_segment((90, "Sydney"), (101, "Australia"), (120, "A caption")))
    assert facts == {
        "Latitude (XMP)": "33,51.6S",
        "City (XMP)": "Sydney",
        "Sublocation (XMP)": "Opera",
        "City (IPTC)": "Sydney",
        "Country (IPTC)": "Australia",
    }
    assert all(fact.private for fact in finding.facts)


def test_no_place_is_ordinary():
    finding, facts = look(exif_segment(exif_block({0x010F: text("Canon")})))
    assert finding.weight == "nothing" and facts == {} and finding.shows == "The file names no place."


@pytest.mark.parametrize("degrees", [(91, 1), (4_000_000_000, 1)])
def test_what_is_no_place_on_earth_is_told(degrees):
    _, facts = look(exif_segment(exif_block({}, None, {1: text("N"), 2: fractions(degrees, (0, 0), (0, 1))})))
    assert facts["Latitude"].endswith("°, which is no place on Earth")


def test_a_latitude_that_is_no_number_is_none():
    assert look(exif_segment(exif_block({}, None, {2: text("north"), 4: plain(b"12")})))[1] == {}
