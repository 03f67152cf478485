"""Finding sealed names and addresses without opening them.

What can be looked up is kept beside the sealed text as keyed hashes (HMAC-SHA-256): of the
whole address, and of the beginnings of each word. The key is FIELD_INDEX_KEY and no other:
keys that seal may change at any time, and two processes that seal under different keys
still agree on what an address is called, so the database's constraint holds throughout.
"""

import hashlib
import hmac
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings

from core.encryption import derive, secret_of

# Shorter words are found by the whole of them; longer beginnings tell no more.
SHORTEST, LONGEST = 3, 16
WORD = re.compile(r"[^\W_]+")


class IndexKey(NamedTuple):
    """A key of lookups, and what it is called in the tables."""

    id: str
    of_addresses: bytes
    of_words: bytes

    def address(self, address: str) -> str:
        """Return what an address is found by; letters' case makes no difference."""
        found = hmac.digest(self.of_addresses, address.lower().encode(), "sha256")
        return f"{self.id}:{found[:20].hex()}"

    def word(self, word: str) -> int:
        """Return 64 bits of a hash, as the database's bigint has them."""
        found = hmac.digest(self.of_words, word.encode(), "sha256")
        return int.from_bytes(found[:8], signed=True)


@lru_cache(maxsize=8)
def make_key(text: str) -> IndexKey:
    secret = secret_of(text, "FIELD_INDEX_KEY")
    return IndexKey(
        hashlib.sha256(derive(secret, b"name of the index key", 32)).hexdigest()[:8],
        derive(secret, b"addresses", 32),
        derive(secret, b"words", 32),
    )


def current() -> IndexKey:
    return make_key(settings.FIELD_INDEX_KEY)


def index_keys() -> list[IndexKey]:
    """Return the keys by which rows may be found: the current one, and the one before."""
    texts = [settings.FIELD_INDEX_KEY, settings.FIELD_INDEX_KEY_PREVIOUS]
    return [make_key(text) for text in texts if text]


def words_of(text: str) -> set[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return set(WORD.findall(folded))


def beginnings(word: str) -> list[str]:
    """Return what a word is found by."""
    if len(word) < SHORTEST:
        return [word]
    return [word[:end] for end in range(SHORTEST, min(len(word), LONGEST) + 1)]


def hashes_of(*texts: str) -> list[int]:
    """Return the hashes under which a row with these texts is found."""
    words = {word for text in texts for word in words_of(text)}
    parts = {part for word in words for part in beginnings(word)}
    return sorted(map(current().word, parts))


def hashes_to_find(part: str) -> list[list[int]]:
    """Return, for each key, the hashes that a row must have; none if there is no word.

    Of several words in one, as an address has, those that are too short are left out.
    """
    words = words_of(part)
    asked = {word[:LONGEST] for word in words if len(word) >= SHORTEST} or words
    if not asked:
        return []
    return [sorted(map(key.word, asked)) for key in index_keys()]
