"""Two web instances, two workers, PgBouncer, one database: interviews outlive the machines.

Long, and so apart from `make test`: `make scale`.
"""

from itertools import chain

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from interviews.models import InterviewSession, Take, TakeState
from interviews.simulation import people
from interviews.simulation.agents import Simulation
from interviews.takes import queue_preparation
from tests.factories import TakeFactory
from tests.scaling.machines import wait_until
from tests.sounds import cut, webm

pytestmark = [pytest.mark.scale, pytest.mark.django_db(transaction=True)]

SESSIONS, PARALLEL, RECORDINGS = 500, 40, 300
# Mean time to an answer: time enough to cut somebody off in the middle.
THINK_SECONDS = 0.3
# What a caller meets whose machine loses its power. No answer of the portal is among it.
BROKEN = {
    *("RemoteDisconnected", "ConnectionResetError", "ConnectionRefusedError"),
    "BrokenPipeError",
}
# A silent worker is given up after 30 s, and its jobs are given back once a minute.
JOBS_SECONDS = 150


@pytest.fixture
def interviews():
    return people.make(SESSIONS)


@transaction.atomic
def queue_recordings(interviews):
    """Give the workers takes, all at once: each must become one file."""
    sound = cut(webm())
    keys = [each.session_id for each in interviews[:RECORDINGS]]
    for session in InterviewSession.objects.filter(pk__in=keys):
        TakeFactory(session=session, state=TakeState.CLOSED, parts=[sound])
    queue_preparation(Take.objects.all())


def test_500_interviews_outlive_an_instance_and_a_worker(
    interviews, webs, workers, folder
):
    for web in webs:
        wait_until(web.is_ready, what="a web instance")
    simulation = Simulation(interviews, [web.url for web in webs], THINK_SECONDS)
    figures = simulation.figures

    with simulation.running(PARALLEL):
        wait_until(lambda: len(figures.finished) > SESSIONS // 3, what="a third")
        queue_recordings(interviews)
        wait_until(Take.objects.filter(state=TakeState.READY).exists, what="a file")
        assert Take.objects.filter(state=TakeState.CLOSED).exists()
        assert len(figures.finished) < SESSIONS
        webs[0].cut_the_power()
        workers[0].cut_the_power()

    simulation.verify(people.Stored.of(interviews))
    print(figures.table(SESSIONS))  # noqa: T201 - for whoever runs `make scale`
    assert figures.violations == []
    assert len(figures.finished) == SESSIONS
    assert figures.errors
    assert {error.split(": ")[1] for error in figures.errors} <= BROKEN
    assert_all_prepared(folder)


def assert_all_prepared(folder):
    """Every recording became one file, those of the dead worker too."""
    wait_until(
        lambda: not Take.objects.exclude(state=TakeState.READY).exists(),
        seconds=JOBS_SECONDS,
        what="every recording",
    )
    stored = (folder / "var" / "recordings" / "takes").iterdir()
    assert {f"takes/{path.name}" for path in stored} == set(
        chain.from_iterable(Take.objects.values_list("file"))
    )
    jobs = ProcrastinateJob.objects.filter(task_name="interviews.tasks.prepare_take")
    wait_until(lambda: not jobs.exclude(status="succeeded").exists(), what="each job")
