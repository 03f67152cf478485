"""The doctor's look at the voice service and at the reports of its calls."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
from django.utils import timezone

from core.doctor import Finding, check, ok, problem, warning
from core.doctor_database import clock_finding
from interviews.services import spoken_to_ai
from voice import absences, diagnosis
from voice.diagnosis import Severity
from voice.models import Call, EventSource, EventState, VoiceEvent
from voice.workspaces import workspaces

TIMEOUT_SECONDS = 5.0
LATELY = timedelta(days=1)
# The worker comes by every few minutes.
LATE = timedelta(minutes=15)


@check("voice")
def voice_works() -> Iterator[Finding]:
    if not spoken_to_ai():
        yield ok("ELEVENLABS_API_KEY is not set: the page itself interviews.")
        return
    general, looks = diagnosis.check()
    found = general + [one for look in looks for one in look.findings]
    yield from map(finding_of, found)
    yield from left_out()
    yield from limits()
    if not found:
        yield ok("Key, agent, tools and webhook are as the settings say.")


def finding_of(found: diagnosis.Finding) -> Finding:
    text = "; ".join([found.what, *found.details])
    if found.severity is Severity.ERROR:
        return problem(text, found.todo)
    return warning(text, found.todo)


def left_out() -> Iterator[Finding]:
    for name, until in absences.absent().items():
        yield warning(
            f"The workspace {name} failed and is left out until {until:%H:%M:%S} UTC.",
            "It is tried again by itself; `manage.py voice check` tells what is wrong.",
        )


def limits() -> Iterator[Finding]:
    for one in workspaces():
        if one.max_calls:
            yield ok(f"Workspace {one.name}: at most {one.max_calls} calls at once.")
        else:
            yield warning(
                f"Workspace {one.name}: no limit of calls is set.",
                f"Set {one.variable('MAX_CALLS')} to what the plan allows: beyond it the "
                "service cuts calls off, and with it candidates wait their turn.",
            )


@check("vendor clock")
def clock_agrees_with_vendor() -> Iterator[Finding]:
    """Signatures of reports hold for minutes: a clock that is far off refuses all."""
    if not spoken_to_ai():
        return
    try:
        answer = httpx.head(workspaces()[0].base_url, timeout=TIMEOUT_SECONDS)
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (httpx.HTTPError, KeyError, ValueError) as error:
        yield warning(
            f"The voice service's clock could not be asked ({type(error).__name__}).",
            "See what is said of the voice service.",
        )
        return
    # The header has whole seconds, cut off.
    apart = abs((datetime.now(UTC) - theirs).total_seconds() - 0.5)
    yield clock_finding("the voice service's", max(0.0, apart - 0.5))


@check("webhooks")
def reports_come_in() -> Iterator[Finding]:
    if not spoken_to_ai():
        return
    reports = VoiceEvent.objects.filter(source=EventSource.WEBHOOK)
    newest = reports.order_by("-received_at").values_list("received_at", flat=True)
    yield last_report(newest.first())
    yield from refused()
    late = Call.objects.due(timezone.now() - LATE)[:100].count()
    if late:
        yield warning(
            f"{late} ended calls are not fetched yet.",
            "The worker fetches them; see whether it lives and the service answers.",
        )


def last_report(moment: datetime | None) -> Finding:
    if moment:
        return ok(f"The last report of a call came at {moment:%Y-%m-%d %H:%M} UTC.")
    if not Call.objects.exists():
        return ok("No call has been held yet, and no report came.")
    return warning(
        "Calls were held, but no report of one ever came: Parley fetches them itself.",
        "Run `manage.py voice check`; see whether the proxy lets /webhooks/ through.",
    )


def refused() -> Iterator[Finding]:
    states = {
        EventState.REJECTED: "had a wrong signature",
        EventState.QUARANTINED: "could not be read",
    }
    since = timezone.now() - LATELY
    for state, words in states.items():
        events = VoiceEvent.objects.filter(state=state, received_at__gte=since)
        if number := events.count():
            yield warning(
                f"{number} reports of the last day {words}.",
                "Look at them in the admin: Voice → Events.",
            )
