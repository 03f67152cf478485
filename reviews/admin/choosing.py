"""Which interviews a page or an action is about, and where it leads back to."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext

from candidates.models import by_name
from interviews.models import InterviewSession
from reviews.deciding import check_managed

# More than a person reads through before saying yes to all of them.
MOST_AT_ONCE = 200


def keys_in(values):
    """Return the interviews' keys in an address or a form, each once; 404 if one is none."""
    try:
        keys = [UUID(value) for value in values]
    except ValueError as error:
        raise Http404 from error
    if not keys or len(keys) > MOST_AT_ONCE:
        raise Http404
    return list(dict.fromkeys(keys))


def chosen(request, keys):
    """Return the interviews with these keys, by name; 404 unless all are the reader's."""
    rows = InterviewSession.objects.visible_to(request.user).filter(pk__in=keys)
    sessions = list(shown(rows))
    if len(sessions) != len(keys):
        raise Http404
    return sessions


def chosen_to_decide(request, values):
    """As `chosen`, of keys as text; PermissionDenied unless all are the reader's to decide."""
    sessions = chosen(request, keys_in(values))
    check_managed([session.pk for session in sessions], request.user)
    return sessions


def shown(queryset):
    return (
        queryset.select_related("candidate", "vacancy", "consent", "standing__decision")
        .with_progress()
        .order_by(*by_name("candidate__"), "pk")
    )


def picked(model_admin, request, queryset):
    """Return those of an action's rows that the reader manages; empty if it cannot be.

    Says what was left out, and refuses more than a person looks through.
    """
    rows = list(shown(queryset)[: MOST_AT_ONCE + 1])
    if len(rows) > MOST_AT_ONCE:
        model_admin.message_user(request, too_many(), messages.ERROR)
        return []
    keys = [row.pk for row in rows]
    managed = set(
        InterviewSession.objects.managed_by(request.user)
        .filter(pk__in=keys)
        .values_list("pk", flat=True)
    )
    if left := len(rows) - len(managed):
        model_admin.message_user(request, left_out(left), messages.WARNING)
    return [row for row in rows if row.pk in managed]


def too_many():
    return (
        ngettext(
            "No more than %d interview at once. Filter the list, or choose fewer rows.",
            "No more than %d interviews at once. Filter the list, or choose fewer rows.",
            MOST_AT_ONCE,
        )
        % MOST_AT_ONCE
    )


def left_out(count):
    return (
        ngettext(
            "%d interview is left out: it is not yours to decide.",
            "%d interviews are left out: they are not yours to decide.",
            count,
        )
        % count
    )


def way_back(request, *further):
    """Return the page to go on to, the first of ours that is named, or the list."""
    for address in (request.POST.get("next"), request.GET.get("next"), *further):
        if address and url_has_allowed_host_and_scheme(
            address, {request.get_host()}, require_https=request.is_secure()
        ):
            return address
    return reverse("admin:interviews_interviewsession_changelist")


def actions_of(model_admin, request, names):
    """Return the actions of these names that the reader may use, as the admin keeps them."""
    actions = [model_admin.get_action(name) for name in names]
    allowed = model_admin._filter_actions_by_permissions(request, actions)
    return {name: (function, name, text) for function, name, text in allowed}
