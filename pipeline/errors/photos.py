"""Errors about a photo, a face in it, or the archive that it came in."""

from models.errors import TriageError


class UnreadablePhoto(TriageError):
    """The bytes are no photo that can be shown."""

    code = "unreadable_photo"
    advice = "Check what the file is, or ask whoever sent it for the original."


class CutShort(UnreadablePhoto):
    """The end of the file is missing, but a part of it decodes: `Photo.read(data, partial=True)` gives that part."""


class PhotoTooLarge(TriageError):
    """The photo has more pixels or bytes than the settings allow."""

    code = "photo_too_large"
    advice = "Ask for a smaller version, or raise the limit (see Settings) and start the app again."


class NoFace(TriageError):
    """No face was found where one is needed."""

    code = "no_face"
    advice = "Mark the face by hand, or take a photo in which it is larger and seen from the front."


class BadMark(TriageError):
    """A box that marks no face of a photo."""

    code = "bad_mark"
    advice = "Mark the whole face, from forehead to chin, and turn the photo so that it stands upright."


class UnsafeArchive(TriageError):
    """A zip archive that is damaged, encrypted, or grows beyond the limits."""

    code = "unsafe_archive"
    advice = "Unpack the archive yourself and add the photos as files or as a folder."


class Unexpected(TriageError):
    """A fault of the program that one photo met; `trace` holds the frames as text."""

    code = "internal_error"
    advice = "Please report it, with the name of the file and the program's output. The other photos stand."

    def __init__(self, message: str, trace: str = "") -> None:
        super().__init__(message)
        self.trace = trace
