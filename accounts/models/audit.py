"""The audit log: who did what, and who looked at whose data."""

from typing import Self

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from accounts.models.users import User


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
    ERASED = "erased", _("Erased")
    HELD = "held", _("Placed a legal hold")
    RELEASED = "released", _("Released a legal hold")


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    def visible_to(self, user: User) -> Self:
        """Lines of the vacancies that are the person's own; all, for who sees everything."""
        if user.sees_everything:
            return self
        # A right over a vacancy is its app's matter; that it has members is all we ask.
        own = user.memberships.filter(part="owner")
        return self.filter(vacancy_id__in=own.values("vacancy"))

    def by(self, part: str) -> Self:
        """Lines of those whose address has this part.

        The names first, which are few: there may be a million lines of one of them.
        """
        return self.filter(actor__in=actors(part))


# Jumps from one name to the next by the index, past the lines of each.
ACTORS = """
    WITH RECURSIVE named AS (
        (SELECT actor FROM audit_event ORDER BY actor LIMIT 1)
        UNION ALL
        SELECT (
            SELECT actor FROM audit_event
            WHERE actor > named.actor ORDER BY actor LIMIT 1
        )
        FROM named WHERE actor IS NOT NULL
    )
    SELECT actor FROM named WHERE upper(actor) LIKE upper(%s) LIMIT %s
"""
MOST_ACTORS = 1000


def actors(part: str) -> list[str]:
    """Return the names in the log that have this part, MOST_ACTORS at most."""
    pattern = f"%{connection.ops.prep_for_like_query(part)}%"
    with connection.cursor() as cursor:
        cursor.execute(ACTORS, [pattern, MOST_ACTORS])
        return [actor for (actor,) in cursor]


class AuditEvent(models.Model):
    """One line of the log: written once, never changed, never removed.

    It names rows by their keys alone, so that erasing a person leaves the chain whole.
    `actor_id` is empty for whoever has no account: then `actor` says who it was.
    The database sets `at`, refuses changes, and seals each line (`AuditSeal`).
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

    objects = AuditQuerySet.as_manager()

    class Meta:
        db_table = "audit_event"
        ordering = ["-id"]
        verbose_name = _("line of the log")
        verbose_name_plural = _("audit log")
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="audit_object"),
            models.Index(fields=["vacancy_id"], name="audit_vacancy"),
            models.Index(fields=["actor_id"], name="audit_actor"),
            models.Index(fields=["actor"], name="audit_actor_name"),
            models.Index(fields=["at"], name="audit_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(action__in=AuditAction.values),
                name="audit_action_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"


class AuditSeal(models.Model):
    """A line's place in the chain, which the database gives it as its transaction ends.

    `hash` is the SHA-256 of the hash before it, the place, and every column of the line
    (migration 0005 says how; `accounts.chain` computes it anew). A table of its own, so
    that the chain is waited for at the end of a transaction and never in its middle,
    where whoever waits holds what others wait for.
    """

    position = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_seal"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["event_id"], name="audit_seal_once"),
            # A chain has no branches.
            models.UniqueConstraint(
                fields=["previous_hash"], name="audit_seal_one_follower"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.hash}"
