"""What the rows that the audit log names by their keys are called now."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import AuditEvent, User

# By which column a row is known. Other apps by name alone: they build on this one.
NAMES = {
    "accounts.user": "email",
    "candidates.candidate": "name",
    "interviews.candidaterequest": "session__candidate__name",
    "interviews.interviewsession": "candidate__name",
    "interviews.message": "session__candidate__name",
    "reviews.decision": "session__candidate__name",
    "reviews.review": "session__candidate__name",
    "reviews.share": "recipient",
    "vacancies.bankquestion": "text",
    "vacancies.company": "name",
    "vacancies.vacancy": "title",
}


class Named(NamedTuple):
    """A row of the portal: what kind it is, what it is called, and where it is."""

    kind: str
    name: str
    url: str


def names_of(user: User, events: Iterable[AuditEvent]) -> dict[tuple[str, str], Named]:
    """Return what a reader may know of the rows that lines of the log are about.

    One query for each kind of row, whatever their number. What was erased, and what is
    not the reader's to see, keeps its key for a name, and leads nowhere.
    """
    keys = defaultdict(set)
    for event in events:
        keys[event.object_type].add(event.object_id)
    return {
        (label, key): named(user, label, key, found)
        for label, wanted in keys.items()
        for found in [names_in(user, label, wanted - {""})]
        for key in wanted
    }


def names_in(user: User, label: str, keys: set[str]) -> dict[str, str]:
    """Return the names of a model's rows, by their keys, as far as they are visible."""
    if label not in NAMES or not keys:
        return {}
    rows = apps.get_model(label)._default_manager.all()
    if hasattr(rows, "visible_to"):
        rows = rows.visible_to(user)
    try:
        found = rows.filter(pk__in=keys).values_list("pk", NAMES[label])
        return {str(key): name for key, name in found}
    except (ValueError, ValidationError):
        return {}


def named(user: User, label: str, key: str, found: dict[str, str]) -> Named:
    try:
        model: Any = apps.get_model(label)
    except (LookupError, ValueError):
        return Named(label, key, "")
    kind = str(model._meta.verbose_name)
    if not key:
        return Named(str(model._meta.verbose_name_plural), "", "")
    url = ""
    may_see = user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
    if key in found and may_see and admin.site.is_registered(model):
        url = reverse(f"admin:{label.replace('.', '_')}_change", args=[key])
    return Named(kind, found.get(key, key), url)
