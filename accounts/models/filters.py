"""Lists as somebody filtered them, kept under a name."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.users import User


class SavedFilter(models.Model):
    """A list's filters, search and order, of one person."""

    user = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        related_name="saved_filters",
        verbose_name=_("user"),
    )
    # The name of the list's address, "interviews_interviewsession".
    page = models.CharField(max_length=100)
    name = models.CharField(_("name"), max_length=60)
    # What stands after the question mark.
    query = models.TextField()
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        db_table = "saved_filter"
        ordering = ["name"]
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "page", "name"], name="saved_filter_name_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name
