"""Message-IDs that stay the same when a letter is sent again.

Between a mail server's "accepted" and our own note of it a process may die, and nobody
can tell whether the letter went out. It is sent again then, under the same Message-ID, by
which most mailboxes show it once.
"""

from email.utils import parseaddr
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings


def message_id(key: str, sender: str = "") -> str:
    """Return the Message-ID of the letter with this key, in the domain of its sender."""
    _, address = parseaddr(sender or settings.DEFAULT_FROM_EMAIL)
    domain = address.rpartition("@")[2] or "localhost"
    return f"<{uuid5(NAMESPACE_URL, key).hex}@{domain}>"
