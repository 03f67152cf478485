"""What the agent asked, held against the script."""

from typing import NamedTuple

import pytest

from vacancies.scripts import FrozenQuestion, FrozenScript
from voice.askings import are_akin, askings, words
from voice.fidelity import Verdict, report

TEAM = "Расскажите о вашем опыте работы в команде."
LEAVING = "Почему вы ушли с прошлого места?"
START = "Когда вы могли бы начать?"


class Spoken(NamedTuple):
    speaker: str
    text: str
    seconds: int = 0
    question_id: int | None = None


def script(*questions, greeting="", closing=""):
    return FrozenScript(
        title="Job",
        language="ru",
        greeting=greeting,
        closing=closing,
        questions=tuple(
            FrozenQuestion(id=10 * place, text=text)
            for place, text in enumerate(questions, start=1)
        ),
    )


def call(*said):
    """The agent's turns, each answered, unless a turn says who speaks."""
    turns = []
    for one in said:
        if isinstance(one, Spoken):
            turns.append(one)
        else:
            turns += [Spoken("agent", one), Spoken("candidate", "An answer.")]
    return turns


def verdicts(questions, *calls, spoken=(), written=()):
    found = report(questions, calls, spoken=spoken, written=written).questions
    return [(one.verdict, one.times) for one in found]


def heard(questions, *said):
    """The positions of the questions put, and whether each was word for word."""
    return [
        (asking.question.id // 10, asking.similarity == 1)
        for asking in askings(questions, call(*said))
    ]


WORD_FOR_WORD, PARAPHRASED = Verdict.WORD_FOR_WORD, Verdict.PARAPHRASED


# How texts are compared


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ещё раз", "еще   раз"),
        ("«Почему?»", "почему"),
        ("10 000 рублей", "10000 рублей"),
        ("10,000 dollars", "10000 dollars"),
        ("за\u0301мок", "замок"),
        ("инфор\u00adмация", "информация"),
        ("ﬁle №\u00a05", "file No 5"),
        ("don’t", "don't"),
    ],
)
def test_what_sounds_the_same_is_the_same(one, other):
    assert words(one) == words(other)


@pytest.mark.parametrize(
    ("one", "other"), [("3 года", "5 лет"), ("10 000", "10 001"), ("мой", "мои")]
)
def test_what_sounds_different_is_different(one, other):
    assert words(one) != words(other)


# Word for word


@pytest.mark.parametrize(
    "said",
    [
        TEAM,
        "расскажите  о вашем опыте работы в команде",
        f"Спасибо! Следующий вопрос. {TEAM} Не торопитесь.",
        "Итак: Расскажите — о вашем опыте, работы в команде?",
    ],
)
def test_a_question_said_as_written(said):
    assert heard(script(TEAM, LEAVING), said) == [(1, True)]


def test_a_long_question():
    long = " ".join(f"Предложение номер {n}, и ещё слова." for n in range(40))

    assert heard(script(long, TEAM), f"Вопрос. {long}") == [(1, True)]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Почему?", [(1, True)]),
        ("Спасибо. Почему?", [(1, True)]),
        ("Итак, почему?", [(1, True)]),
        ("Понимаю, почему вы так решили.", []),
        ("Понимаю почему.", []),
        (LEAVING, [(2, True)]),
    ],
)
def test_a_short_question_stands_by_itself(said, found):
    assert heard(script("Почему?", LEAVING), said) == found


def test_two_questions_in_one_turn():
    assert heard(script(TEAM, LEAVING, START), f"{START} И ещё. {LEAVING}") == [
        (3, True),
        (2, True),
    ]


def test_questions_that_differ_in_a_number():
    near = script("Где вы себя видите через 3 года?", "Где вы себя видите через 5 лет?")

    assert heard(near, "Где вы себя видите через 5 лет?") == [(2, True)]
    assert heard(near, "Кем вы видите себя лет через 5?") == [(2, False)]


def test_a_question_that_holds_another():
    holding = script("Расскажите о себе", "Расскажите о себе и о своей семье")

    assert heard(holding, "Расскажите о себе и о своей семье.") == [(2, True)]
    assert heard(holding, "Расскажите о себе.") == [(1, True)]


def test_what_the_candidate_repeats_is_not_asked():
    turns = [
        Spoken("agent", "Слушаю."),
        Spoken("candidate", TEAM),
        Spoken("tool", TEAM),
    ]

    assert askings(script(TEAM), turns) == []


def test_a_question_of_signs_alone_is_never_found():
    assert heard(script("???", TEAM), "???", TEAM) == [(2, True)]


# In other words


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("Не могли бы вы рассказать, как вы работали в команде?", 1),
        ("Скажите, почему вы ушли с места, где работали?", 2),
        ("А когда вы смогли бы начать работать?", 3),
        ("Спасибо, а почему же вы ушли с прошлого места?", 2),
        ("Расскажите о вашем опы", 1),
    ],
)
def test_a_question_in_other_words(said, place):
    assert heard(script(TEAM, LEAVING, START), said) == [(place, False)]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("Could you tell me how you have worked in teams?", 1),
        ("So why was it that you left that last job of yours?", 2),
    ],
)
def test_a_question_in_other_words_in_english(said, place):
    english = script(
        "Tell me about your experience of working in a team.",
        "Why did you leave your last job?",
    )

    assert heard(english, said) == [(place, False)]


def test_near_identical_questions_in_other_words():
    near = script("Назовите ваши сильные стороны.", "Назовите ваши слабые стороны.")

    assert heard(near, "Какие у вас слабые стороны?") == [(2, False)]
    assert heard(near, "Какие у вас сильные стороны?") == [(1, False)]


@pytest.mark.parametrize(
    "said",
    [
        "Не торопитесь, я слушаю.",
        "Спасибо за рассказ о вашем опыте работы в команде.",
        "Понимаю, вы работали впятером.",
        "Вы рассказали о вашем опыте, понятно.",
        "Хорошо. Сейчас сохраню ответ.",
        "",
    ],
)
def test_a_remark_is_no_question(said):
    assert heard(script(TEAM, LEAVING, START), TEAM, said) == [(1, True)]


def test_a_remark_before_the_next_question_is_no_question():
    remark = "Значит, ваш опыт работы в команде большой, расскажете потом."

    assert heard(script(TEAM, LEAVING), TEAM, f"{remark} {LEAVING}") == [
        (1, True),
        (2, True),
    ]


def test_forms_of_a_word_are_akin_and_numbers_are_not():
    assert are_akin("опыт", "опыте")
    assert are_akin("experience", "experienced")
    assert not are_akin("опыт", "опера")
    assert not are_akin("2019", "2018")
    assert not are_akin("о", "об")


def test_the_greeting_and_the_goodbye_are_no_questions():
    greeting = "Мы поговорим о вашем опыте работы в команде."
    questions = script(
        TEAM, LEAVING, greeting=greeting, closing="Вы рассказали о вашем опыте работы."
    )

    assert heard(
        questions,
        f"Здравствуйте! {greeting}",
        TEAM,
        "Вы рассказали о вашем опыте работы.",
    ) == [(1, True)]


def test_what_resembles_the_first_question_before_it_is_no_question():
    questions = script(TEAM, LEAVING)

    assert heard(
        questions, "Я спрошу о вашем опыте работы в команде и не только.", TEAM, LEAVING
    ) == [(1, True), (2, True)]


def test_what_was_said_is_shown_in_whole_sentences():
    (asking,) = askings(
        script(TEAM, LEAVING),
        call("Хорошо! Не могли бы вы рассказать, как вы работали в команде? Слушаю."),
    )

    assert asking.said == "Не могли бы вы рассказать, как вы работали в команде?"
    assert 0.5 < asking.similarity < 1


# The report


def test_a_faithful_interview():
    questions = script(TEAM, LEAVING, START)
    found = report(questions, [call(TEAM, LEAVING, START)], spoken=(), written=())

    assert [one.verdict for one in found.questions] == [WORD_FOR_WORD] * 3
    assert found.summary == "3 of 3 word for word"


def test_an_unfaithful_interview():
    questions = script(TEAM, LEAVING, START, "Кто вы?", "Что дальше?")
    found = report(
        questions,
        [call(TEAM, START, "Не могли бы вы рассказать, почему ушли с прошлого места?")],
        spoken=(),
        written=(),
    )

    assert [
        (one.position, one.verdict, one.times, one.is_out_of_order)
        for one in found.questions
    ] == [
        (1, WORD_FOR_WORD, 1, False),
        (2, PARAPHRASED, 1, True),
        (3, WORD_FOR_WORD, 1, False),
        (4, Verdict.NOT_REACHED, 0, False),
        (5, Verdict.NOT_REACHED, 0, False),
    ]
    assert found.questions[1].said.startswith("Не могли бы вы")
    assert found.questions[0].said == ""
    assert found.summary == "2 of 3 word for word, 1 in other words, 1 out of order"


def test_a_question_left_out():
    assert verdicts(script(TEAM, LEAVING, START), call(TEAM, START)) == [
        (WORD_FOR_WORD, 1),
        (Verdict.SKIPPED, 0),
        (WORD_FOR_WORD, 1),
    ]


def test_an_answer_without_its_question():
    questions = script(TEAM, LEAVING, START)

    assert verdicts(questions, call(TEAM, START), spoken={10, 20}, written={30}) == [
        (WORD_FOR_WORD, 1),
        (Verdict.NOT_FOUND, 0),
        (WORD_FOR_WORD, 1),
    ]
    assert verdicts(questions, call(TEAM), written={20}) == [
        (WORD_FOR_WORD, 1),
        (Verdict.ON_THE_PAGE, 0),
        (Verdict.NOT_REACHED, 0),
    ]


def test_questions_asked_again():
    questions = script(TEAM, LEAVING)

    assert verdicts(questions, call(TEAM, TEAM, LEAVING), call(LEAVING)) == [
        (WORD_FOR_WORD, 2),
        (WORD_FOR_WORD, 2),
    ]
    found = report(questions, [call(TEAM), call(TEAM, LEAVING)], spoken=(), written=())
    assert found.summary == "2 of 2 word for word, 1 asked more than once"


def test_coming_back_to_a_question_is_not_out_of_order():
    found = report(
        script(TEAM, LEAVING), [call(TEAM, LEAVING, TEAM)], spoken=(), written=()
    )

    assert [one.is_out_of_order for one in found.questions] == [False, False]


def test_the_least_faithful_time_counts():
    found = report(
        script(TEAM, LEAVING),
        [call(TEAM, "Расскажите же об опыте вашей работы в команде, пожалуйста.")],
        spoken=(),
        written=(),
    )

    assert [(one.verdict, one.times) for one in found.questions] == [
        (PARAPHRASED, 2),
        (Verdict.NOT_REACHED, 0),
    ]


def test_no_words_at_all():
    assert verdicts(script(TEAM), [], call()) == [(Verdict.NOT_REACHED, 0)]


def test_the_same_every_time():
    questions = script(TEAM, LEAVING, START)
    calls = [call(TEAM, f"Итак, {START}", "Скажите, почему вы ушли?")]

    assert (
        len({str(report(questions, calls, spoken=(), written=())) for _ in range(5)})
        == 1
    )


def saved(position):
    return Spoken("tool", "save_answer", question_id=10 * position)


def test_question_of_which_no_word_was_left_is_told_by_the_answer_saved():
    questions = script(TEAM, LEAVING, START)
    turns = [
        *call(TEAM),
        saved(1),
        *call("Понятно. А что было дальше?"),
        saved(2),
        *call(START),
        saved(3),
    ]

    [_, second, _] = report(questions, [turns], spoken=(), written=()).questions

    assert (second.verdict, second.times) == (PARAPHRASED, 1)
    assert second.said == "Понятно. А что было дальше?"
    assert second.similarity == 0


@pytest.mark.parametrize(
    "after",
    [
        # Saved too early, and once more with the rest.
        [*call("Это всё?"), saved(1)],
        # Put into words that are known, but saved under the question before.
        [*call(LEAVING), saved(1)],
        # A tool that ran twice, and one that named a question of another script.
        [saved(1), saved(2)],
        [*call("Ещё что-нибудь?"), Spoken("tool", "save_answer", question_id=77)],
    ],
)
def test_saved_answers_add_no_question_that_was_not_put(after):
    turns = [*call(TEAM), saved(1), *after]

    found = askings(script(TEAM, LEAVING, START), turns)

    assert {asking.similarity for asking in found} == {1}
