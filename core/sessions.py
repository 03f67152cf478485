"""Sessions of staff in the database: a message that waits to be shown may name somebody."""

from typing import Any

from django.core.signing import JSONSerializer

from core.encryption import open_bytes, seal_bytes

PLACE = ("django_session",)


class SealedSerializer(JSONSerializer):
    """As Django's own, sealed where FIELD_KEYS is set (core.encryption).

    A session whose key is gone is empty: its owner signs in again.
    """

    def dumps(self, obj: Any) -> bytes:
        return seal_bytes(super().dumps(obj), PLACE)

    def loads(self, data: bytes) -> Any:
        return super().loads(open_bytes(data, PLACE))
