"""The menu of the admin: each reader's own, without what they may not see."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu in the shape the theme asks for."""
    daily = [
        ("vacancies.vacancy", _("Vacancies"), "work"),
        ("vacancies.bankquestion", _("Question bank"), "library_books"),
        ("candidates.candidate", _("Candidates"), "group"),
        ("interviews.interviewsession", _("Interviews"), "graphic_eq"),
        ("reviews.share", _("Shared links"), "share"),
        ("reviews.export", _("Exports"), "download"),
        ("interviews.candidaterequest", _("Requests"), "contact_support"),
        ("interviews.message", _("E-mails"), "mail"),
    ]
    home = {"title": _("Overview"), "icon": "home", "link": reverse("admin:index")}
    return [
        {"items": [home, *visible(request, daily)]},
        {"title": _("Voice"), "separator": True, "items": voice(request)},
        {"title": _("Team"), "separator": True, "items": team(request)},
    ]


def team(request: HttpRequest) -> list[Any]:
    staff = [
        ("vacancies.company", _("Companies"), "apartment"),
        ("interviews.emailtemplate", _("Wording of e-mails"), "edit_note"),
        ("accounts.user", _("Users"), "badge"),
        ("accounts.auditevent", _("Audit log"), "history"),
        ("privacy.erasure", _("Erasures"), "delete_forever"),
        ("privacy.legalhold", _("Legal holds"), "gavel"),
    ]
    items = visible(request, staff)
    if getattr(request.user, "sees_everything", False):
        title, link = _("Consent texts"), reverse("consent_texts")
        items.append({"title": title, "icon": "fact_check", "link": link})
    return items


def account(request: HttpRequest) -> list[dict[str, Any]]:
    """Return what stands below the reader's own name."""
    pages = {
        "account_profile": _("My account"),
        "mfa_index": _("Second factor"),
        "account_change_password": _("Change password"),
    }
    return [{"title": title, "link": reverse(name)} for name, title in pages.items()]


def voice(request: HttpRequest) -> list[Any]:
    events = visible(request, [("voice.voiceevent", _("Events"), "inbox")])
    link = reverse("admin:voice_health")
    health = {"title": _("Health"), "icon": "monitor_heart", "link": link}
    if request.path == link:
        # Its address begins with theirs, by which the theme tells what is open.
        events = [item | {"active": False} for item in events]
    return [health, *events] if events else []


def visible(request: HttpRequest, models: list[tuple[str, str, str]]) -> list[Any]:
    return [
        {
            "title": title,
            "icon": icon,
            "link": reverse(f"admin:{model.replace('.', '_')}_changelist"),
        }
        for model, title, icon in models
        if request.user.has_perm(model.replace(".", ".view_"))
    ]
