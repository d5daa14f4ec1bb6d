"""Errors about a call of the web API."""

from models.errors import TriageError


class BadCall(TriageError):
    """A call that cannot be understood: a field is missing, unknown, or of a wrong form."""

    code = "bad_call"
    advice = "Compare the call with the specification at /openapi.json."


class NoKey(TriageError):
    """A call without a key that holds."""

    code = "no_key"
    advice = "Send the header `Authorization: Bearer KEY`; `python -m pipeline keys new` makes a key."


class NoScope(TriageError):
    """The key does not reach as far as this call."""

    code = "no_scope"
    advice = "Ask whoever runs the service for a key with the scope that the message names."


class NotThere(TriageError):
    """There is nothing at this address, or it belongs to another key."""

    code = "not_there"
    advice = "Check the address; what was examined is deleted after some hours (TELLTALE_API_KEEP_HOURS)."


class WrongMethod(TriageError):
    """The address does not take this method."""

    code = "wrong_method"
    advice = "Use a method that the header `Allow` names."


class BodyTooLarge(TriageError):
    """The call has more bytes, files or fields than are taken at once."""

    code = "body_too_large"
    advice = "Send fewer photos a call, or all of them as a job (`POST /v1/jobs`)."


class BodyTooSlow(TriageError):
    """The call's body came too slowly."""

    code = "body_too_slow"
    advice = "Try again over a faster connection, or send fewer photos a call."


class WrongContent(TriageError):
    """The call's content type is not taken here."""

    code = "wrong_content"
    advice = "Send the files as multipart/form-data, as `curl -F files=@photo.jpg` does."


class OtherContent(TriageError):
    """An Idempotency-Key that stands for another call."""

    code = "other_content"
    advice = "Use a new Idempotency-Key for another set of files."


class BadWebhook(TriageError):
    """A webhook's address that is not called."""

    code = "bad_webhook"
    advice = "Name an https address in the open net, or allow its host by TELLTALE_API_WEBHOOK_HOSTS."


class DamagedKeys(TriageError):
    """The keys, or the secret of webhooks, cannot be read: no call is let in, and none is signed."""

    code = "damaged_keys"
    advice = "Restore the file that the message names from a copy, or move it away: a new one is made."


class Later(TriageError):
    """A call that may be made again after some time; `retry_after` says how many seconds."""

    code = "later"
    advice = "Try again after the seconds that the header `Retry-After` names."

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooManyCalls(Later):
    """More calls in a minute than one key or address may make."""

    code = "too_many_calls"


class Busy(Later):
    """More work waits than is taken on."""

    code = "busy"
