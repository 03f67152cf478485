"""Three hours without the voice service, in the portal's own models: see `faults.child`."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from faults.voice_rows import TRANSCRIPT, record, turns
from faults.webhooks import event
from tests.fake_elevenlabs import FakeElevenLabs

API_KEY = "key-of-the-experiments"
STEP_MINUTES = 5
RECOVERY_STEPS = 3
# All that tells the portal how old something is, where calls are concerned.
OLDER = [
    "UPDATE conversation SET opened_at = opened_at - %s",
    "UPDATE voice_call SET pull_after = pull_after - %s,"
    " reconciled_at = reconciled_at - %s",
    "UPDATE voice_event SET received_at = received_at - %s",
    "UPDATE voice_absence SET until = until - %s",
    "UPDATE interview_session SET started_at = started_at - %s,"
    " finished_at = finished_at - %s",
    "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - %s",
]


def simulate(number: int, minutes: int) -> dict[str, Any]:
    """Let so many calls and so long an outage take place; return what is lacking then.

    Once without the portal's own pull, as a control, and once with it.
    """
    from django.conf import settings

    fake = FakeElevenLabs(API_KEY)
    fake.start()
    settings.ELEVENLABS_API_KEY = API_KEY
    settings.ELEVENLABS_BASE_URL = fake.url
    try:
        unpulled = Outage(fake, number, has_pull=False)
        unpulled.hold(minutes)
        outage = Outage(fake, number, has_pull=True)
        outage.hold(minutes)
    finally:
        fake.stop()
    return {
        "interviews": len(outage.keys),
        "at_end": outage.lacking[0],
        "lacking": outage.lacking[1:],
        "wrong": outage.wrong(),
        "requests": outage.requests,
        "unpulled": unpulled.lacking[-1],
    }


class Outage:
    """Calls of the hour before, of which every second is reported, and calls during it."""

    def __init__(self, fake: FakeElevenLabs, number: int, *, has_pull: bool) -> None:
        from interviews.simulation import people

        self.fake, self.has_pull = fake, has_pull
        made = people.make(number, 3)
        self.keys = [one.conversation_id for one in made]
        self.lacking: list[int] = []
        self.requests = 0
        third = number // 3
        for one in made:
            fake.add_conversation(
                one.conversation_id,
                transcript=turns(one, "said"),
                audio=one.conversation_id.encode() * 100,
            )
        for place, one in enumerate(made[: 2 * third]):
            # Over the hour before.
            begin(one, minutes_ago=place * 60 / (2 * third))
            if place % 2:
                report(one)
        self.waiting = iter(made[2 * third :])
        self.a_step = 1 + len(made[2 * third :]) // 30

    def hold(self, minutes: int) -> None:
        """Let it begin, last so long, and be over."""
        self.fake.faults.outage = True
        self.fake.requests.clear()
        for _ in range(minutes // STEP_MINUTES):
            for one in islice(self.waiting, self.a_step):
                begin(one)
            self.pass_time()
        self.requests = len(self.fake.requests)
        self.fake.faults.outage = False
        self.lacking = [self.count()]
        for _ in range(RECOVERY_STEPS):
            self.pass_time()
            self.lacking.append(self.count())

    def pass_time(self) -> None:
        from voice import tasks

        grow_older()
        if self.has_pull:
            tasks.pull_calls(timestamp=0)
            tasks.reconcile_late(timestamp=0)
        work_off()

    def count(self) -> int:
        """Return how many of the interviews lack their words or their recording."""
        from voice.models import Call

        whole = Call.objects.filter(pk__in=self.keys, turns__position=0).exclude(
            recording=""
        )
        return len(self.keys) - whole.count()

    def wrong(self) -> int:
        from voice.models import Call

        calls = Call.objects.filter(pk__in=self.keys).exclude(recording="")
        return sum(call.recording.read() != call.pk.encode() * 100 for call in calls)


def begin(one: Any, minutes_ago: float = 0) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from interviews.models import Conversation

    Conversation.objects.create(id=one.conversation_id, session_id=one.session_id)
    opened_at = timezone.now() - timedelta(minutes=minutes_ago)
    Conversation.objects.filter(pk=one.conversation_id).update(opened_at=opened_at)


def report(one: Any) -> None:
    """Let the record come by webhook; its recording is to be fetched."""
    from voice.events import store_event
    from voice.models import EventSource

    data = record(one.conversation_id, 0, turns(one, "said"))
    store_event(event(TRANSCRIPT, data, 0), source=EventSource.WEBHOOK)


def grow_older() -> None:
    from datetime import timedelta

    from django.db import connection

    step: Any = timedelta(minutes=STEP_MINUTES)
    with connection.cursor() as cursor:
        for statement in OLDER:
            cursor.execute(statement, [step] * statement.count("%s"))


def work_off() -> None:
    """Run the jobs that are due, each once, as the worker would."""
    from procrastinate.contrib.django import app

    for job in due_jobs():
        app.tasks[job.task_name](**job.args)


def due_jobs() -> Iterator[Any]:
    from django.db import connection
    from django.db.models import Q
    from django.utils import timezone
    from procrastinate.contrib.django.models import ProcrastinateJob

    due = Q(scheduled_at=None) | Q(scheduled_at__lte=timezone.now())
    while job := ProcrastinateJob.objects.filter(due, status="todo").first():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.pk])
        yield job
