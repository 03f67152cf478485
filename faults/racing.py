"""The races of E9, and what must come of each."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Barrier, Thread

from django.db import connection
from django.db.models import F

from candidates.models import Consent
from faults.experiment import Figure, at_least, control, exactly
from faults.ground import Answer, Call, Line, Serve
from faults.planted import unlocked
from faults.runners import QUESTIONS, Runner, Said, lost, made, not_single, told
from interviews.models import InterviewProgress, InterviewSession, SessionEvent

UNEXPECTED = "answered with an unexpected status"
LOST = "acknowledged texts lost"
NOT_SINGLE = "questions without exactly one row"
SKIPPED = "questions skipped"
STORED_LATE = "answers stored after a refusal, or after the end"
NOT_ONE_START = "starts, consents or scripts beyond the first"
WRONG = (UNEXPECTED, LOST, NOT_SINGLE, SKIPPED, STORED_LATE, NOT_ONE_START)
STUCK_SECONDS = 60
FEWEST = 20


def examine(serve: Serve, races: int) -> Iterator[Figure]:
    """Hold so many races of each kind; a tenth of them without the guarantees."""
    few = max(races // 10, FEWEST)
    with serve("") as port:
        kinds = (two_answers, answer_and_end, two_starts, pages_and_agents)
        found = sum((kind(port, races) for kind in kinds), Counter())
        lost_unlocked = lost_without_lock(port, few)
    yield at_least("races", found["races"], 5 * races)
    for name in WRONG:
        yield exactly(f"  {name}", found[name], 0)
    yield control("acknowledged texts lost without the lock", lost_unlocked)
    with serve("looked up, then stored") as port:
        doubled = doubled_without_constraint(port, few)
    yield control("questions with two rows without the constraint", doubled)


# Two agents answer differently


def two_answers(port: int, races: int) -> Counter[str]:
    runners = made(races // QUESTIONS)
    given, answers = answer_twice(port, runners)
    return Counter(
        {
            "races": len(answers) // 2,
            UNEXPECTED: other(answers, 200),
            LOST: len(lost(given)),
            NOT_SINGLE: len(not_single(given)),
            SKIPPED: skipped(runners, answers),
        }
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


def answer_and_end(port: int, races: int) -> Counter[str]:
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
    late = stored.filter(timestamp__gt=F("session__finished_at")).count()
    return Counter(
        {
            "races": len(answers),
            UNEXPECTED: other(answers, 200, 409) + other(ends, 200),
            LOST: len(lost(taken)),
            STORED_LATE: abs(stored.count() - len(taken)) + late,
        }
    )


# Two starts


def two_starts(port: int, races: int) -> Counter[str]:
    """Press "start" twice: one start, one consent, one script."""
    runners = made(races, started=False)
    calls = [each.page("start") for each in runners]
    one, two = race(port, calls, calls)
    keys = [each.session for each in runners]
    sessions = InterviewSession.objects.filter(pk__in=keys)
    counted = [
        sessions.exclude(started_at=None).count(),
        SessionEvent.objects.filter(session__in=keys, kind="started").count(),
        Consent.objects.filter(candidate__sessions__in=keys).count(),
    ]
    scripts = set(sessions.values_list("script", flat=True))
    return Counter(
        {
            "races": len(one),
            UNEXPECTED: other([*one, *two], 302),
            NOT_ONE_START: sum(abs(number - races) for number in counted)
            + len(scripts)
            - 1,
        }
    )


# A page and an agent, and two pages


def pages_and_agents(port: int, races: int) -> Counter[str]:
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
    return Counter(
        {
            "races": len(one),
            UNEXPECTED: other(one, 302) + other(two[::2], 302) + other(two[1::2], 200),
            LOST: len(lost(given)),
            NOT_SINGLE: len(not_single(given)),
        }
    )


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
