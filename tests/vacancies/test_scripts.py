"""vacancies.scripts: which question comes next. No database."""

import json

import pytest

from vacancies.scripts import FrozenQuestion, FrozenScript, Step

ONE, TWO, THREE = (FrozenQuestion(id, f"Question {id}?") for id in (11, 7, 9))


def script(*questions, **fields):
    words = {"title": "Cook", "language": "en", "greeting": "Hi", "closing": "Bye"}
    return FrozenScript(**words | fields, questions=questions)


@pytest.mark.parametrize(
    ("answered", "step"),
    [
        ([], Step(ONE, 1, 3, "Bye")),
        ([11], Step(TWO, 2, 3, "Bye")),
        ([11, 9], Step(TWO, 2, 3, "Bye")),
        ([7, 9], Step(ONE, 1, 3, "Bye")),
        ([7, 11], Step(THREE, 3, 3, "Bye")),
        ([9, 7, 11], Step(None, None, 3, "Bye")),
        ({9, 7, 11, 500}, Step(None, None, 3, "Bye")),
        ([500], Step(ONE, 1, 3, "Bye")),
    ],
)
def test_step_is_the_first_question_without_an_answer(answered, step):
    assert script(ONE, TWO, THREE).step(answered) == step


def test_step_without_a_question_is_done():
    assert Step(None, None, 3, "Bye").done is True
    assert Step(ONE, 1, 3, "Bye").done is False


def test_content_survives_storage():
    frozen = script(ONE, FrozenQuestion(5, "Я?", False, 60), greeting="Привет 🙂")

    stored = json.loads(json.dumps(frozen.content))

    assert FrozenScript.from_content(stored) == frozen
    assert FrozenScript.from_content(stored).content_hash == frozen.content_hash


def test_content_of_a_later_version_is_read():
    stored = script(ONE).content | {"rubric": "of a later version"}

    assert FrozenScript.from_content(stored) == script(ONE)


@pytest.mark.parametrize(
    "other",
    [
        script(ONE, TWO, title="Chef"),
        script(ONE, TWO, language="ru"),
        script(ONE, TWO, greeting="Hello"),
        script(ONE, TWO, closing="Good-bye"),
        script(TWO, ONE),
        script(ONE),
        script(ONE, FrozenQuestion(7, "Question 7!")),
        script(ONE, FrozenQuestion(7, "Question 7?", required=False)),
        script(ONE, FrozenQuestion(7, "Question 7?", time_limit_seconds=60)),
    ],
)
def test_any_difference_is_another_hash(other):
    assert other.content_hash != script(ONE, TWO).content_hash


def test_questions_are_found_by_their_key():
    assert script(ONE, TWO).by_id == {11: ONE, 7: TWO}


@pytest.mark.parametrize(
    ("limits", "minutes"),
    [
        ([None], 2),
        ([15], 1),
        ([None, None], 3),
        ([60, 60, 60], 3),
        ([3600], 5),
        ([3600, 3600, 60], 11),
    ],
)
def test_minutes_are_an_estimate_by_the_limits(limits, minutes):
    questions = [
        FrozenQuestion(number, "?", time_limit_seconds=limit)
        for number, limit in enumerate(limits)
    ]

    assert script(*questions).minutes == minutes


@pytest.mark.parametrize(
    ("limits", "fewest_and_most"),
    [
        ([None], (1, 2)),
        ([None] * 7, (7, 14)),
        # Never "1–1 minutes".
        ([15], (1, 2)),
        ([60, 60, 60], (3, 4)),
        ([3600, None], (6, 7)),
    ],
)
def test_minutes_are_told_from_brisk_to_thorough(limits, fewest_and_most):
    asked = script(
        *(
            FrozenQuestion(number, "?", time_limit_seconds=limit)
            for number, limit in enumerate(limits)
        )
    )

    assert (asked.fewest_minutes, asked.most_minutes) == fewest_and_most
    assert asked.fewest_minutes <= asked.minutes <= asked.most_minutes


@pytest.mark.parametrize(
    ("fields", "limits_time", "limits_retakes"),
    [
        ({}, False, False),
        ({"time_limit_seconds": 60}, True, False),
        ({"retakes": 0}, False, True),
    ],
)
def test_a_script_knows_whether_it_limits(fields, limits_time, limits_retakes):
    limited = script(ONE, FrozenQuestion(8, "?", **fields))

    assert (limited.limits_time, limited.limits_retakes) == (
        limits_time,
        limits_retakes,
    )
