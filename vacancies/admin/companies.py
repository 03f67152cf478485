"""Companies in the admin."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Count
from django.forms import Script
from django.shortcuts import redirect
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from accounts.site import AuditedAdmin
from vacancies.forms import CompanyForm
from vacancies.models import Company


@admin.register(Company)
class CompanyAdmin(AuditedAdmin):
    list_display = [
        "name",
        "contact_name",
        "contact_email",
        "is_default",
        "vacancy_count",
    ]
    search_fields = ["name", "contact_name", "contact_email"]
    # Counting their vacancies takes the model's own order away.
    ordering = ["name"]
    show_full_result_count = False
    form = CompanyForm
    fieldsets = [
        (None, {"fields": ["name", "is_default"]}),
        (_("Look"), {"fields": ["logo_file", "colour"]}),
        (_("Who answers candidates"), {"fields": ["contact_name", "contact_email"]}),
    ]
    warn_unsaved_form = True

    class Media:
        js = [Script("admin/colour.js", type="module")]

    def get_queryset(self, request):
        companies = super().get_queryset(request).defer("logo")
        return companies.annotate(vacancy_count=Count("vacancies"))

    @display(description=_("vacancies"), ordering="vacancy_count")
    def vacancy_count(self, company):
        return company.vacancy_count

    def get_actions(self, request):
        actions = super().get_actions(request)
        # One at a time, by the button of its page: see delete_view.
        actions.pop("delete_selected", None)
        return actions

    def delete_view(self, request, object_id, extra_context=None):
        company = self.get_object(request, unquote(object_id))
        if company and company.vacancy_count:
            self.message_user(
                request,
                ngettext(
                    "“%(company)s” has %(count)d vacancy, so it cannot be deleted. Give "
                    "the vacancy another company first.",
                    "“%(company)s” has %(count)d vacancies, so it cannot be deleted. Give "
                    "the vacancies another company first.",
                    company.vacancy_count,
                )
                % {
                    "company": Truncator(company.name).chars(60),
                    "count": company.vacancy_count,
                },
                messages.WARNING,
            )
            return redirect("admin:vacancies_company_change", company.pk)
        return super().delete_view(request, object_id, extra_context)
