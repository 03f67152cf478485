"""Store everything sealed as the settings of now say."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from core import encryption
from core.rotation import Counted, count_stale, reseal, sealed_models

# Of a long table, how often its progress is told.
EVERY = 10_000


class Command(BaseCommand):
    help = (
        "Encrypt names, addresses and words under the first of FIELD_KEYS, whatever they "
        "are stored as now; with FIELD_KEYS_OFF, store them in the clear. The portal may "
        "run meanwhile; interrupted, it goes on where it was when it is run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="count only; nothing is written"
        )
        parser.add_argument(
            "--decrypt",
            action="store_true",
            help="say that the clear is meant: without FIELD_KEYS_OFF it is refused",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        check_settings(is_decrypting=options["decrypt"])
        encryption.keys()
        self.stdout.write(f"To: {target()}")
        unreadable = busy = 0
        for model in sealed_models():
            if options["dry_run"]:
                self.tell(Counted(model._meta.db_table, count_stale(model), 0))
                continue
            counted = self.reseal(model)
            unreadable += counted.unreadable
            busy += counted.busy
        if unreadable:
            raise CommandError(
                f"{unreadable} rows could not be decrypted and are as they were: is a key "
                "missing from FIELD_KEYS? The log names the rows and the keys."
            )
        if busy:
            raise CommandError(
                f"{busy} rows were being written all the time. Run it again."
            )

    def reseal(self, model: Any) -> Counted:
        told = 0
        for counted in reseal(model):
            if counted.changed - told >= EVERY:
                told = counted.changed
                self.tell(counted)
        self.tell(counted)
        return counted

    def tell(self, counted: Counted) -> None:
        self.stdout.write(f"{counted.table}: {counted.changed} rows")


def check_settings(*, is_decrypting: bool) -> None:
    if not settings.FIELD_KEYS:
        raise CommandError(
            "FIELD_KEYS is empty. To encrypt, set it; to decrypt, keep it and set "
            "FIELD_KEYS_OFF=true (docs/encryption.md)."
        )
    if is_decrypting and not settings.FIELD_KEYS_OFF:
        raise CommandError(
            "Set FIELD_KEYS_OFF=true for every process first: what the portal writes "
            "meanwhile would be encrypted."
        )


def target() -> str:
    return f"key {encryption.current().id}" if encryption.is_on() else "clear text"
