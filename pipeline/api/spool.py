"""The files of a call's form in one file on disk: thousands of small ones fill no memory, and open no thousand files.

The framework keeps each file of a form in memory up to a megabyte, and gives each larger one a file of its own.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from fastapi import Request
from starlette.datastructures import FormData, Headers
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

IN_MEMORY = 1 << 16
"""Bytes of all files together up to which they stay in memory."""


async def form_on_disk(request: Request, **limits: int) -> FormData:
    """Read the form of a call as `request.form` does, its files into one without a name.

    Args:
        request: the call.
        limits: as `request.form` takes them.

    Raises:
        HTTPException: it is no form, or has too much.
    """
    try:
        async with aclosing(request.stream()) as stream:
            return await _Parser(request.headers, stream, **limits).parse()
    except MultiPartException as problem:
        raise HTTPException(400, problem.message) from problem


class _Form(FormData):
    """A form that closes the one file, also where it has none of the files that began in it."""

    def __init__(self, read: FormData, whole: "SpooledTemporaryFile[bytes]") -> None:
        super().__init__(read.multi_items())
        self._whole = whole

    async def close(self) -> None:
        self._whole.close()


class _Parser(MultiPartParser):
    """The framework's own, but for where files go."""

    def __init__(self, headers: Headers, stream: AsyncGenerator[bytes, None], **limits: int) -> None:
        super().__init__(headers, stream, **limits)
        self._whole = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # its form closes it

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        if self._current_part.file is not None:
            self._current_part.file.file.close()
            self._current_part.file.file = cast("BinaryIO", _Section(self._whole))

    async def parse(self) -> FormData:
        with ExitStack() as on_failure:
            on_failure.callback(self._whole.close)
            form = _Form(await super().parse(), self._whole)
            on_failure.pop_all()
        return form


class _Section:
    """One file of a form: its place in the file that holds all of them, each behind the one before."""

    def __init__(self, whole: "SpooledTemporaryFile[bytes]") -> None:
        self._whole, self._start, self._size, self._at = whole, 0, 0, 0

    def write(self, data: bytes) -> int:
        """Add bytes; until the next file begins, the last place is this one's."""
        end = self._whole.seek(0, os.SEEK_END)
        self._start = end - self._size
        self._size += len(data)
        return self._whole.write(data)

    def seek(self, place: int) -> int:
        self._at = place
        return place

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._size - self._at)
        self._whole.seek(self._start + self._at)
        data = self._whole.read(left if size < 0 else min(size, left))
        self._at += len(data)
        return data
