"""The races of E9, and what must come of each."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Barrier, Thread

from django.db import connection
from django.db.models import F

from candidates.models import Consent
from faults.experiment import Figure, control, exactly
from faults.ground import Answer, Call, Line, Serve
from faults.planted import unlocked
from faults.runners import QUESTIONS, Runner, Said, lost, made, not_single, told
from interviews.models import InterviewProgress, InterviewSession, SessionEvent

STUCK_SECONDS = 60
FEWEST = 20


def examine(serve: Serve, races: int) -> Iterator[Figure]:
    """Hold so many races of each kind; a tenth of them without the guarantees."""
    few = max(races // 10, FEWEST)
    with serve("") as port:
        yield from different_answers(port, races)
        yield from answers_and_ends(port, races)
        yield from starts(port, races)
        yield from pages_and_agents(port, races)
        yield control("answers lost without the lock", lost_without_lock(port, few))
    with serve("looked up, then stored") as port:
        doubled = doubled_without_constraint(port, few)
    yield control("questions with two rows without the constraint", doubled)


# Two agents answer differently


def different_answers(port: int, races: int) -> Iterator[Figure]:
    runners = made(races // QUESTIONS)
    given, answers = answer_twice(port, runners)
    yield exactly("two answers at once: races", len(answers) // 2, races)
    yield exactly("two answers at once: not acknowledged", other(answers, 200), 0)
    yield exactly("two answers at once: texts lost", len(lost(given)), 0)
    yield exactly("two answers at once: rows not one", len(not_single(given)), 0)
    yield exactly(
        "two answers at once: questions skipped", skipped(runners, answers), 0
    )


def answer_twice(
    port: int, runners: Sequence[Runner]
) -> tuple[list[Said], list[Answer]]:
    """Let two agents of each interview answer every question at once, differently."""
    ways: list[list[Call]] = [[], []]
    given = []
    for runner in runners:
        for question in runner.questions:
            for agent, calls in enumerate(ways):
                said = Said(runner.session, question, f"Agent {agent} of {question}")
                given.append(said)
                calls.append(runner.answer(question, said.text))
    one, two = race(port, *ways)
    return given, [*one, *two]


def skipped(runners: Sequence[Runner], answers: Sequence[Answer]) -> int:
    """Count the answers that were not told the question that follows theirs."""
    following = [then for each in runners for then in [*each.questions[1:], None]]
    pairs = zip(answers, following * 2, strict=True)
    return sum(told(answer) != then for answer, then in pairs)


# An answer meets the end


def answers_and_ends(port: int, races: int) -> Iterator[Figure]:
    runners = made(races)
    given = [Said(each.session, each.questions[0], "In time") for each in runners]
    answers, ends = race(
        port,
        [each.answer(each.questions[0], "In time") for each in runners],
        [each.end() for each in runners],
    )
    pairs = zip(given, answers, strict=True)
    taken = [said for said, answer in pairs if answer.status == 200]
    stored = InterviewProgress.objects.filter(
        session__in=[each.session for each in runners]
    )
    late = stored.filter(timestamp__gt=F("session__finished_at"))
    yield exactly("answer and end: races", len(answers), races)
    yield exactly(
        "answer and end: neither taken nor refused", other(answers, 200, 409), 0
    )
    yield exactly("answer and end: ends that failed", other(ends, 200), 0)
    yield exactly("answer and end: texts lost", len(lost(taken)), 0)
    yield exactly("answer and end: refused and stored", stored.count() - len(taken), 0)
    yield exactly("answer and end: later than the end", late.count(), 0)


# Two starts


def starts(port: int, races: int) -> Iterator[Figure]:
    """Press "start" twice: one start, one consent, one script."""
    runners = made(races, started=False)
    calls = [each.page("start") for each in runners]
    one, two = race(port, calls, calls)
    keys = [each.session for each in runners]
    sessions = InterviewSession.objects.filter(pk__in=keys)
    begun = sessions.exclude(started_at=None)
    noted = SessionEvent.objects.filter(session__in=keys, kind="started")
    consents = Consent.objects.filter(candidate__sessions__in=keys)
    scripts = set(sessions.values_list("script", flat=True))
    yield exactly("two starts: races", len(one), races)
    yield exactly("two starts: not led on", other([*one, *two], 302), 0)
    yield exactly("two starts: interviews in progress", begun.count(), races)
    yield exactly("two starts: lines of the timelines", noted.count(), races)
    yield exactly("two starts: consents", consents.count(), races)
    yield exactly("two starts: scripts of the vacancy", len(scripts), 1)


# A page and an agent, and two pages


def pages_and_agents(port: int, races: int) -> Iterator[Figure]:
    """Answer a question by two pages, and the next by a page and an agent."""
    runners = made(races)
    ways: list[list[Call]] = [[], []]
    given = []
    for each in runners:
        first, second, *_ = each.questions
        given += [Said(each.session, first, text) for text in ("One", "Other")]
        given += [Said(each.session, second, text) for text in ("Written", "Said")]
        ways[0].append(each.page("answer", question=first, text="One"))
        ways[1].append(each.page("answer", question=first, text="Other"))
        ways[0].append(each.page("answer", question=second, text="Written"))
        ways[1].append(each.answer(second, "Said"))
    one, two = race(port, *ways)
    refused = other(one, 302) + other(two[::2], 302) + other(two[1::2], 200)
    yield exactly("two pages, page and agent: races", len(one), 2 * races)
    yield exactly("two pages, page and agent: not taken", refused, 0)
    yield exactly("two pages, page and agent: texts lost", len(lost(given)), 0)
    yield exactly("two pages, page and agent: rows not one", len(not_single(given)), 0)


# Without the guarantees


def lost_without_lock(port: int, races: int) -> int:
    with unlocked():
        given, _ = answer_twice(port, made(races // QUESTIONS))
    return len(lost(given))


def doubled_without_constraint(port: int, races: int) -> int:
    with without_constraint():
        given, _ = answer_twice(port, made(races // QUESTIONS))
        doubled = not_single(given)
        # Or the constraint could not come back.
        sessions = {said.session for said in given}
        InterviewProgress.objects.filter(session__in=sessions).delete()
    return len(doubled)


@contextmanager
def without_constraint() -> Iterator[None]:
    """Take the unique constraint of answers away, and put it back."""
    [constraint] = InterviewProgress._meta.total_unique_constraints
    with connection.schema_editor() as editor:
        editor.remove_constraint(InterviewProgress, constraint)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            editor.add_constraint(InterviewProgress, constraint)


# The race itself


def race(port: int, *ways: Sequence[Call]) -> list[list[Answer]]:
    """Send the calls of all ways in step: the first of each at once, then the second …"""
    barrier = Barrier(len(ways), timeout=STUCK_SECONDS)
    answers: list[list[Answer]] = [[] for _ in ways]

    def go(calls: Sequence[Call], own: list[Answer]) -> None:
        try:
            with Line(port) as line:
                for call in calls:
                    barrier.wait()
                    own.append(line.send(call))
        finally:
            # Or the others would wait for one that has failed.
            if len(own) < len(calls):
                barrier.abort()

    pairs = zip(ways, answers, strict=True)
    threads = [Thread(target=go, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def other(answers: Sequence[Answer], *expected: int) -> int:
    """Count the answers with any other status."""
    return sum(answer.status not in expected for answer in answers)
