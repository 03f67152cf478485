"""Clones and templates."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import AuditAction
from vacancies.copies import copy_vacancy
from vacancies.forms.copies import CopyForm
from vacancies.once import once

LONGEST_TITLE = 200


class CopyViews:
    """The part of the vacancies' admin that makes a vacancy from another."""

    def get_urls(self):
        return [
            self.vacancy_path("copy", self.copy_view, "copy"),
            self.vacancy_path("template", self.template_view, "template"),
            *super().get_urls(),
        ]

    def copy_view(self, request, vacancy_id):
        return self.make_copy(request, vacancy_id, is_template=False)

    def template_view(self, request, vacancy_id):
        return self.make_copy(request, vacancy_id, is_template=True)

    def make_copy(self, request, vacancy_id, *, is_template):
        """Ask for the copy's title; then open the copy."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        vacancy = self.readable(request, vacancy_id)
        form = CopyForm(
            request.POST or None, initial={"title": new_title(vacancy, is_template)}
        )
        if form.is_valid():
            title = form.cleaned_data["title"]
            pk = once(
                key=form.cleaned_data["key"],
                content=(request.user.pk, vacancy.pk, is_template, title),
                act=partial(copied, request, vacancy, title, is_template),
            )
            messages.success(request, copied_text(title, is_template))
            return redirect("admin:vacancies_vacancy_change", pk)
        return self.page(
            request,
            "copy.html",
            vacancy,
            title=copy_page_title(vacancy, is_template),
            form=form,
            is_template=is_template,
        )


def copied(request, vacancy, title, is_template):
    copy = copy_vacancy(
        vacancy=vacancy, title=title, user=request.user, is_template=is_template
    )
    detail = f"copy of {vacancy.pk}"
    record(AuditAction.ADDED, copy, request=request, vacancy_id=copy.pk, detail=detail)
    return str(copy.pk)


def new_title(vacancy, is_template):
    if is_template or vacancy.is_template:
        return vacancy.title
    return Truncator(_("%(title)s (copy)") % {"title": vacancy.title}).chars(
        LONGEST_TITLE
    )


def copy_page_title(vacancy, is_template):
    if is_template:
        return _("Save as a template")
    return _("New vacancy from a template") if vacancy.is_template else _("Clone")


def copied_text(title, is_template):
    text = (
        _("Template “%(title)s” saved. Make vacancies from it as often as you like.")
        if is_template
        else _("This is the new vacancy “%(title)s”, still a draft.")
    )
    return text % {"title": Truncator(title).chars(60)}
