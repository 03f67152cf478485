"""Which interviews an export is of: those that were ticked, or a list as it was filtered."""

from typing import cast

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.messages.api import MessageFailure
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, QueryDict

from accounts.models import User
from interviews.models import InterviewSession, SessionQuerySet
from vacancies.models import Question, Script
from vacancies.scripts import FrozenQuestion


class UnreadableList(Exception):
    """The query string is not one of the list of interviews."""


def chosen_sessions(chosen: dict[str, object], user: User) -> SessionQuerySet:
    """Return the interviews that were chosen and that the person may see at this moment.

    `chosen` has either "ids" or "query". Raises UnreadableList.
    """
    if "ids" in chosen:
        ids = cast("list[str]", chosen["ids"])
        return InterviewSession.objects.visible_to(user).filter(pk__in=ids)
    return listed(str(chosen.get("query", "")), user).visible_to(user)


def listed(query: str, user: User) -> SessionQuerySet:
    """Return what the list of interviews shows with this query string, on all its pages."""
    request = HttpRequest()
    request.method, request.GET = "GET", QueryDict(query)
    request.user = user
    model_admin = admin.site.get_model_admin(InterviewSession)
    try:
        shown = model_admin.get_changelist_instance(request).queryset
    except (
        IncorrectLookupParameters,
        SuspiciousOperation,
        # What cannot be searched for: the list says so, and shows all.
        MessageFailure,
        ValueError,
    ) as error:
        raise UnreadableList from error
    return cast("SessionQuerySet", shown)


def questions_of_one_vacancy(sessions: SessionQuerySet) -> list[FrozenQuestion]:
    """Return all that these interviews ask, in order, if they are of one vacancy; else none.

    A question whose wording changed is there once, as it was asked last.
    """
    keys = sessions.order_by().values("vacancy").distinct()
    vacancies = [row["vacancy"] for row in keys[:2]]
    if len(vacancies) != 1:
        return []
    asked: dict[int, FrozenQuestion] = {}
    scripts = Script.objects.filter(pk__in=sessions.order_by().values("script"))
    for script in scripts.order_by("pk"):
        asked |= script.frozen().by_id
    if sessions.filter(script=None).exists():
        current = Question.objects.current().filter(vacancy__in=vacancies)
        asked |= {question.pk: question.frozen() for question in current}
    return list(asked.values())
