"""A call's multipart form: its files and its options, each known by name, nothing passed over."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from pipeline.api.limits import Hold
from pipeline.api.spool import form_on_disk
from pipeline.errors import BadCall, BodyTooLarge, WrongContent

FIELD_BYTES = 10_000
UNKNOWN_FIELDS = 20
"""Fields beyond those that are known that are read at most, to say which is unknown."""


@dataclass(frozen=True)
class Form:
    """A form that was read.

    Attributes:
        files: as they came; large ones lie on disk, without a name.
        options: field → text.
    """

    files: tuple[UploadFile, ...]
    options: dict[str, str]

    def flag(self, name: str) -> bool:
        """Return an option that is true or false; false where it is not given.

        Raises:
            BadCall: it is something else.
        """
        text = self.options.get(name, "false")
        if text not in ("true", "false"):
            raise BadCall(f"{name} is true or false, not {text[:40]!r}.")
        return text == "true"

    def number(self, name: str, default: float) -> float:
        """Return an option that is a number above 0 and below 1.

        Raises:
            BadCall: it is something else.
        """
        text = self.options.get(name)
        try:
            value = default if text is None else float(text)
        except ValueError:
            value = 0.0
        if not 0 < value < 1:
            raise BadCall(f"{name} is a number above 0 and below 1.")
        return value


@asynccontextmanager
async def form_of(
    request: Request, field: str, most: int, options: Collection[str], on_disk: bool = False
) -> AsyncIterator[Form]:
    """Read the form of a call, and close its files at the end.

    Args:
        request: the call.
        field: the name of the fields that hold files.
        most: files that are taken.
        options: names of the other fields.
        on_disk: its files wait on disk, also small ones: nobody counts what they hold.

    Raises:
        WrongContent: it is no multipart form.
        BadCall: it has no file, or a field that is unknown, doubled, or no text.
        BodyTooLarge: it has too many files or bytes.
        BodyTooSlow: it comes too slowly.
    """
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "multipart/form-data":
        raise WrongContent("The call is no multipart/form-data.")
    limits = {"max_files": most, "max_fields": len(options) + UNKNOWN_FIELDS, "max_part_size": FIELD_BYTES}
    form = await (form_on_disk(request, **limits) if on_disk else request.form(**limits))
    try:
        yield _sorted(form, field, most, options)
    finally:
        await form.close()


def _sorted(form: FormData, field: str, most: int, options: Collection[str]) -> Form:
    files, given = list[UploadFile](), dict[str, str]()
    for name, value in form.multi_items():
        if name == field and isinstance(value, UploadFile):
            files.append(value)
        elif name in given:
            raise BadCall(f"The field {name} is given twice.")
        elif name in options and isinstance(value, str):
            given[name] = value
        else:
            known = ", ".join([f"{field} (a file)", *options])
            raise BadCall(f"There is no field {name[:60]!r} of this kind; there are {known}.")
    if not files:
        raise BadCall(f"The call holds no file: send each as a field named {field}, with a file name.")
    if len(files) > most:
        raise BodyTooLarge(f"The call has {len(files)} files; at most {most} are taken.")
    return Form(tuple(files), given)


def count_into(request: Request, hold: Hold) -> None:
    """Have the bytes of a call's body take their places as they come."""
    request.scope["state"]["body"].on_bytes = lambda size: hold.take(size=size)


async def unless_gone(request: Request, work: "asyncio.Future[Any]") -> Any:
    """Return what a future gives; where the client goes away meanwhile, cancel it.

    Raises:
        ClientDisconnect: the client went away.
    """
    from starlette.requests import ClientDisconnect

    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        raise ClientDisconnect
    finally:
        gone.cancel()
        work.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
