"""Employers."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Company(models.Model):
    """An employer as candidates see it: its name, its look, and the person to write to.

    One of them may be the portal's; a vacancy may name another.
    """

    name = models.CharField(_("name"), max_length=200)
    colour = models.CharField(
        _("colour"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("Like #1d5c8a."))],
        help_text=_(
            "Of buttons and links. Made darker or lighter where it would be hard to read."
        ),
    )
    # In the database, and not in a folder: every machine of the portal has it.
    logo = models.BinaryField(_("logo"), default=b"", blank=True)
    logo_type = models.CharField(max_length=20, blank=True, editable=False)
    contact_name = models.CharField(
        _("contact person"),
        max_length=200,
        blank=True,
        help_text=_("Who answers candidates’ questions."),
    )
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    is_default = models.BooleanField(
        _("the portal’s own"),
        default=False,
        help_text=_("Shown with every vacancy that names no company."),
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        db_table = "company"
        ordering = ["name"]
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="company_one_default",
                violation_error_message=_(
                    "Another company is the portal’s own already: take that from it first."
                ),
            ),
            models.CheckConstraint(
                condition=Q(colour="") | Q(colour__regex=r"^#[0-9a-fA-F]{6}$"),
                name="company_colour_is_one",
            ),
        ]

    def __str__(self) -> str:
        return self.name
