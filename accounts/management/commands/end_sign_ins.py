"""`manage.py end_sign_ins`: sign staff out everywhere, at once."""

from typing import Any

from django.contrib.sessions.models import Session
from django.core.management import BaseCommand, CommandError, CommandParser

from accounts import sessions
from accounts.audit import record
from accounts.models import AuditAction, User


class Command(BaseCommand):
    help = "End the sign-ins of one person, or with --all of everybody."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="?", help="whose sign-ins end")
        parser.add_argument("--all", action="store_true", help="everybody's")

    def handle(self, *args: Any, email: str | None, all: bool, **options: Any) -> None:
        if bool(email) == all:
            raise CommandError("Name one person by their address, or say --all.")
        ended = end_all() if email is None else end_of(email)
        self.stdout.write(f"Ended {ended} sign-ins.")


def end_of(email: str) -> int:
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        raise CommandError("Nobody here has this address.")
    ended = sessions.end(user)
    record(AuditAction.CHANGED, user, detail=f"sign-ins ended: {ended}")
    return ended


def end_all() -> int:
    ended, _ = Session.objects.all().delete()
    record(AuditAction.CHANGED, None, detail=f"all sign-ins ended: {ended}")
    return ended
