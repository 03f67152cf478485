"""The content of an event as a person can read it: JSON laid out, or the bytes as text."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import BinaryField, F, Func

from core.fields import is_marked
from voice.models import VoiceEvent

# More is not taken for reading; a report of an hour's call is some hundred KB.
READ_BYTES = 1024 * 1024
SHOWN_CHARACTERS = 256 * 1024

# What a page cannot show, and what would show its text in another order.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class Content(NamedTuple):
    """Text for a page (never to be marked safe), and whether it is all there is."""

    text: str
    is_whole: bool


def content_of(event: VoiceEvent) -> Content:
    head = head_of(event)
    laid_out = laid_out_json(head) if len(head) == event.size else None
    text = head.decode(errors="replace") if laid_out is None else laid_out
    is_whole = len(head) == event.size and len(text) <= SHOWN_CHARACTERS
    return Content(UNSEEN.sub("\ufffd", text[:SHOWN_CHARACTERS]), is_whole)


def head_of(event: VoiceEvent) -> bytes:
    """Read the beginning alone: a recording is 60 MB."""
    head = Func(
        F("raw"), 1, READ_BYTES, function="substring", output_field=BinaryField()
    )
    found = bytes(VoiceEvent.objects.values_list(head, flat=True).get(pk=event.pk))
    # What is sealed opens as a whole or not at all.
    return bytes(event.raw[:READ_BYTES]) if is_marked(found) else found


def laid_out_json(raw: bytes) -> str | None:
    """Lay JSON out, somewhat further than is shown; None if it is none that Python reads."""
    encoder = json.JSONEncoder(indent=2, ensure_ascii=False)
    try:
        text = "".join(up_to(SHOWN_CHARACTERS, encoder.iterencode(json.loads(raw))))
    except (ValueError, RecursionError):
        return None
    # A lone surrogate is in no encoding of a page.
    return text.encode(errors="backslashreplace").decode()


def up_to(limit: int, parts: Iterable[Any]) -> Iterator[str]:
    """Stop after so many characters: deep nesting grows a hundredfold when indented."""
    for part in parts:
        yield part
        limit -= len(part)
        if limit < 0:
            return
