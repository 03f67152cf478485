"""Every address of the portal, filled in with the keys of a vacancy's rows.

It is read from the resolver: an address that is new and takes something unknown here
stops the matrix, until somebody says what it takes, or why it is left out.
"""

from typing import NamedTuple

from django.contrib import admin
from django.urls import URLPattern, get_resolver

# Addresses that are nobody's to be refused, and where each of them is proved.
EXCLUDED = {
    # The candidate's pages: their address is the key, whoever holds it is let in, and it
    # shows that candidate the vacancy. tests/interviews/test_views.py and the others.
    "interview/<uuid:session_id>": "the candidate's own link",
    "interview/<path:rest>": "a page for links that are none",
    # Signing in and out, in one's own name alone: tests/accounts/test_sign_in.py,
    # test_second_factor.py. They show and change nothing but the account at hand.
    "accounts/": "the account of whoever asks",
    "admin/login/": "leads to the page where all sign in",
    "admin/logout/": "would end the matrix",
    "admin/password_change/": "the account of whoever asks",
    # Django's way from an object to its page on the site: no link of ours leads there,
    # and only the key of an interview would find one: its candidate's link.
    "admin/r/": "knows nothing but what was asked for",
    # A page for what is none: any other address under /admin/.
    "admin/(?P<url>.*)$": "not found, for whatever",
    # Of companies, to be shown to candidates: public.
    "companies/": "public by design",
    "webhooks/": "signed by the voice service: tests/voice/test_webhook.py",
    "healthz": "for the platform's probes",
    "readyz": "for the platform's probes",
    "api/schema": "public by design",
    "api/docs": "public by design",
}
# What stands for a row of each model in the admin.
ROWS = {
    "accounts.auditevent": "line",
    "candidates.candidate": "candidate",
    "interviews.candidaterequest": "request",
    "interviews.interviewsession": "session",
    "interviews.message": "message",
    "reviews.export": "export",
    "reviews.share": "share",
    "vacancies.vacancy": "vacancy",
    "voice.voiceevent": "voice",
}
# Models whose rows belong to no vacancy; their rights are their roles'.
SHARED = {
    "accounts.user",
    "interviews.emailtemplate",
    "privacy.erasure",
    "privacy.legalhold",
    "vacancies.bankquestion",
    "vacancies.company",
}
# Parameters of addresses, as attributes of the world, or as they are.
PARAMETERS = {
    "batch_id": "batch.pk",
    "candidate_id": "candidate.pk",
    "conversation_id": "call.pk",
    "copy_id": "copy.pk",
    "export_id": "export.pk",
    "filter_id": "filter.pk",
    "key": "share.key",
    "moment_id": "moment.pk",
    "question_id": "question.pk",
    "session_id": "session.pk",
    "take_id": "take.pk",
    "vacancy_id": "vacancy.pk",
}
PLAIN = {
    "app_label": "interviews",
    "kind": "invitation",
    "language": "en",
    "number": "1",
    "part": "1",
    "passed": "0",
    "position": "0",
    "rest": "elsewhere",
    "token": "not-a-token",
}


class Route(NamedTuple):
    """An address of the portal, and whether it names a row of the world."""

    pattern: str
    url: str
    names_a_row: bool


def patterns(resolver=None, prefix=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern
        else:
            yield from patterns(pattern, route)


def routes(world):
    """Return every address with the world's keys in it; raises KeyError for a new kind."""
    return [
        route
        for pattern, found in patterns()
        if not any(pattern.startswith(start) for start in EXCLUDED)
        and not is_of_all(pattern)
        # Leads on to the form's address, whatever the key.
        and not pattern.endswith("/<path:object_id>/")
        for route in [filled(pattern, found, world)]
    ]


def is_of_all(pattern):
    """Tell whether it names a row that belongs to no vacancy."""
    return model_in(pattern) in SHARED and ("<path" in pattern or "<id>" in pattern)


def model_in(pattern):
    parts = pattern.split("/")
    return ".".join(parts[1:3]) if parts[0] == "admin" and len(parts) > 2 else ""


def filled(pattern, found, world):
    values = {
        name: value_of(name, pattern, world)
        for name in found.pattern.converters or found.pattern.regex.groupindex
    }
    return Route(pattern, address(pattern, values), bool(values.keys() - PLAIN.keys()))


def address(pattern, values):
    if "(?P<app_label>" in pattern:
        return f"/admin/{values['app_label']}/"
    for value in values.values():
        before, _, rest = pattern.partition("<")
        pattern = f"{before}{value}{rest.partition('>')[2]}"
    return f"/{pattern}"


def value_of(name, pattern, world):
    if name in PLAIN:
        return PLAIN[name]
    if name == "object_id":
        return getattr(world, ROWS[model_in(pattern)]).pk
    row, attribute = PARAMETERS[name].split(".")
    return getattr(getattr(world, row), attribute)


def admins():
    """Return every admin of the site that has rows of the world."""
    site = admin.site._registry.items()
    return {model._meta.label_lower: found for model, found in site}
