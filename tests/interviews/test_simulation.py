"""`manage.py simulate_interviews`, against a server of real HTTP, honest and not."""

import socket
from argparse import ArgumentTypeError
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from candidates.models import Candidate, Consent
from interviews import turns
from interviews.management.commands import simulate_interviews
from interviews.models import InterviewProgress, InterviewSession, SessionStatus
from interviews.simulation.figures import Figures, percentiles
from interviews.simulation.people import Interview, Stored, make, remove
from tests.factories import ProgressFactory
from vacancies.models import Question, Script, Vacancy
from vacancies.scripts import FrozenQuestion, FrozenScript, Step

MADE = [
    *(Candidate, Consent, InterviewProgress, InterviewSession),
    *(Question, Script, Vacancy),
]


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.fixture
def simulate(live_server):
    """Run a small simulation; return what it prints, or the refusal it ends with."""

    def run(stderr=None, **options):
        stdout = StringIO()
        options = {
            "sessions": 4,
            "parallel": 2,
            "base_url": [live_server.url],
        } | options
        try:
            call_command(
                "simulate_interviews",
                stdout=stdout,
                stderr=stderr or StringIO(),
                **options,
            )
        except CommandError as error:
            return stdout.getvalue().splitlines(), str(error)
        return stdout.getvalue().splitlines(), None

    return run


def rows_left():
    return {model.__name__: model.objects.count() for model in MADE}


def none_left():
    return dict.fromkeys((model.__name__ for model in MADE), 0)


def test_simulation_finds_an_honest_portal_clean(simulate):
    lines, refusal = simulate(questions=3)

    sessions, calls, errors, violations, head, *latencies = lines
    assert refusal is None
    assert sessions == "sessions    4 of 4 finished"
    # Each interview: 4 times next, 3 answers, 2 of these twice, the end twice.
    assert calls.startswith(f"calls       {4 * 11} in ")
    assert [errors, violations] == ["errors      0", "violations  0"]
    assert head.split() == ["ms", "p50", "p95", "p99", "max"]
    assert [line.split()[0] for line in latencies] == ["next", "answer", "end"]


def test_simulation_removes_its_people_and_nobody_else(simulate):
    ProgressFactory()
    before = rows_left()

    simulate()

    assert rows_left() == before


def test_simulation_keeps_its_people_when_asked(simulate):
    simulate(keep=True, questions=2)

    assert rows_left() == {
        "Candidate": 4,
        "Consent": 4,
        "InterviewProgress": 8,
        "InterviewSession": 4,
        "Question": 8,
        "Script": 4,
        "Vacancy": 4,
    }
    assert InterviewSession.objects.filter(status=SessionStatus.FINISHED).count() == 4


def test_clean_removes_what_was_kept(simulate):
    ProgressFactory()
    before = rows_left()
    simulate(keep=True)

    lines, refusal = simulate(clean=True)

    assert (lines, refusal) == (["Removed 4 simulated interviews."], None)
    assert rows_left() == before


def test_neighbours_have_different_numbers_of_questions(db):
    interviews = make(7)

    assert [len(i.questions) for i in interviews] == [3, 4, 5, 6, 7, 8, 3]
    assert len({text for i in interviews for text in i.questions.values()}) == 36


def plant(monkeypatch, step):
    """Make the portal ask what `step(script, honest step)` says."""
    honest = FrozenScript.step
    monkeypatch.setattr(
        FrozenScript, "step", lambda self, answered: step(self, honest(self, answered))
    )


def asked(question, step):
    return Step(question, step.position, step.total, step.closing)


def out_of_order(script, step):
    return asked(script.questions[-1], step)


def foreign(script, step):
    return asked(FrozenQuestion(10**9, "Of another vacancy?"), step)


def reworded(script, step):
    return step.question and asked(FrozenQuestion(step.question.id, "Else?"), step)


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (out_of_order, "question out of order"),
        (foreign, "question of another vacancy"),
        (reworded, "answered wrongly"),
    ],
)
def test_simulation_reports_a_wrong_question(simulate, monkeypatch, step, kind):
    plant(monkeypatch, step)

    lines, refusal = simulate()

    assert refusal == "4 violations, 0 errors."
    assert f"  violation: {kind}: 4" in lines
    assert lines[0] == "sessions    0 of 4 finished"
    assert rows_left() == none_left()


def lose_an_answer(session_id):
    InterviewProgress.objects.filter(session=session_id).last().delete()


def change_an_answer(session_id):
    answer = InterviewProgress.objects.filter(session=session_id).last()
    answer.answer_text = "Something else"
    answer.save()


def add_a_revision(session_id):
    answer = InterviewProgress.objects.filter(session=session_id).last()
    answer.revisions.create(timestamp=answer.timestamp, replaced_at=answer.timestamp)


def reopen(session_id):
    InterviewSession.objects.filter(pk=session_id).update(finished_at=None)


def finish_twice(session_id):
    session = InterviewSession.objects.get(pk=session_id)
    session.events.create(kind="finished")


@pytest.mark.parametrize(
    ("harm", "kind"),
    [
        (lose_an_answer, "acknowledged answer is lost"),
        (change_an_answer, "acknowledged answer is lost"),
        (add_a_revision, "retry made a revision"),
        (reopen, "ended, but not finished"),
        (finish_twice, "finished more or less than once"),
    ],
)
def test_simulation_reports_what_the_database_lacks(simulate, monkeypatch, harm, kind):
    honest = Stored.of

    def harmed(interviews):
        harm(interviews[0].session_id)
        return honest(interviews)

    monkeypatch.setattr(Stored, "of", harmed)

    lines, refusal = simulate()

    assert refusal == "1 violations, 0 errors."
    assert f"  violation: {kind}: 1" in lines
    assert rows_left() == none_left()


def test_simulation_reports_an_answer_nobody_gave(simulate, monkeypatch):
    honest = Stored.of

    def with_one_more(interviews):
        stored = honest(interviews)
        stored.answers[interviews[0].session_id, 10**9] = "?"
        return stored

    monkeypatch.setattr(Stored, "of", with_one_more)

    lines, refusal = simulate()

    assert refusal == "1 violations, 0 errors."
    assert "  violation: answer nobody gave: 1" in lines


def test_simulation_reports_refusals(simulate, settings):
    keys = iter(["wrong"] * 4)
    settings.AGENT_API_KEY = "the key the server knows"

    lines, refusal = simulate_with_headers(simulate, keys)

    assert refusal == "0 violations, 4 errors."
    assert "  error: next: status 401: 4" in lines


def simulate_with_headers(simulate, keys):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Interview,
            "headers",
            property(lambda self: {"Authorization": f"Bearer {next(keys)}"}),
        )
        return simulate()


def test_simulation_reports_a_portal_that_is_away(simulate):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

        lines, refusal = simulate(
            base_url=[f"http://127.0.0.1:{port}"], sessions=1, parallel=1
        )

    assert refusal == "0 violations, 3 errors."
    assert "  error: next: ConnectionRefusedError: 3" in lines
    assert rows_left() == none_left()


def test_agents_of_an_instance_that_is_away_go_to_the_other(simulate, live_server):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{closed.getsockname()[1]}"

        lines, refusal = simulate(base_url=[live_server.url, away])

    # One of the two agents begins there, and comes back once.
    assert refusal == "0 violations, 1 errors."
    assert lines[0] == "sessions    4 of 4 finished"
    assert "  error: next: ConnectionRefusedError: 1" in lines


def test_simulation_reports_an_end_that_is_not_the_same(simulate, monkeypatch):
    honest = turns.end_interview

    def forgetful(session_id, **options):
        finished_at = honest(session_id, **options)
        InterviewSession.objects.filter(pk=session_id).update(finished_at=None)
        return finished_at

    monkeypatch.setattr(turns, "end_interview", forgetful)

    lines, refusal = simulate()

    assert refusal == "4 violations, 0 errors."
    assert "  violation: end answered wrongly: 4" in lines


def test_interrupted_simulation_leaves_nobody(simulate, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(simulate_interviews.Command, "watch", interrupt)

    lines, refusal = simulate(think=30)

    assert (lines, refusal) == ([], "Interrupted.")
    assert rows_left() == none_left()


@pytest.mark.parametrize(
    ("stderr", "shown"),
    [
        (Terminal(), "█" * simulate_interviews.BAR_WIDTH + " 1 of 1 interviews, 0"),
        (StringIO(), "1 of 1 interviews, 0 calls\n"),
    ],
)
def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere(stderr, shown):
    command = simulate_interviews.Command(stderr=stderr)
    simulation = simulate_interviews.Simulation([None], ["http://localhost"])
    simulation.figures.finished.append(1)

    command.show(simulation, stderr.isatty())

    assert shown in stderr.getvalue()


def test_progress_is_shown_while_interviews_are_held(simulate, monkeypatch):
    monkeypatch.setattr(simulate_interviews, "LINE_SECONDS", 0)
    stderr = StringIO()

    simulate(stderr=stderr, think=0.05)

    assert " of 4 interviews, " in stderr.getvalue()


def test_removal_leaves_other_simulations_alone(db):
    ours, theirs = make(2), make(2)

    remove(ours)

    ids = set(InterviewSession.objects.values_list("pk", flat=True))
    assert ids == {interview.session_id for interview in theirs}


def test_removal_of_nobody_is_harmless(simulate):
    assert simulate(clean=True) == (["Removed 0 simulated interviews."], None)


@pytest.mark.parametrize(
    ("seconds", "milliseconds"),
    [
        ([], [0, 0, 0, 0]),
        ([0.5], [500, 500, 500, 500]),
        ([n / 1000 for n in range(100, 0, -1)], [50, 95, 99, 100]),
    ],
)
def test_percentiles_are_in_milliseconds(seconds, milliseconds):
    assert percentiles(seconds) == pytest.approx(milliseconds)


def test_table_of_nothing_is_a_table():
    assert Figures().table(0).splitlines()[:2] == [
        "sessions    0 of 0 finished",
        "calls       0 in 0.0 s, 0 per second",
    ]


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"HOST": "0.0.0.0", "PORT": "9000"}, "http://127.0.0.1:9000"),  # noqa: S104
        ({"HOST": "::1"}, "http://[::1]:8000"),
        ({"HOST": "portal.example", "PORT": ""}, "http://portal.example:8000"),
    ],
)
def test_address_of_the_portal_is_the_one_it_runs_at(monkeypatch, variables, address):
    for name in ("HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert simulate_interviews.default_base_url() == address


@pytest.mark.parametrize("text", ["0", "-1"])
def test_numbers_below_one_are_refused(text):
    with pytest.raises(ArgumentTypeError):
        simulate_interviews.positive(text)
