"""Personal data at rest: sealed under keys of the environment, opened with any of them.

Which columns are sealed is said where they are: `core.fields`. Sealed text is
`enc1:<id of the key>:<base64>`, AES-SIV (RFC 5297) under a key derived from the one in
FIELD_KEYS. What is sealed is bound to its row and its column: elsewhere it does not open.
The same text in the same place under the same key gives the same bytes, and two places
never do; so a repeated answer can be told, and nothing can be matched across rows.

Text without the prefix is clear text. Clear text that happens to begin like a prefix of
ours, because somebody typed it, is kept behind `enc0:`.
"""

import hashlib
import re
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

SEALED, CLEAR = "enc1:", "enc0:"
START_OF_TEXT = re.compile(r"enc1:([0-9a-f]{8}):([A-Za-z0-9_-]{22,})\Z")
START_OF_BYTES = re.compile(rb"enc1:([0-9a-f]{8}):")
KEY_BYTES = 32

Place = tuple[object, ...]


class CannotOpen(Exception):
    """The key of a sealed value is not here, or the value was not sealed for its place."""

    def __init__(self, key_id: str, problem: str) -> None:
        super().__init__(problem)
        self.key_id = key_id
        self.problem = problem


class Key(NamedTuple):
    """A key of FIELD_KEYS, and what it is called in the tables."""

    id: str
    cipher: AESSIV


def derive(secret: bytes, purpose: bytes, length: int) -> bytes:
    """Return a key for one purpose: two purposes never share one."""
    return HKDF(SHA256(), length, salt=None, info=b"parley " + purpose).derive(secret)


def secret_of(text: str, name: str) -> bytes:
    """Return the bytes of a key in base64; raises ImproperlyConfigured, without the key."""
    try:
        secret = b64decode(
            text.strip().replace("-", "+").replace("_", "/"), validate=True
        )
    except (NotBase64, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise ImproperlyConfigured(
            f"Each key in {name} is {KEY_BYTES} random bytes in base64. "
            f"Make one: openssl rand -base64 {KEY_BYTES}"
        )
    return secret


def make_key(text: str) -> Key:
    secret = secret_of(text, "FIELD_KEYS")
    name = hashlib.sha256(derive(secret, b"name of the key", 32)).hexdigest()[:8]
    return Key(name, AESSIV(derive(secret, b"fields", 64)))


@lru_cache(maxsize=8)
def keys_of(texts: tuple[str, ...]) -> dict[str, Key]:
    return {key.id: key for key in map(make_key, texts)}


def keys() -> dict[str, Key]:
    """Return the keys by their id; the first of them seals."""
    return keys_of(tuple(settings.FIELD_KEYS))


def has_keys() -> bool:
    """Tell whether there may be sealed values: then nothing is found by plain text."""
    return bool(settings.FIELD_KEYS)


def is_on() -> bool:
    """Tell whether what is written is sealed; what is read is opened in any case."""
    return bool(settings.FIELD_KEYS) and not settings.FIELD_KEYS_OFF


def current() -> Key:
    return next(iter(keys().values()))


def start_of_current() -> str:
    """Return how values begin that are stored as they should be now; "" for clear text."""
    return f"{SEALED}{current().id}:" if is_on() else ""


def seal(text: str, place: Place) -> str:
    """Return the text as it is to be stored in this place. Empty text stays empty."""
    return seal_under(current(), text, place) if text and is_on() else in_clear(text)


def seal_under(key: Key, text: str, place: Place) -> str:
    sealed = key.cipher.encrypt(text.encode(), [bound_to(place)])
    return f"{SEALED}{key.id}:{urlsafe_b64encode(sealed).decode().rstrip('=')}"


def all_forms(text: str, place: Place) -> list[str]:
    """Return every way in which the text may be stored: clear, and under each key."""
    if not text:
        return [text]
    sealed = [seal_under(key, text, place) for key in keys().values()]
    return [in_clear(text), *sealed]


def in_clear(text: str) -> str:
    """Return the clear text as it is stored: marked, if it looks like one of ours."""
    return CLEAR + text if text.startswith((SEALED, CLEAR)) else text


def open_text(stored: str, place: Place) -> str:
    """Return the text of a stored value; raises CannotOpen."""
    if stored.startswith(CLEAR):
        return stored.removeprefix(CLEAR)
    match = START_OF_TEXT.match(stored)
    if not match:
        return stored
    key_id, sealed = match.groups()
    padding = "=" * (-len(sealed) % 4)
    return open_under(key_id, urlsafe_b64decode(sealed + padding), place).decode()


def seal_bytes(data: bytes, place: Place) -> bytes:
    """Return bytes as they are to be stored in this place."""
    if data and is_on():
        key = current()
        return f"{SEALED}{key.id}:".encode() + key.cipher.encrypt(
            data, [bound_to(place)]
        )
    marks = SEALED.encode(), CLEAR.encode()
    return CLEAR.encode() + data if data.startswith(marks) else data


def open_bytes(stored: bytes, place: Place) -> bytes:
    """Return the bytes of a stored value; raises CannotOpen."""
    if stored.startswith(CLEAR.encode()):
        return stored.removeprefix(CLEAR.encode())
    match = START_OF_BYTES.match(stored)
    if not match:
        return stored
    return open_under(match[1].decode(), stored[match.end() :], place)


def open_under(key_id: str, sealed: bytes, place: Place) -> bytes:
    if key_id not in keys():
        raise CannotOpen(key_id, "no such key")
    try:
        return keys()[key_id].cipher.decrypt(sealed, [bound_to(place)])
    except (InvalidTag, ValueError):
        raise CannotOpen(key_id, "changed, or moved from another place") from None


def bound_to(place: Place) -> bytes:
    # No part holds a NUL: the database stores none.
    return "\0".join(map(str, place)).encode()
