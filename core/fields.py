"""Columns that are sealed where FIELD_KEYS is set, and clear text where it is not.

To the code they are text (bytes, JSON) as any other: sealed as a row is saved, opened as
its attribute is read. A value is bound to its row, so its model says what the row is:
`sealed_in()` returns what tells it from all others and is known before it is saved.

What bypasses the row fails loudly, and never stores clear text by mistake: `update()`
takes `field.sealed(row, value)`, or `plain(value)` for words that are nobody's;
`values_list()` gives the stored text.
"""

import json
import logging
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models.fields.json import KeyTransform
from django.db.models.lookups import Exact
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import encryption

logger = logging.getLogger("parley.security")

MARKS = encryption.SEALED, encryption.CLEAR
LEFT, RIGHT = "⟦", "⟧"


class Stored(str):
    """Text as the table has it, not opened yet."""


class StoredBytes(bytes):
    """Bytes as the table has them, not opened yet."""


class Ready(str):
    """Text as it is to be stored."""


class Unreadable(str):
    """What stands in place of a value that cannot be opened; saving keeps the value."""

    stored: Any


class UnreadableBytes(bytes):
    """Bytes that cannot be opened, as the table has them."""


def plain(text: str) -> Ready:
    """Return words that are nobody's data, to be stored as they are by an `update()`."""
    return Ready(encryption.in_clear(text))


def sealed(row: models.Model, name: str, value: str) -> Ready:
    """Return text as this row is to store it in this field, for an `update()`."""
    field = row._meta.get_field(name)
    assert isinstance(field, Sealed)
    words: Ready = field.sealed(row, value)
    return words


def is_marked(data: bytes) -> bool:
    """Tell whether stored bytes are more, or less, than they were given."""
    return bytes(data[: len(encryption.SEALED)]).decode("latin-1") in MARKS


def is_readable(text: str) -> None:
    """Refuse what stands in place of a value: saved, it would be all that is left."""
    if text.startswith(LEFT) and text.endswith(RIGHT):
        raise ValidationError(
            _("This cannot be decrypted now, so it cannot be saved either."),
            code="unreadable",
        )


class SealedAttribute(DeferredAttribute):
    """Opens a value when it is first read."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Stored | StoredBytes):
            value = self.field.opened(instance, value)  # type: ignore[attr-defined]
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class Sealed(models.Field):
    """What columns of all kinds have in common."""

    descriptor_class = SealedAttribute

    def place(self, row: models.Model) -> encryption.Place:
        """Return what a value of this row is bound to."""
        return *row.sealed_in(), self.column  # type: ignore[attr-defined]

    def opened(self, row: models.Model, stored: Any) -> Any:
        """Return the value, or what says in its place that it cannot be opened."""
        try:
            return self.open(stored, self.place(row))
        except encryption.CannotOpen as problem:
            logger.error(
                "a value cannot be decrypted",
                extra={
                    "column": f"{self.model._meta.db_table}.{self.column}",
                    "row": str(row.pk),
                    "key": problem.key_id,
                    "problem": problem.problem,
                },
            )
            return self.instead_of(stored)

    def open(self, stored: Any, place: encryption.Place) -> Any:
        return encryption.open_text(stored, place)

    def instead_of(self, stored: Any) -> Any:
        words = gettext("cannot be decrypted")
        shown = Unreadable(f"{LEFT}{words}{RIGHT}")
        shown.stored = stored
        return shown

    def sealed(self, row: models.Model, value: Any) -> Any:
        """Return the value as this row is to store it."""
        if not value:
            return value
        if not encryption.is_on():
            return plain(value)
        return Ready(encryption.seal(value, self.place(row)))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.attname)
        if isinstance(value, Unreadable):
            return Ready(value.stored)
        # A database's own value, as of a column with a default.
        if hasattr(value, "resolve_expression"):
            return value
        return self.sealed(model_instance, value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        is_marked = value and value.startswith(MARKS)
        return Stored(value) if is_marked else value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if not value or hasattr(value, "as_sql"):
            return super().get_db_prep_save(value, connection)
        if self.is_ready(value):
            # A plain string: the driver asks for exact types first.
            value = str(value) if isinstance(value, Ready) else value
        elif encryption.is_on():
            raise TypeError(
                f"{self.name} is sealed: save the row, or give update() sealed(row, …)."
            )
        elif isinstance(value, str):
            value = encryption.in_clear(value)
        return super().get_db_prep_save(value, connection)

    def is_ready(self, value: Any) -> bool:
        """Tell whether the value is as it is to be stored."""
        return isinstance(value, Ready)


class WholeValue(Exact):
    """Equal to the whole of a sealed column, which only nothing can be."""

    def get_prep_lookup(self) -> Any:
        if isinstance(self.rhs, str) and self.rhs and encryption.has_keys():
            raise FieldError(
                f"{self.lhs.output_field.name} is sealed: not to be found."
            )
        return super().get_prep_lookup()


class SealedTextField(Sealed, models.TextField):
    """A sealed text."""

    default_validators = [is_readable]


class SealedCharField(Sealed, models.CharField):
    """A sealed text of one line; `max_length` is what a person may type."""

    default_validators = [is_readable]

    def db_type(self, connection: Any) -> str:
        return "varchar"


class SealedEmailField(Sealed, models.EmailField):
    """A sealed e-mail address."""

    default_validators = [*models.EmailField.default_validators, is_readable]

    def db_type(self, connection: Any) -> str:
        return "varchar"


for kind in (SealedTextField, SealedCharField, SealedEmailField):
    kind.register_lookup(WholeValue)


class SealedBinaryField(Sealed, models.BinaryField):
    """Sealed bytes."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return StoredBytes(value) if value and is_marked(value) else value

    def open(self, stored: Any, place: encryption.Place) -> bytes:
        return encryption.open_bytes(stored, place)

    def instead_of(self, stored: Any) -> bytes:
        """Return what is there: it is no JSON, and is set aside as unreadable."""
        return UnreadableBytes(stored)

    def sealed(self, row: models.Model, value: Any) -> Any:
        if not value or isinstance(value, UnreadableBytes):
            return value
        place = self.place(row) if encryption.is_on() else ()
        return encryption.seal_bytes(bytes(value), place)

    def is_ready(self, value: Any) -> bool:
        return bool(encryption.START_OF_BYTES.match(value))


class SealedJSONField(Sealed, models.JSONField):
    """Sealed JSON: a list or an object; in the table, while sealed, a string."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        value = models.JSONField.from_db_value(self, value, expression, connection)
        is_sealed = isinstance(value, str) and not isinstance(expression, KeyTransform)
        return Stored(value) if is_sealed else value

    def open(self, stored: Any, place: encryption.Place) -> Any:
        return json.loads(encryption.open_text(stored, place))

    def sealed(self, row: models.Model, value: Any) -> Any:
        if not value or not encryption.is_on():
            return value
        text = json.dumps(value, cls=self.encoder, ensure_ascii=False)
        return Ready(encryption.seal(text, self.place(row)))


class Computed(models.Field):
    """A column whose value its row computes as it is saved: `computed_<name>()`."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, f"computed_{self.name}")()
        setattr(model_instance, self.attname, value)
        return value


class ComputedCharField(Computed, models.CharField):
    """A computed text."""


class ComputedArrayField(Computed, ArrayField):
    """A computed list."""


def sealed_fields(model: type[models.Model]) -> list[Sealed]:
    return [field for field in model._meta.concrete_fields if isinstance(field, Sealed)]
