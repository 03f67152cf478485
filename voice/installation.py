"""What this installation of Parley is called at the vendor, and where it is reached.

Everything of ours is found again by these names: two installations that share a workspace
must not meet.
"""

import hashlib
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext

LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}


def host() -> str:
    return settings.PUBLIC_URL.partition("//")[2]


def agent_name() -> str:
    return f"Parley · {host()}"


def secret_prefix() -> str:
    return f"parley {host()} "


def secret_name() -> str:
    """Name the secret after its value: the vendor lets nobody read a value back."""
    digest = hashlib.sha256(settings.AGENT_API_KEY.encode()).hexdigest()
    return secret_prefix() + digest[:12]


def secret_value() -> str:
    return f"Bearer {settings.AGENT_API_KEY}"


def webhook_url() -> str:
    return f"{settings.PUBLIC_URL}/webhooks/elevenlabs"


def address_problem() -> str:
    """Say what is wrong with PUBLIC_URL, or nothing: the vendor has to reach it."""
    address = urlsplit(settings.PUBLIC_URL)
    if not settings.PUBLIC_URL:
        return gettext("PUBLIC_URL is not set.")
    if address.scheme == "https" and address.hostname:
        return ""
    if address.scheme == "http" and may_be_plain(address.hostname):
        return ""
    return gettext("PUBLIC_URL does not begin with https://.")


def may_be_plain(hostname: str | None) -> bool:
    return bool(hostname) and (settings.DEMO or hostname in LOCAL_HOSTS)
