"""The half of E13 that is not the database: the voice service fails, the worker is off."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from bench.harness.servers import procfile_command
from faults.cluster import Cluster, database
from faults.crowd import OK, UNAVAILABLE, Crowd
from faults.experiment import Figure, at_least, at_most, exactly
from faults.ledger import Ledger
from faults.portal import Portal
from faults.voice_service import Answered, deliver, start_call, voice_service
from faults.world import Interview, make, stored
from tests.fake_elevenlabs import FakeElevenLabs, Faults
from tests.fake_elevenlabs.faults import Refusal

RECOVERY_SECONDS = 10
# The page gives a start up after so long (static/js/agent.js).
START_SECONDS = 20
# So many candidates try to call while the service is away.
CALLERS = 6
# Long enough for any time-out to strike.
HANGING_SECONDS = 60
QUESTIONS = 10
# Many more than are held while the service hangs.
INTERVIEWS = 2000
# What answers may take meanwhile: they do not wait for the service.
ANSWER_SECONDS = 5
WAITING = "task_name = 'voice.tasks.process_event' AND status IN ('todo', 'doing')"
JOBS = f"SELECT count(*) FROM procrastinate_jobs WHERE {WAITING}"  # noqa: S608 (constants)
UNDONE = "SELECT count(*) FROM voice_event WHERE state = 'received'"
EVENTS = "SELECT count(*) FROM voice_event"
# For each report that waited, a worker of one core has so long.
CATCHING_UP_SECONDS = 60

Spoil = Callable[[Faults], None]


class Size(NamedTuple):
    """How often the service fails and how, and how many reports wait for the worker."""

    failures: int
    hangs: int
    reports: int


FULL, SHORT = Size(2, 2, 500), Size(1, 0, 20)


class Away(NamedTuple):
    """What callers met while the service was away, and how soon it was noticed back."""

    answers: list[Answered]
    recovery: float


def run(size: Size, variables: Mapping[str, str]) -> Iterator[Figure]:
    with database("service") as cluster, voice_service() as (fake, own):
        portal, ledger = Portal("service", variables=own | variables), Ledger()
        crowd = Crowd(
            portal.url, make(INTERVIEWS, QUESTIONS), ledger, agents=4, think=0.1
        )
        callers = make(CALLERS, QUESTIONS)
        with portal.running():
            with crowd.at_work():
                spoils = [fail] * size.failures + [hang] * size.hangs
                times = [away(fake, portal, callers, spoil) for spoil in spoils]
            yield from reports_kept(cluster, portal, own, size)
        found = stored()
    yield from calls_refused(times)
    verdict = ledger.check(found.rows, found.revisions)
    yield at_least("answers while the voice service was away", verdict.acknowledged, 20)
    yield exactly("lost, altered or doubled meanwhile", sum(verdict[1:]), 0)
    for figure in crowd.counts.figures(longest_wait=ANSWER_SECONDS):
        yield figure._replace(name=f"{figure.name}, while the service was away")


def fail(faults: Faults) -> None:
    faults.refusal = Refusal(500, "internal_error", "Something went wrong.")


def hang(faults: Faults) -> None:
    faults.slow_rest = HANGING_SECONDS


def away(
    fake: FakeElevenLabs, portal: Portal, callers: list[Interview], spoil: Spoil
) -> Away:
    """Let the service fail, and candidates call all the same; then let it be well."""
    spoil(fake.faults)
    try:
        answers = [start_call(portal.url, each) for each in callers]
    finally:
        fake.faults = Faults()
    recovery = portal.wait_until(
        lambda: start_call(portal.url, callers[0]).status == OK, "a call"
    )
    return Away(answers, recovery)


def calls_refused(times: list[Away]) -> Iterator[Figure]:
    """Tell what candidates were told who tried to call."""
    answers = [answer for each in times for answer in each.answers]
    refused = [answer for answer in answers if answer.status == UNAVAILABLE]
    slowest = max(answer.seconds for answer in answers)
    recovery = max(each.recovery for each in times)
    yield exactly("calls answered otherwise than 503", len(answers) - len(refused), 0)
    abrupt = sum(not answer.retry_after for answer in refused)
    yield exactly("calls refused without Retry-After", abrupt, 0)
    yield at_most("slowest refusal of a call, s", round(slowest, 1), START_SECONDS)
    yield at_most("longest recovery of calls, s", round(recovery, 1), RECOVERY_SECONDS)


def reports_kept(
    cluster: Cluster, portal: Portal, own: Mapping[str, str], size: Size
) -> Iterator[Figure]:
    """Take reports of calls without a worker; then let a worker catch up."""
    secret = own["ELEVENLABS_WEBHOOK_SECRET"]
    answers = [deliver(portal.url, number, secret) for number in range(size.reports)]
    refused = sum(answer.status != OK for answer in answers)
    yield exactly("reports refused while the worker was off", refused, 0)
    missing = size.reports - cluster.execute(EVENTS)
    yield exactly("acknowledged reports that are not stored", missing, 0)
    yield at_least("jobs that waited", cluster.execute(JOBS), size.reports)
    worker = Portal("worker", procfile_command("worker"), own)
    try:
        worker.start()
        seconds = worker.wait_until(
            lambda: not cluster.execute(JOBS), "the last job", CATCHING_UP_SECONDS
        )
    finally:
        worker.stop()
    yield exactly("reports left undone", cluster.execute(UNDONE), 0)
    yield at_most(
        f"seconds until {size.reports} jobs were done",
        round(seconds, 1),
        CATCHING_UP_SECONDS,
    )
