"""The audit log: who did what, and who looked at whose data."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditAction(models.TextChoices):
    """What a person did."""

    VIEWED = "viewed", _("Looked at")
    LISTENED = "listened", _("Listened to")
    ADDED = "added", _("Added")
    CHANGED = "changed", _("Changed")
    DELETED = "deleted", _("Deleted")
    INVITED = "invited", _("Invited")
    MAILED = "mailed", _("Sent an e-mail")
    RATED = "rated", _("Rated")
    DECIDED = "decided", _("Decided")
    SHARED = "shared", _("Shared")
    REVOKED = "revoked", _("Revoked")
    EXPORTED = "exported", _("Exported")
    SIGNED_IN = "signed_in", _("Signed in")
    SIGNED_OUT = "signed_out", _("Signed out")
    REFUSED = "refused", _("Was refused")


class AuditEvent(models.Model):
    """One line of the log: written once, never changed, never removed.

    It names rows by their keys alone, so that erasing a person leaves the chain whole.
    `actor_id` is empty for whoever has no account: then `actor` says who it was.
    """

    at = models.DateTimeField(_("time"), auto_now_add=True)
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(_("who"), max_length=254, blank=True)
    action = models.CharField(_("what"), max_length=20, choices=AuditAction)
    # The model's label in lower case, "interviews.interviewsession".
    object_type = models.CharField(max_length=100, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    # Whose recruiters may read the line.
    vacancy_id = models.BigIntegerField(null=True)
    # Keys, names of fields, counts: never what a candidate is called or said.
    detail = models.CharField(_("detail"), max_length=1000, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True)

    class Meta:
        db_table = "audit_event"
        ordering = ["-id"]
        verbose_name = _("line of the log")
        verbose_name_plural = _("audit log")
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="audit_object"),
            models.Index(fields=["vacancy_id"], name="audit_vacancy"),
            models.Index(fields=["actor_id"], name="audit_actor"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(action__in=AuditAction.values),
                name="audit_action_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"
