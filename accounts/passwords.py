"""Passwords that are guessed first, however long they are.

Django's own list holds the twenty thousand that leaks show most often, and few of them have
twelve characters. So a password is also taken for what is left of it without the digits and
signs at its ends and without repetition, and for what it says beside the names that
anybody here would try: the product's, the company's, the trade's.
"""

import re
import string
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

# Walks along a keyboard, or an alphabet, from wherever they begin.
ROWS = [
    row * 9
    for row in (
        *("1234567890", "0987654321", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop"),
        *("qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb", "йцукенгшщзхъ"),
        *("абвгдежзийклмнопрстуфхцчшщъыьэюя", "йцукенгшщзхъфывапролджэячсмитьбю"),
    )
]
TRIMMINGS = string.digits + string.punctuation + " "
PARTS = re.compile(r"[^\W\d_]+")
# Listed in docs/security.md. Of several forms of a word the beginning is enough.
WORDS = (
    *("parley", "interview", "recruit", "candidate", "vacancy", "elevenlabs", "admin"),
    *("password", "собеседован", "интервью", "вакансия", "кандидат", "пароль", "админ"),
)
# A word that an installation brings is looked for from this length on.
SHORTEST_WORD = 4
# Shorter walks along a keyboard are in many good passwords.
SHORTEST_WALK = 8
# So many letters and digits beside the words of the context are not guessed from them.
ENOUGH_BESIDE = 8


class EasyPasswordValidator:
    """Refuse what is a well-known password, or a well-known word, with trimmings."""

    def __init__(self) -> None:
        self.common = CommonPasswordValidator().passwords

    def validate(self, password: str, user: Any = None) -> None:
        if self.is_known(password) or has_little_beside(password, words()):
            raise ValidationError(
                gettext(
                    "This password is among the first that anybody would guess: a "
                    "well-known password or word, with little besides. Several words "
                    "that have nothing to do with each other are better."
                ),
                code="password_easy",
            )

    def is_known(self, password: str) -> bool:
        return any(
            core in self.common
            or (len(core) >= SHORTEST_WALK and any(core in row for row in ROWS))
            for core in without_trimmings(password.lower())
        )

    def get_help_text(self) -> str:
        return gettext(
            "Not a well-known password or the name of the company with digits behind it: "
            "several words of your own are better."
        )


def without_trimmings(password: str) -> Iterator[str]:
    """Give what a password may have been before somebody made it long."""
    yield from parts_of(password)
    while any(letter.isalpha() for letter in password):
        yield from parts_of(password)
        yield from parts_of(password.lstrip(TRIMMINGS))
        if password[-1].isalpha():
            return
        password = password[:-1]


def parts_of(text: str) -> Iterator[str]:
    """Give a text, and what it repeats."""
    yield text
    for length in range(1, len(text) // 2 + 1):
        if len(text) % length == 0 and text == text[:length] * (len(text) // length):
            yield text[:length]


def has_little_beside(password: str, known: list[str]) -> bool:
    """Tell whether a password is made of known words and a few characters more."""
    rest = password.lower()
    for word in known:
        rest = rest.replace(word, "")
    return rest != password.lower() and len(re.sub(r"[\W_]", "", rest)) < ENOUGH_BESIDE


def words() -> list[str]:
    """Return the words of the context: the product's, and this installation's."""
    own = f"{settings.COMPANY_NAME} {settings.PUBLIC_URL}".lower()
    found = {word for word in PARTS.findall(own) if len(word) >= SHORTEST_WORD}
    return sorted({*WORDS, *found} - {"http", "https"}, key=len, reverse=True)
