"""The list of candidates, with what the law gives each of them."""

from django.contrib import admin

from candidates.admin import CandidateAdmin
from candidates.models import Candidate
from privacy.admin.copies import CopyViews
from privacy.admin.erasing import ErasureViews

admin.site.unregister(Candidate)


@admin.register(Candidate)
class PrivateCandidateAdmin(ErasureViews, CopyViews, CandidateAdmin):
    """Each part adds its own pages and actions."""

    actions_detail = [*CandidateAdmin.actions_detail, "copy_of_data", "erase"]
