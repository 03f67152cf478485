"""What differs between two scripts."""

import pytest

from vacancies.differences import (
    ADDED,
    REMOVED,
    SAME,
    Piece,
    QuestionChange,
    TextChange,
    compare,
    moved_ids,
    word_pieces,
)
from vacancies.scripts import FrozenQuestion, FrozenScript


def script(*questions, **fields):
    words = {"title": "Baker", "language": "en", "greeting": "Hi!", "closing": "Bye!"}
    return FrozenScript(**(words | fields), questions=questions)


def asked(number, **fields):
    return FrozenQuestion(number, fields.pop("text", f"Question {number}?"), **fields)


def test_equal_scripts_do_not_differ():
    difference = compare(script(asked(1)), script(asked(1)))

    assert not difference


def test_a_question_added_and_one_removed():
    difference = compare(script(asked(1), asked(2)), script(asked(2), asked(3)))

    assert difference.questions == [
        QuestionChange(None, 2, [Piece(ADDED, "Question 3?")], [], []),
        QuestionChange(1, None, [Piece(REMOVED, "Question 1?")], [], []),
    ]


def test_a_question_that_others_passed_did_not_move():
    difference = compare(script(asked(1), asked(2)), script(asked(2)))

    assert [change.is_removed for change in difference.questions] == [True]


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ([1, 2, 3], [1, 2, 3], set()),
        ([1, 2, 3], [3, 1, 2], {3}),
        ([1, 2, 3], [2, 3, 1], {1}),
        ([1, 2, 3, 4, 5], [1, 4, 2, 3, 5], {4}),
        ([1, 2, 3], [9, 2, 3], set()),
        ([1, 2, 3, 4], [2, 1, 4, 3], {2, 4}),
        ([], [1], set()),
        ([1], [], set()),
    ],
)
def test_the_fewest_are_called_moved(before, after, moved):
    found = moved_ids(before, after)

    assert found == moved


def test_a_moved_question_tells_both_places():
    before = script(asked(1), asked(2), asked(3))

    [change] = compare(before, script(asked(3), asked(1), asked(2))).questions

    assert (change.before, change.after, change.is_moved) == (3, 1, True)


def test_wording_differs_word_by_word_in_cyrillic_too():
    pieces = word_pieces("Почему вы у нас?", "Почему именно вы?")

    assert pieces == [
        Piece(SAME, "Почему "),
        Piece(ADDED, "именно "),
        Piece(SAME, "вы"),
        Piece(REMOVED, " у нас"),
        Piece(SAME, "?"),
    ]


@pytest.mark.parametrize(
    "texts", [("", "a 😀 b"), ("a", ""), ("a\nb", "a\n\nc"), ("", "")]
)
def test_both_texts_are_whole_in_the_pieces(texts):
    pieces = word_pieces(*texts)

    old = "".join(piece.text for piece in pieces if piece.kind != ADDED)
    new = "".join(piece.text for piece in pieces if piece.kind != REMOVED)
    assert (old, new) == texts


def test_limits_mode_weight_and_rubric_are_told_in_words():
    before = script(asked(1, time_limit_seconds=90, weight=2, strong_answer="Names it"))
    after = script(asked(1, required=False, retakes=0, answer_mode="written"))

    [change] = compare(before, after).questions

    assert [(str(one.label), one.before, one.after) for one in change.settings] == [
        ("required", "yes", "no"),
        ("how to answer", "As the candidate likes", "In writing"),
        ("time limit", "1:30", "no limit"),
        ("retakes", "no limit", "0"),
        ("weight", "2", "1"),
    ]
    assert [(str(one.label), one.pieces) for one in change.rubric] == [
        ("a strong answer", [Piece(REMOVED, "Names it")])
    ]


def test_what_is_said_around_the_questions_differs_too():
    difference = compare(script(), script(title="Cook", closing="Bye, then!"))

    [title, closing] = difference.texts
    assert title == TextChange("title", [Piece(REMOVED, "Baker"), Piece(ADDED, "Cook")])
    assert (str(closing.label), "".join(p.text for p in closing.pieces)) == (
        "closing line",
        "Bye, then!",
    )
