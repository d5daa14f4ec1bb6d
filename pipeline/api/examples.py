"""Answers as examples for the specification; a test holds each to its model."""

from typing import Any

from pipeline.verdict import CAUTION
from pipeline.words.warnings import NO_WARNING

AN_ID = "3f0c6a1be2d94f7785a0c1d2e3f40516"
HERE = "http://127.0.0.1:8000/v1"
SHA256 = "97123430fb8438a6ef920ca7a300bdf4e1a81df475c22dc2d46054892c7c5b93"

PROBLEM: dict[str, Any] = {
    "type": "urn:telltale:problem:unreadable_photo",
    "title": "The bytes are no photo that can be shown",
    "status": 422,
    "detail": "The file is empty (0 bytes). Get the original again.",
    "instance": "urn:telltale:request:6a8f03cb6079fee1",
    "code": "unreadable_photo",
    "advice": "Check what the file is, or ask whoever sent it for the original.",
}

_JUDGED: dict[str, Any] = {
    "verdict": "deepfake",
    "p_edited": 0.992081,
    "p_deepfake": 0.992608,
    "probabilities": {"real": 0.007919, "deepfake": 0.984747, "facetune": 0.007333},
    "reasons": [],
}
PHOTO: dict[str, Any] = {
    "path": "photo.jpg",
    "id": AN_ID,
    "sha256": SHA256,
    **_JUDGED,
    "headline": "Indications of a deepfake",
    "faces": [
        {
            "box": [164.6, 123.8, 356.6, 328.6],
            "size": 205,
            **_JUDGED,
            "regions": {"left eye": 0.966578, "right eye": 0.962532, "nose": 0.951524, "mouth": 0.941537},
        }
    ],
    "faces_account": "1 face: 1 examined",
    "faces_left_out": 0,
    "faces_unjudged": [],
    "faces_seen_from": 49,
    "release": "2026.12-1",
    "format": "JPEG",
    "width": 512,
    "height": 600,
    "bytes": 71702,
    "notes": [],
    "frame": 0,
    "partial": False,
    "marks": [],
    "where": "The evidence peaks around the left eye (left in the picture).",
    "evidence": None,
    "case": None,
    "caution": CAUTION,
    "expires": "2026-11-29T23:08:19Z",
    "links": {"self": f"{HERE}/examinations/{AN_ID}", "heatmap": f"{HERE}/examinations/{AN_ID}/heatmap.png"},
    "ms": 210,
}
EXAMINATIONS: dict[str, Any] = {
    "release": "2026.12-1",
    "caution": CAUTION,
    "photos": [PHOTO, {"path": "empty.jpg", "error": PROBLEM}],
}
LABEL: dict[str, Any] = {
    "level": "deepfake",
    "name": "May be a deepfake",
    "text": "This photo may be a deepfake.",
    "confidence": "strong",
    "threshold": 0.5,
    "remark": NO_WARNING,
    "reasons": [],
    "error": None,
    "release": "2026.12-1",
    "caution": CAUTION,
    "details": f"{HERE}/examinations/{AN_ID}",
}
JOB: dict[str, Any] = {
    "id": AN_ID,
    "state": "done",
    "created": "2026-11-28T23:08:39Z",
    "finished": "2026-11-28T23:09:12Z",
    "uploads": 1,
    "uploads_done": 1,
    "account": {
        "handed_over": 40,
        "examined": 38,
        "refused": {"unreadable_photo": 1},
        "left_out": {".txt": 1},
        "sentence": "40 handed over = 38 examined + 1 refused (not a photo that is read × 1) + 1 left out (.txt × 1)",
    },
    "release": "2026.12-1",
    "webhook": {"state": "delivered", "tries": 1, "last": "200"},
    "error": None,
    "caution": CAUTION,
    "links": {"self": f"{HERE}/jobs/{AN_ID}", "results": f"{HERE}/jobs/{AN_ID}/results"},
}
