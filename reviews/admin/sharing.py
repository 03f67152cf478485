"""Links for people without an account: made from the list, or from one interview."""

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from unfold.decorators import action

from reviews import sharing
from reviews.admin.choosing import actions_of, chosen, keys_in, shown, way_back
from reviews.forms_sharing import ShareForm

NAME = "interviews_interviewsession_share"


class ShareViews:
    """The part of the interviews' admin that shares."""

    def get_urls(self):
        view = sensitive_post_parameters()(self.share_view)
        wrap = self.admin_site.admin_view
        return [path("share/", wrap(view), name=f"{NAME}_chosen"), *super().get_urls()]

    def get_actions(self, request):
        return super().get_actions(request) | actions_of(
            self, request, ["share_selected"]
        )

    def get_actions_detail(self, request, object_id):
        """Offer it for every interview of the reader's own, closed ones above all."""
        offered = super().get_actions_detail(request, object_id)
        names = {one.action_name for one in offered}
        share = self.get_unfold_action("share")
        if share.action_name in names or not self.may_share(request, object_id):
            return offered
        return [*offered, share]

    def may_share(self, request, object_id):
        session = self.get_object(request, unquote(object_id))
        return (
            session is not None
            and self.has_share_permission(request)
            and self.manages(request, session)
        )

    def has_share_permission(self, request, object_id=None):
        return request.user.has_perm("reviews.add_share")

    @action(description=_("Share…"), permissions=["share"])
    def share_selected(self, request, queryset):
        # Looking at one more than is allowed is enough to refuse.
        rows = list(shown(queryset)[: sharing.MOST_SESSIONS + 1])
        return self.share_page(request, in_order(rows), ShareForm(), refused_to="")

    @action(description=_("Share"), permissions=["share"], icon="share")
    def share(self, request, object_id):
        address = reverse(f"admin:{NAME}_chosen")
        return redirect(f"{address}?session={self.visible_key(request, object_id)}")

    def share_view(self, request):
        """Ask for whom and how long; then make the link, and show it."""
        if not self.has_share_permission(request):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else request.GET
        sessions = in_order(chosen(request, keys_in(sent.getlist("session"))))
        form = ShareForm(request.POST or None)
        if not form.is_valid():
            return self.share_page(request, sessions, form, way_back(request))
        try:
            share, is_new = sharing.share_interviews(
                sessions=sessions, user=request.user, **form.cleaned_data
            )
        except sharing.CannotShare as refusal:
            messages.error(request, str(refusal))
            return redirect(way_back(request))
        return link_page(
            self, request, share, form.cleaned_data["token"], is_repeated=not is_new
        )

    def share_page(self, request, sessions, form, refused_to):
        """Show the form, or go back to where the interviews were chosen and say why not."""
        try:
            sharing.check_can_share(sessions, request.user)
        except sharing.CannotShare as refusal:
            messages.error(request, str(refusal))
            return redirect(refused_to or request.get_full_path())
        return page(
            self,
            request,
            "share",
            title=_("Share interviews"),
            sessions=sessions,
            unheard=sum(session.started_at is None for session in sessions),
            form=form,
            back=refused_to or request.get_full_path(),
        )


def in_order(sessions):
    """Number them as they were invited: by name would tell hidden names apart."""
    return sorted(sessions, key=lambda session: (session.created_at, session.pk))


def link_page(model_admin, request, share, token, *, is_repeated=False):
    """Show a link for the only time: nobody can read it anywhere afterwards."""
    address = reverse("reviews:open_link", args=[token])
    return page(
        model_admin,
        request,
        "share_link",
        title=_("The link is ready"),
        share=share,
        count=share.rows.count(),
        link=request.build_absolute_uri(address),
        is_repeated=is_repeated,
    )


def page(model_admin, request, name, **context):
    return TemplateResponse(
        request,
        f"admin/reviews/{name}.html",
        {
            **model_admin.admin_site.each_context(request),
            "opts": model_admin.opts,
            **context,
        },
    )
