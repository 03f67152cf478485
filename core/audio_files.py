"""Recordings as players want them: the whole, or the stretch they ask for."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.core.files.storage import Storage
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)

CHUNK = 64 * 1024
# One stretch. Several at once are answered with the whole, as the standard allows.
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Audio(NamedTuple):
    """A recording of `size` bytes; `read` gives the bytes of a stretch, in order."""

    size: int
    content_type: str
    read: Callable[[range], Iterator[bytes]]


def stored_audio(storage: Storage, name: str, content_type: str) -> Audio:
    """Return the recording kept under a name; raises Http404 if it is not there."""
    try:
        size = storage.size(name)
    except FileNotFoundError as error:
        raise Http404 from error

    def read(part: range) -> Iterator[bytes]:
        if fetch := getattr(storage, "read_part", None):  # core.bucket
            yield from fetch(name, part)
            return
        with storage.open(name) as file:
            file.seek(part.start)
            left = len(part)
            while left and (chunk := file.read(min(CHUNK, left))):
                left -= len(chunk)
                yield chunk

    return Audio(size, content_type, read)


def audio_response(request: HttpRequest, audio: Audio) -> HttpResponseBase:
    """Play a recording, or the stretch of it that the player asks for (206, 416)."""
    try:
        part = requested_part(request, audio.size)
    except IndexError:
        unsatisfiable = HttpResponse(status=416)
        unsatisfiable["Content-Range"] = f"bytes */{audio.size}"
        return unsatisfiable
    response = part_response(request, audio, part or range(audio.size))
    if part is not None:
        response.status_code = 206
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{audio.size}"
    return response


def requested_part(request: HttpRequest, size: int) -> range | None:
    """Return the bytes asked for, None for all; raises IndexError if there are none.

    There is no validator to hold an If-Range against, so with one the whole is sent.
    """
    found = RANGE.fullmatch(request.headers.get("Range", "").strip())
    if not found or "If-Range" in request.headers or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:  # the last so many bytes
        part = range(max(size - int(last), 0), size)
    else:
        part = range(int(first), min(int(last) + 1, size) if last else size)
        if last and int(last) < int(first):
            return None
    if not part:
        raise IndexError
    return part


def part_response(request: HttpRequest, audio: Audio, part: range) -> HttpResponseBase:
    headers = {
        "Content-Type": audio.content_type,
        "Content-Length": str(len(part)),
        "Content-Disposition": "inline",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    if request.method == "HEAD":
        return HttpResponse(headers=headers)
    return StreamingHttpResponse(audio.read(part), headers=headers)
