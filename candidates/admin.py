from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce, Lower
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from accounts.site import PortalAdmin
from candidates.lists import search_help, sortable
from candidates.models import Candidate, holding
from core import encryption

# As many as fit into an address.
MOST_INVITED_AT_ONCE = 200


class CandidateForm(forms.ModelForm):
    """A person known by the address, who may be on file where the reader sees nothing."""

    user = None

    class Meta:
        model = Candidate
        fields = ["name", "email"]

    def clean_email(self):
        email = self.cleaned_data["email"]
        same = Candidate.objects.with_addresses([email]).exclude(pk=self.instance.pk)
        visible = Candidate.objects.visible_to(self.user)
        # Whose it is, and of which vacancy, is not this reader's to know.
        if same.exclude(pk__in=visible.values("pk")).exists():
            raise forms.ValidationError(
                _(
                    "This address cannot be added here. Invite it to your vacancy with the "
                    "name and the address: that works for every address."
                )
            )
        # The database's own check of it reads clear addresses alone.
        if same.exists():
            raise forms.ValidationError(_("A candidate with this address exists."))
        return email


@admin.register(Candidate)
class CandidateAdmin(PortalAdmin):
    form = CandidateForm
    list_display = ["name", "address", "session_count", "created"]
    # Each word by `get_search_results`.
    search_fields = ["name", "email"]
    fields = ["name", "email"]
    warn_unsaved_form = True
    actions = ["invite_selected"]
    actions_detail = ["invite"]

    @property
    def search_help_text(self):
        return search_help("")

    def get_ordering(self, request):
        return ["-id"] if encryption.has_keys() else super().get_ordering(request)

    def get_sortable_by(self, request):
        return sortable(super().get_sortable_by(request), "name", "address")

    def get_search_results(self, request, queryset, search_term):
        for word in search_term.split():
            queryset = queryset.filter(holding(word))
        return queryset, False

    def log_addition(self, request, obj, message):
        return without_name(super().log_addition(request, obj, message))

    def log_change(self, request, obj, message):
        return without_name(super().log_change(request, obj, message))

    def log_deletions(self, request, queryset):
        return [without_name(one) for one in super().log_deletions(request, queryset)]

    def get_queryset(self, request):
        own = sessions_of(request.user).filter(candidate=OuterRef("pk")).order_by()
        number = own.values("candidate").annotate(n=Count("pk")).values("n")
        return (
            super()
            .get_queryset(request)
            .annotate(
                session_count=Coalesce(Subquery(number, IntegerField()), 0),
            )
        )

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        return form

    def save_model(self, request, obj, form, change):
        if not change:
            obj.added_by = request.user
        super().save_model(request, obj, form, change)

    # Each by the order that an index has.
    @display(description=_("e-mail"), ordering=Lower("email"))
    def address(self, candidate):
        return candidate.email

    @display(description=_("created"), ordering="id")
    def created(self, candidate):
        return candidate.created_at

    @display(description=_("interviews"))
    def session_count(self, candidate):
        return candidate.session_count

    def render_change_form(self, request, context, obj=None, **kwargs):
        if obj:
            own = sessions_of(request.user).filter(candidate=obj)
            context["sessions"] = own.select_related("vacancy", "consent")
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
        if self.get_object(request, unquote(str(object_id))) is None:
            raise Http404
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
        if candidate and (candidate.sessions.exists() or candidate.consents.exists()):
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


def sessions_of(user):
    """Return the interviews that the person may see."""
    return Candidate.sessions.rel.related_model.objects.visible_to(user)


def redirect_to_invitation(*candidates):
    url = reverse("admin:interviews_interviewsession_invite")
    return redirect(f"{url}?candidates={','.join(map(str, candidates))}")


def without_name(entry):
    """Return a line of the admin's own log that names the candidate by the key alone."""
    entry.object_repr = f"Candidate {entry.object_id}"
    entry.save(update_fields=["object_repr"])
    return entry
