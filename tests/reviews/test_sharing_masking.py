"""reviews.masking: a candidate's name, out of what the candidate said."""

import pytest

from reviews.masking import mask

X = "███"


@pytest.mark.parametrize(
    ("name", "text", "masked"),
    [
        # Large or small, with е for ё, and with what it is next to.
        ("Пётр Ларин", "Петр, ПЁТР: «Ларин»!", f"{X}, {X}: «{X}»!"),
        # In all cases.
        ("Анна", "Анны Анне Анну Анной", f"{X} {X} {X} {X}"),
        ("Мария", "Марии, Марию, Марией", f"{X}, {X}, {X}"),
        ("Павел", "для Павла с Павлом", f"для {X} с {X}"),
        ("Лев", "Льва звали Лев, левый", f"{X} звали {X}, левый"),
        ("Сергей", "Сергея, Сергею, Сергеем", f"{X}, {X}, {X}"),
        ("Игорь", "Игоря, Игорем", f"{X}, {X}"),
        ("Иванова", "Ивановой, Иванов, Ивановых", f"{X}, {X}, {X}"),
        ("Толстой", "Толстого, Толстая", f"{X}, {X}"),
        ("Достоевская", "Достоевской, Достоевский", f"{X}, {X}"),
        ("Ева Ильина", "Еву Ильину", f"{X} {X}"),
        # Parts of a name, each by itself.
        ("Анна-Мария О'Нил", "Мария Нил", f"{X} {X}"),
        ("José Smith", "Jose, JOSÉ and Smith's", f"{X}, {X} and {X}'s"),
        ("王小明", "我叫王小明你好", f"我叫{X}你好"),
        # Words that only begin alike, or are too short to be known for a name.
        ("Анна Ли", "аннотация: или Ли", "аннотация: или Ли"),
        ("Ян", "Ян", "Ян"),
        # Names that are none.
        ("", "Всё на месте", "Всё на месте"),
        ("😀 (.*) 123", "(.*) 123", "(.*) 123"),
    ],
)
def test_names_are_struck_out(name, text, masked):
    assert mask(text, name) == masked


def test_letters_made_of_two_signs_are_the_same_letters():
    assert mask("Сергей", "Сергей") == X


def test_the_address_is_struck_out():
    text = mask(
        "Пишите: A.Larina@Example.com или axlarina@exampleXcom",
        "Я",
        "a.larina@example.com",
    )

    assert text == f"Пишите: {X} или axlarina@exampleXcom"
