"""The versions of a vacancy's script, and what changed from one to the next."""

from itertools import pairwise

from django.utils.translation import gettext as _

from vacancies.differences import compare
from vacancies.services import current_script

VERSIONS_AT_ONCE = 10


class VersionViews:
    """The part of the vacancies' admin that shows what interviews were asked, and when."""

    def get_urls(self):
        return [
            self.vacancy_path("versions", self.versions_view, "versions"),
            *super().get_urls(),
        ]

    def versions_view(self, request, vacancy_id):
        vacancy = self.readable(request, vacancy_id)
        page = page_number(request.GET.get("page"))
        start = (page - 1) * VERSIONS_AT_ONCE
        scripts = list(
            vacancy.scripts.with_session_count().order_by("-pk")[
                start : start + VERSIONS_AT_ONCE + 1
            ]
        )
        return self.page(
            request,
            "versions.html",
            vacancy,
            title=_("Versions"),
            now=now_shown(vacancy, scripts) if page == 1 else None,
            versions=versions_shown(scripts),
            newer=page - 1,
            older=page + 1 if len(scripts) > VERSIONS_AT_ONCE else None,
        )


def page_number(text):
    return (
        int(text)
        if text and text.isascii() and text.isdigit() and len(text) < 6 and int(text)
        else 1
    )


def now_shown(vacancy, scripts):
    """What the next interview will be asked, beside the newest version; None if the same."""
    current = current_script(vacancy)
    if scripts and scripts[0].frozen() == current:
        return None
    again = next((one for one in scripts[1:] if one.frozen() == current), None)
    difference = compare(scripts[0].frozen(), current) if scripts else None
    return {"script": current, "difference": difference, "again": again}


def versions_shown(scripts):
    """Each version with what it changed; the first of all changed nothing.

    The last one read is but what the one before it is compared with.
    """
    rows = [
        {"script": newer, "difference": compare(older.frozen(), newer.frozen())}
        for newer, older in pairwise(scripts)
    ]
    if scripts and len(scripts) <= VERSIONS_AT_ONCE:
        rows.append({"script": scripts[-1], "difference": None})
    return rows
