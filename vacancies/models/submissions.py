"""Forms that were sent, so that a double click acts once."""

from django.db import models


class Submission(models.Model):
    """That a form was taken, and what came of it: sent again, it does nothing more.

    The form carries the key; see `vacancies.once`.
    """

    key = models.UUIDField(primary_key=True)
    # Where the sender was led: a later click is led there too.
    outcome = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        db_table = "form_submission"

    def __str__(self) -> str:
        return str(self.key)
