"""What the specification says beside the models: what routes take as forms, and what they answer beside JSON."""

from typing import Any

from pipeline.api.problems import MEDIA
from pipeline.words.warnings import THRESHOLD

JSON_LINES = "application/jsonl"


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route may answer beside its success, for the specification."""
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": SAID[status], "content": content} for status in (*ALWAYS, *statuses)}


SAID = {
    400: "The form is damaged.",
    401: "No key, or none that holds.",
    403: "The key, or its role in the case, does not reach that far.",
    404: "There is none, or it is another key's.",
    408: "The body came too slowly.",
    409: "It contradicts what is there.",
    413: "Too many bytes or files.",
    415: "It is no multipart form.",
    422: "The call cannot be understood.",
    429: "Too many calls; `Retry-After` says when to come again.",
    500: "A fault of the program.",
    503: "More work waits than is taken on; `Retry-After` says when to come again.",
    507: "The disk is full.",
}
ALWAYS = (401, 403, 422, 429, 500, 503)


def body(field: str, many: bool, options: dict[str, Any]) -> dict[str, Any]:
    """Return a multipart form for the specification.

    Args:
        field: that holds a file, or files.
        many: whether it may be given repeatedly.
        options: name → schema of the other fields.
    """
    file = {"type": "string", "contentMediaType": "application/octet-stream", "description": "A photo's bytes."}
    holds = {"type": "array", "items": file, "minItems": 1} if many else file
    schema = {
        "type": "object",
        "required": [field],
        "properties": {field: holds} | options,
        "additionalProperties": False,
    }
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def _flag(said: str) -> dict[str, Any]:
    return {"type": "boolean", "default": False, "description": said}


EXAMINATION_BODY = body(
    "files",
    True,
    {
        "heatmap": _flag("Also make a heatmap, to be read at `links.heatmap`."),
        "evidence": _flag("Also say what the other signals show."),
        "partial": _flag("Examine what is left of a photo that is cut short."),
        "case": {
            "type": "string",
            "description": "Store the photos in this case, by its name or id; takes the scope `cases` too.",
        },
    },
)
LABEL_BODY = body(
    "file",
    False,
    {
        "threshold": {
            "type": "number",
            "exclusiveMinimum": 0,
            "exclusiveMaximum": 1,
            "default": THRESHOLD,
            "description": "Probability from which a warning is given: the platform's choice.",
        }
    },
)
JOB_BODY = body(
    "files",
    True,
    {
        "webhook": {
            "type": "string",
            "format": "uri",
            "maxLength": 2000,
            "description": "An https address that is told of the job's end, signed as Standard Webhooks 1.0 has it.",
        }
    },
)
JOB_MADE: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "The job, which is worked on from now on.",
        "headers": {"Location": {"description": "Where to follow it.", "schema": {"type": "string"}}},
    }
}
RESULTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A JSON object a line.",
        "content": {JSON_LINES: {"schema": {"type": "string"}}},
        "headers": {"X-Job-State": {"description": "The job's state.", "schema": {"type": "string"}}},
    }
}
HEATMAP: dict[int | str, dict[str, Any]] = {
    200: {"description": "The map over the photo.", "content": {"image/png": {"schema": {"type": "string"}}}}
}
