"""Tables that no app owns: what all processes must know of each other, for minutes.

Both are UNLOGGED: they are written without the log that makes rows outlive a crash, and
after one they are empty. A replica does not have them.
"""

from django.db import models


class FailedAttempts(models.Model):
    """How often an address failed at something lately; `core.limits` writes it.

    `key` is a keyed hash of what was counted and of the address, which is kept nowhere.
    """

    key = models.CharField(primary_key=True, max_length=64)
    began_at = models.DateTimeField(db_index=True)
    number = models.IntegerField()

    class Meta:
        db_table = "failed_attempts"

    def __str__(self) -> str:
        return f"{self.number} failed attempts"


class CacheEntry(models.Model):
    """A row of Django's database cache, where django-allauth keeps its limits.

    The table is Django's in shape and use; declared here, migrations make it.
    """

    cache_key = models.CharField(primary_key=True, max_length=255)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "common_cache"

    def __str__(self) -> str:
        return self.cache_key
