"""What the further pages of a vacancy share: whose it is, and how a page is made."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from vacancies.models import Vacancy


class VacancyPages:
    """The part of the vacancies' admin that has pages beside list and form."""

    def vacancy_path(self, route, view, name):
        return path(
            f"<int:vacancy_id>/{route}/",
            self.admin_site.admin_view(view),
            name=f"vacancies_vacancy_{name}",
        )

    def readable(self, request, vacancy_id):
        """Return the vacancy, or refuse: 403 without the right, 404 if it is not theirs."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(
            Vacancy.objects.visible_to(request.user), pk=vacancy_id
        )

    def writable(self, request, vacancy_id):
        if not self.has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(
            Vacancy.objects.managed_by(request.user), pk=vacancy_id
        )

    def page(self, request, template, vacancy, **context):
        return TemplateResponse(
            request,
            f"admin/vacancies/vacancy/{template}",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "vacancy": vacancy,
                **context,
            },
        )


def links_of(vacancy, *, may_write, may_add, sees_bank):
    """Return the further pages of a vacancy that the person may open, for its form."""
    offered = [
        ("versions", _("Versions"), "difference", True),
        ("from_bank", _("Add from the bank"), "library_add", may_write and sees_bank),
        ("to_bank", _("Save to the bank"), "bookmark_add", may_write and sees_bank),
        ("copy", _("Clone"), "content_copy", may_add and not vacancy.is_template),
        (
            "template",
            _("Save as a template"),
            "stacks",
            may_add and not vacancy.is_template,
        ),
        ("copy", _("New vacancy from it"), "add", may_add and vacancy.is_template),
    ]
    return [
        {"name": f"admin:vacancies_vacancy_{name}", "title": title, "icon": icon}
        for name, title, icon, is_offered in offered
        if is_offered
    ]
