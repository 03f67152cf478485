"""`manage.py demo`: fill an empty demo portal, and say where to go."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from interviews import demo

EMAIL = "hr@example.com"
BLOCK = """
  Parley is ready.

  HR             {base_url}/admin/
                 {email} / {password}

{links}

  Press Ctrl-C to stop; everything is kept for the next time.
"""


class Command(BaseCommand):
    """Demo only: the login it makes stands in the open."""

    help = "Fill an empty demo portal: two vacancies, candidates, interviews to read, a login."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--links", action="store_true", help="print the addresses to open"
        )
        parser.add_argument("--base-url", default="http://127.0.0.1:8000")

    def handle(self, *args: Any, links: bool, base_url: str, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demo (DEMO is off); nothing was done.")
        self.ensure_login()
        demo.seed()
        if links:
            self.stdout.write(self.block(base_url.rstrip("/")))

    def ensure_login(self) -> None:
        if not User.objects.exists():
            User.objects.create_superuser(EMAIL, os.environ.get("DEMO_PASSWORD"))

    def block(self, base_url: str) -> str:
        links = [
            f"  Candidate      {base_url}{session.get_absolute_url()}"
            for session in demo.open_sessions()
        ]
        return BLOCK.format(
            base_url=base_url,
            email=EMAIL,
            password=self.password(),
            links="\n".join(links) or "  Open a vacancy to invite candidates.",
        )

    def password(self) -> str:
        """Return the demo's password while it is still the one that was made up."""
        password = os.environ.get("DEMO_PASSWORD", "")
        user = User.objects.filter(email=EMAIL).first()
        if user and user.check_password(password):
            return password
        return "(the password you set)"
