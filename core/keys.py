"""Keys that nobody guesses."""

import secrets
from uuid import UUID


def random_key() -> UUID:
    """Return 128 random bits in the form of a UUID.

    An interview's key is its link, and who holds the link is let in. Of a UUID of version 4
    six bits are fixed; here none is.
    """
    return UUID(bytes=secrets.token_bytes(16))
