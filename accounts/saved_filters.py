"""Lists as somebody filtered them, kept under a name: for any list of the admin."""

import re

from django import forms
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import SavedFilter, User

MOST_FILTERS = 30
LONGEST_QUERY = 2000
# Names of filters and lookups; nothing that a browser could take for an address.
PARAMETER = re.compile(r"[a-z_][a-z0-9_]*\Z")
# Where somebody was in the list, or how it was opened: no part of a filter.
PASSING = frozenset({"p", "e", "all", "_facets", "_popup", "_to_field"})


def relative_query(text: str) -> str:
    """Return the filters, search and order in an address's query, written anew.

    Raises forms.ValidationError if there is none, or if it is no query of a list.
    """
    if len(text) > LONGEST_QUERY or "\x00" in text:
        raise forms.ValidationError(_("These filters are too many to be kept."))
    sent = QueryDict(text.removeprefix("?"))
    kept = QueryDict(mutable=True)
    for name, values in sent.lists():
        if not PARAMETER.match(name):
            raise forms.ValidationError(_("These are no filters of this list."))
        if name not in PASSING and any(values):
            kept.setlist(name, [value for value in values if value])
    if not kept:
        raise forms.ValidationError(_("Filter the list first, then save the filter."))
    return kept.urlencode()


class SavedFilterForm(forms.Form):
    """A filter and its name."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        error_messages={"required": _("Give the filter a name.")},
    )
    query = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def clean_query(self) -> str:
        return relative_query(self.cleaned_data["query"])


@transaction.atomic
def save_filter(*, user: User, page: str, name: str, query: str) -> SavedFilter | None:
    """Keep a list's filters under a name, in place of what the name stood for.

    Returns None if the person has as many as anybody may keep.
    """
    # One at a time, or two tabs would both find room for one more.
    User.objects.select_for_update().get(pk=user.pk)
    own = SavedFilter.objects.filter(user=user, page=page)
    if own.count() >= MOST_FILTERS and not own.filter(name=name).exists():
        return None
    saved, _created = SavedFilter.objects.update_or_create(
        user=user, page=page, name=name, defaults={"query": query}
    )
    return saved
