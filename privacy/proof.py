"""Proving later that somebody was erased, by what nobody can turn back into an address.

A keyed hash: whoever has the table alone cannot try addresses. The key is SECRET_KEY; an
erasure of before a rotation is found while the old key is in SECRET_KEY_FALLBACKS.
"""

from django.conf import settings
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from privacy.models import Erasure

SALT = "privacy.erasure"


def hash_of(address: str, secret: str | None = None) -> str:
    """Return the hash of an address, however it is spelt."""
    told = address.strip().casefold()
    return salted_hmac(SALT, told, secret=secret, algorithm="sha256").hexdigest()


def erasures_of(address: str) -> QuerySet[Erasure]:
    """Return the erasures of whoever had this address, the latest first."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    hashes = [hash_of(address, secret) for secret in secrets]
    return Erasure.objects.filter(address_hash__in=hashes)
