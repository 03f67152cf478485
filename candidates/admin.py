from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Count
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from accounts.site import PortalAdmin
from candidates.models import Candidate

# As many as fit into an address.
MOST_INVITED_AT_ONCE = 200


@admin.register(Candidate)
class CandidateAdmin(PortalAdmin):
    list_display = ["name", "email", "session_count", "created_at"]
    search_fields = ["name", "email"]
    fields = ["name", "email"]
    warn_unsaved_form = True
    actions = ["invite_selected"]
    actions_detail = ["invite"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(session_count=Count("sessions"))

    @display(description=_("interviews"), ordering="session_count")
    def session_count(self, candidate):
        return candidate.session_count

    def render_change_form(self, request, context, obj=None, **kwargs):
        if obj:
            context["sessions"] = obj.sessions.select_related("vacancy", "consent")
        return super().render_change_form(request, context, obj=obj, **kwargs)

    @action(description=_("Invite to a vacancy"), permissions=["invite"])
    def invite_selected(self, request, queryset):
        if queryset.count() > MOST_INVITED_AT_ONCE:
            self.message_user(
                request,
                _("Choose at most %d candidates at once.") % MOST_INVITED_AT_ONCE,
                messages.ERROR,
            )
            return None
        return redirect_to_invitation(*queryset.values_list("pk", flat=True))

    @action(description=_("Invite"), permissions=["invite"], icon="person_add")
    def invite(self, request, object_id):
        return redirect_to_invitation(object_id)

    def has_invite_permission(self, request, object_id=None):
        return request.user.has_perm("interviews.add_interviewsession")

    def get_actions(self, request):
        actions = super().get_actions(request)
        # One at a time, by the button of their page: see delete_view.
        actions.pop("delete_selected", None)
        return actions

    def delete_view(self, request, object_id, extra_context=None):
        candidate = self.get_object(request, unquote(object_id))
        if candidate and (candidate.session_count or candidate.consents.exists()):
            self.message_user(
                request,
                _(
                    "%(candidate)s was invited to interviews, which keep their record, so "
                    "this candidate cannot be deleted."
                )
                % {"candidate": candidate},
                messages.WARNING,
            )
            return redirect("admin:candidates_candidate_change", candidate.pk)
        return super().delete_view(request, object_id, extra_context)


def redirect_to_invitation(*candidates):
    url = reverse("admin:interviews_interviewsession_invite")
    return redirect(f"{url}?candidates={','.join(map(str, candidates))}")
