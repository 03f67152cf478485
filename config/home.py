"""The first page of the admin: what waits, what ends soon, what goes on, the last week."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from accounts.models import User
from core.backlog import backlog
from interviews import home as interviews
from privacy import home as privacy
from reviews import home as reviews
from voice import home as voice

DAYS = 7
LIST = "admin:interviews_interviewsession_changelist"


class Problem(NamedTuple):
    """A kind of trouble: how often, and where to look."""

    number: str
    text: str
    url: str


class Bar(NamedTuple):
    """A day's figure; `height` from 0 to 100, of the greatest of the week."""

    day: date
    number: int
    height: int


class Measure(NamedTuple):
    """One row of the week's table."""

    name: str
    label: str
    bars: list[Bar]
    total: int


def home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the page shows to the context, each reader's own."""
    user = request.user
    assert isinstance(user, User)
    context["title"] = gettext("Overview")
    if not sees_interviews(user):
        return context
    return context | {
        "sees_interviews": True,
        "may_rate": user.has_perm("reviews.add_review"),
        "may_invite": user.has_perm("interviews.add_interviewsession"),
        "may_add_vacancy": user.has_perm("vacancies.add_vacancy"),
        "to_review": reviews.to_review(user),
        "ending_soon": interviews.ending_soon(user),
        "problems": problems(user),
        "background": backlog(),
        "live": interviews.live(user),
        "week": week(user),
        "days": last_days(),
    }


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer the page's own question, every few seconds, for what goes on now."""
    user = request.user
    assert isinstance(user, User)
    found = interviews.live(user) if sees_interviews(user) else []
    return render(request, "admin/home/_live.html", {"live": found})


def sees_interviews(user: User) -> bool:
    return user.has_perm("interviews.view_interviewsession")


def problems(user: User) -> list[Problem]:
    """Return the troubles there are, each with the list that shows them."""
    found = [
        (interviews.mails_in_trouble(user), mail_text, list_url("trouble=mail")),
        (interviews.recordings_in_trouble(user), audio_text, list_url("trouble=audio")),
        (interviews.calls_in_trouble(user), call_text, list_url("trouble=call")),
    ]
    if user.has_perm("interviews.view_candidaterequest"):
        url = url_of("admin:interviews_candidaterequest_changelist", "state=open")
        found.append((interviews.open_requests(user), request_text, url))
        url = url_of("admin:interviews_candidaterequest_changelist", "state=overdue")
        found.append((interviews.overdue_requests(user), overdue_text, url))
    if (unfinished := privacy.unfinished_erasures(user)) is not None:
        url = url_of("admin:privacy_erasure_changelist", "state=overdue")
        found.append((unfinished, erasure_text, url))
    if (unread := voice.unread_events(user)) is not None:
        url = url_of("admin:voice_voiceevent_changelist", "state__exact=quarantined")
        found.append((unread, event_text, url))
    return [
        Problem(written(number), text(number), url)
        for number, text, url in found
        if number
    ]


def mail_text(number: int) -> str:
    return ngettext("e-mail did not arrive", "e-mails did not arrive", number)


def audio_text(number: int) -> str:
    return ngettext(
        "interview has a recording that cannot be played",
        "interviews have recordings that cannot be played",
        number,
    )


def call_text(number: int) -> str:
    return ngettext(
        "interview had trouble in a call",
        "interviews had trouble in a call",
        number,
    )


def request_text(number: int) -> str:
    return ngettext("request waits", "requests wait", number)


def overdue_text(number: int) -> str:
    return ngettext(
        "request is overdue: its candidate should have an answer by now",
        "requests are overdue: their candidates should have an answer by now",
        number,
    )


def erasure_text(number: int) -> str:
    return ngettext(
        "erasure is not finished after a day",
        "erasures are not finished after a day",
        number,
    )


def event_text(number: int) -> str:
    return ngettext(
        "event of the voice service could not be read",
        "events of the voice service could not be read",
        number,
    )


def written(number: int) -> str:
    """Write a number that was not counted to its end."""
    most = interviews.MOST_COUNTED
    return f"{most}+" if number > most else str(number)


def list_url(query: str) -> str:
    return url_of(LIST, query)


def url_of(name: str, query: str) -> str:
    return f"{reverse(name)}?{query}"


def last_days() -> list[date]:
    today = timezone.localdate()
    return [today - timedelta(days=ago) for ago in reversed(range(DAYS))]


def week(user: User) -> list[Measure]:
    """Return how many were invited, began, finished and were decided on each day."""
    days = last_days()
    found = interviews.last_days(days[0], user)
    found["decided"] = reviews.decided(days[0], user)
    labels = {
        "invited": gettext("Invited"),
        "started": gettext("Started"),
        "finished": gettext("Finished"),
        "decided": gettext("Decided"),
    }
    most = max((n for counts in found.values() for n in counts.values()), default=0)
    return [
        measure(name, label, [found[name].get(day, 0) for day in days], days, most)
        for name, label in labels.items()
    ]


def measure(
    name: str, label: str, numbers: list[int], days: list[date], most: int
) -> Measure:
    bars = [
        Bar(day, number, round(100 * number / most) if most else 0)
        for day, number in zip(days, numbers, strict=True)
    ]
    return Measure(name, label, bars, sum(numbers))
