"""People who are interviewed, and what they agreed to."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Candidate(models.Model):
    """A person who applies; known by the e-mail address."""

    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        db_table = "candidate"
        ordering = ["name"]
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="candidate_email_unique",
                violation_error_message=_("A candidate with this address exists."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Consent(models.Model):
    """What a candidate said to the consent text: kept for ever, never changed.

    A refusal is a row too, with `given` false; a change of mind is a further row.
    """

    candidate = models.ForeignKey(
        Candidate,
        on_delete=models.PROTECT,
        related_name="consents",
        verbose_name=_("candidate"),
    )
    given = models.BooleanField(_("given"))
    version = models.CharField(_("version of the text"), max_length=20)
    language = models.CharField(_("language"), max_length=2)
    text_hash = models.CharField(_("SHA-256 of the text"), max_length=64)
    # Word for word as it was shown; rows from before it was kept have the hash alone.
    text = models.TextField(_("text"), blank=True, default="", db_default="")
    decided_at = models.DateTimeField(_("decided"), auto_now_add=True)

    class Meta:
        db_table = "consent"
        ordering = ["decided_at"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self) -> str:
        return f"{self.version} {self.language}"
