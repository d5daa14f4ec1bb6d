"""The report of a case whose photos were examined by a release: what is kept and what is reported fit together."""

import pytest
from pypdf import PdfReader

from pipeline.casebook.report.blocks import Headline, Paragraph, Pictures, Scale
from pipeline.casebook.report.contents import Report
from pipeline.casebook.report.write import write_report
from pipeline.words import verdicts
from tests.pipeline.casebook.conftest import PHOTOS
from tests.pipeline.casebook.test_report_contents import blocks_of, of_photo, text_of


@pytest.fixture
def full(case, add):
    """A case that holds every photo of `PHOTOS`, in their order."""
    for name in PHOTOS:
        add(case, name)
    return case


def test_what_a_release_found_is_reported_in_its_words(full, examined):
    parts = list(Report.of(full.record(), full.keeping.objects).sections())
    for number, name in enumerate(PHOTOS, 1):
        mine, result = of_photo(parts, number), examined[name]
        (headline,) = blocks_of(mine, Headline)
        assert headline.text == verdicts.headline(result.verdict) and headline.strength == result.verdict.strength
        face = result.decisive
        if face is None:
            continue
        assert verdicts.where(face) in text_of(mine)
        assert [scale.probability for scale in blocks_of(mine, Scale)] == [
            stage.probability for stage in (face.verdict.edited, face.verdict.deepfake) if stage
        ]
        captions = [picture.caption for block in blocks_of(mine, Pictures) for picture in block.pictures]
        assert any(f"Peak {face.heatmaps[0].peak:+.3g} logit" in caption for caption in captions)


def test_nothing_of_it_is_missing(full):
    parts = list(Report.of(full.record(), full.keeping.objects).sections())
    warnings = [
        block.text
        for part in parts
        for block in part.blocks
        if isinstance(block, Paragraph) and block.tone == "warning"
    ]
    assert not [text for text in warnings if "gone or was altered" in text or "do not agree" in text]
    assert "No dossier that tells of this release can be read." not in text_of(parts)
    assert "The dossier does not say." not in text_of(parts)


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_it_is_written_logged_and_the_same_when_made_again(full, tmp_path, form):
    first = write_report(full, tmp_path / f"first.{form}")
    entry = full.entries()[-1]
    assert entry.act == "exported" and entry.facts["sha256"] == first
    assert write_report(full, tmp_path / f"second.{form}") == first
    if form == "pdf":
        text = "".join(page.extract_text() for page in PdfReader(tmp_path / "first.pdf", strict=True).pages)
        assert full.record().head in text and "hopper_face_swap.jpg" in text
