"""`manage.py reseal_second_factors`: part of a change of SECRET_KEY (docs/security.md)."""

from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.core.management import BaseCommand
from django.db import transaction

from accounts.adapter import ciphers

SECRETS = ("secret", "seed", "migrated_codes")


class Command(BaseCommand):
    help = "Seal the second factors' secrets with SECRET_KEY, so that old keys can go."

    def handle(self, *args: Any, **options: Any) -> None:
        lost = 0
        keys = Authenticator.objects.values_list("pk", flat=True)
        for key in list(keys):
            lost += not resealed(key)
        self.stdout.write(f"Sealed {len(keys) - lost} second factors anew.")
        if lost:
            self.stdout.write(
                f"{lost} could not be opened by any key: an administrator resets them."
            )


@transaction.atomic
def resealed(key: int) -> bool:
    """Seal one row's secrets by the first key; False if no key opens them."""
    row = Authenticator.objects.select_for_update().filter(pk=key).first()
    if row is None:
        return True
    try:
        row.data |= {
            name: anew(row.data[name]) for name in SECRETS if row.data.get(name)
        }
    except InvalidToken:
        return False
    row.save(update_fields=["data"])
    return True


def anew(sealed: Any) -> Any:
    if isinstance(sealed, list):
        return [anew(one) for one in sealed]
    return ciphers().rotate(sealed.encode()).decode()
