"""Content credentials: valid, of a trusted or untrusted signer, changed, damaged, elsewhere, absent; all offline."""

import io
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from made_up_credentials import TERMS, Authority
from made_up_metadata import JPEG, saved, scene, with_segments
from PIL import Image

from pipeline.evidence import scan
from pipeline.evidence.finding import Evidence
from pipeline.evidence.signals import content_credentials
from pipeline.photo import Photo
from pipeline.reading import jpeg

AI = {"action": "c2pa.edited", "when": "2024-01-31T12:00:00Z", "softwareAgent": {"name": "A model", "version": "2"},
      "digitalSourceType": f"{TERMS}compositeWithTrainedAlgorithmicMedia"}  # fmt: skip
OPENED = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["i0"]}}


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture(scope="module")
def signed(authority):
    return authority.sign(JPEG)


def look(data):
    finding = content_credentials.look(Evidence(Photo.read(data, partial=True)))
    return finding, {fact.name: fact.value for fact in finding.facts}


def trust(home, *certificates):
    (home / "trust").mkdir(parents=True)
    for number, certificate in enumerate(certificates):
        (home / "trust" / f"{number}.pem").write_text(certificate)


def test_absence_is_not_suspicious(home):
    finding, facts = look(JPEG)
    assert finding.weight == "nothing" and facts == {} and finding.exhibits == ()
    assert finding.shows == "The file carries no content credentials, which is not suspicious."


def test_credentials_that_hold_where_no_list_of_signers_is_kept(home, signed):
    finding, facts = look(signed)
    assert finding.weight == "ordinary"
    assert finding.shows == (
        "The content credentials hold. Who signed them, “Camera 1, Made-up Cameras”, could not be checked: "
        "no list is kept here."
    )
    assert facts["State"] == "valid, signer not checked" and facts["Signed by"] == "Camera 1, Made-up Cameras"
    assert facts["Written by"] == "Made-up App 1.0" and facts["Title"] == "A photo"
    assert facts["Action"] == f"c2pa.created · {TERMS}digitalCapture (taken by a camera)"
    assert facts["Signed at"] == "not told by a time stamp" and "Does not hold" not in facts
    assert facts["Trusted signers"].startswith("none are kept here") and "Nothing was fetched" in facts["Network"]


def test_a_signer_on_the_list_is_trusted(home, signed, authority):
    trust(home, Authority().root, authority.root)
    finding, facts = look(signed)
    assert finding.weight == "ordinary" and facts["State"] == "valid and trusted"
    assert finding.shows.endswith("“Camera 1, Made-up Cameras”, which is trusted here.")
    assert facts["Trusted signers"].startswith("2 certificates in trust/*.pem, SHA-256 ")


def test_a_signer_who_is_not_on_the_list_asks_for_a_look(home, signed):
    trust(home, Authority().root)
    finding, facts = look(signed)
    assert finding.weight == "look" and facts["State"] == "untrusted"
    assert "which is on no list of trusted signers here" in finding.shows
    assert facts["Does not hold"].endswith("(signingCredential.untrusted)")


def changed(data, place):
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_a_picture_that_was_changed_after_it_was_signed(home, signed, authority):
    trust(home, authority.root)
    finding, facts = look(changed(signed, len(signed) - 400))
    assert finding.weight == "look" and facts["State"] == "invalid"
    assert finding.shows == "The content credentials do not hold: the picture was changed after it was signed."
    assert facts["Does not hold"].endswith("(assertion.dataHash.mismatch)")


@pytest.mark.parametrize(
    ("what", "code"), [(b"Made-up App", "claimSignature.mismatch"), (b"digitalCapture", "assertion.hashedURI.mismatch")]
)
def test_an_entry_that_was_changed_after_it_was_signed(home, signed, what, code):
    finding, facts = look(changed(signed, signed.index(what)))
    assert finding.weight == "look" and facts["State"] == "invalid" and code in facts["Does not hold"]


def test_credentials_of_another_photo(home, authority, signed):
    """Segments that hold credentials can be copied from one photo into another."""
    boxes = [signed[part.start : part.end] for part in jpeg.segments(signed) if part.marker == 0xEB]
    finding, facts = look(with_segments(saved(scene(seed=9), quality=92), *boxes))
    assert boxes
    assert finding.weight == "look" and facts["State"] == "invalid"


def test_damaged_credentials_are_said_to_be_unreadable(home, signed):
    at = signed.index(b"c2pa", signed.index(b"jumb"))
    finding, facts = look(signed[: at - 20] + b"\xff" * 12 + signed[at - 8 :])
    assert finding.weight == "look" and finding.shows.endswith("damaged and cannot be read.") and facts["Why"]


def test_what_a_model_did_is_told(home, authority):
    finding, facts = look(authority.sign(JPEG, actions=[OPENED, AI], parents=[("before.jpg", authority.sign(JPEG))]))
    assert finding.weight == "look" and "They say that the picture is edited by a generative model" in finding.shows
    assert "c2pa.edited · 2024-01-31T12:00:00Z · by A model · " in facts["Action"]


def test_the_picture_that_it_was_made_from_is_shown(home, authority):
    before = saved(scene(seed=5), quality=95)
    data = authority.sign(JPEG, actions=[OPENED], parents=[("before.jpg", before), ("part.jpg", JPEG)])
    finding, _ = look(data)
    assert [fact.value for fact in finding.facts if fact.name == "Made from"] == [
        "before.jpg · parentOf",
        "part.jpg · componentOf",
    ]
    titles = [exhibit.title for exhibit in finding.exhibits]
    assert titles == ["The picture as it was signed", "Made from “before.jpg”", "Made from “part.jpg”"]
    picture = Image.open(io.BytesIO(finding.exhibits[1].data)).convert("RGB").resize((128, 96))
    assert np.abs(np.asarray(picture, np.float32) - Photo.read(before).rgb).mean() < 10


def test_hostile_titles_are_plain_text_and_cut(home, authority):
    nasty = "<script>alert(1)</script>‮=1+1"
    finding, facts = look(authority.sign(JPEG, title=nasty + "x" * 100_000))
    assert facts["Title"].startswith(nasty) and facts["Title"].endswith("more characters left out)")
    assert len(facts["Title"]) < 1100 and nasty not in finding.shows


@pytest.fixture
def asked():
    """A server that writes down what it is asked for, and its address."""
    paths = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            paths.append(self.path)
            self.send_error(404)

        do_POST = do_HEAD = do_GET

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield paths, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_credentials_kept_elsewhere_are_not_fetched(home, authority, asked):
    paths, address = asked
    data = authority.sign(JPEG, elsewhere=f"{address}/manifest.c2pa")
    finding, facts = look(data)
    assert paths == [] and finding.weight == "ordinary" and facts["Kept at"] == f"{address}/manifest.c2pa"
    assert finding.shows == "The file says that its content credentials are kept elsewhere; they were not fetched."
    # with boxes of its own that lead nowhere, the library itself is asked, and fetches nothing either
    finding, _ = look(data + b"jumb c2pa")
    assert paths == [] and finding.weight == "look"


FORMS = {"HEIF": "image/heic"} | {form: f"image/{form.lower()}" for form in ("PNG", "WEBP", "TIFF", "GIF", "AVIF")}


@pytest.mark.parametrize("form", FORMS)
def test_credentials_in_every_container(home, authority, form):
    data = authority.sign(saved(scene(), form), FORMS[form])
    assert look(data)[1]["State"] == "valid, signer not checked"
    assert look(changed(data, data.index(b"Made-up App")))[1]["State"] == "invalid"


def test_a_list_of_signers_that_is_no_list_is_passed_over(home, signed):
    trust(home, "not a certificate")
    assert look(signed)[1]["State"] == "valid, signer not checked"


def test_a_list_of_signers_that_is_damaged_trusts_nobody(home, signed):
    trust(home, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    finding, _ = look(signed)
    assert "trusted here" not in finding.shows and finding.weight == "look"


def test_a_signed_photo_goes_through_all_signals(home, signed):
    findings = scan.look_at(Photo.read(signed))
    assert not [finding for finding in findings if "could not be read, so nothing" in finding.shows]
    assert next(one for one in findings if one.signal == "hidden_content").weight == "nothing"
