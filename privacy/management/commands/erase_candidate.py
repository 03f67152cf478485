"""`manage.py erase_candidate <id or e-mail>`: erase a person, everywhere."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from candidates.models import Candidate
from privacy import erasing, proof
from privacy.erasing import Order, Outlook
from privacy.exceptions import AlreadyErased, Held, StillOpen
from privacy.models import Cause, Erasure


class Command(BaseCommand):
    help = (
        "Erase a candidate: all rows, recordings, exports, and the calls at ElevenLabs. "
        "Files and calls follow by the worker. There is no way back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("candidate", help="the number, or the e-mail address")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="tell what would go, and change nothing",
        )
        parser.add_argument(
            "--end-open", action="store_true", help="end interviews that are still open"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        told = options["candidate"]
        candidate = find(told)
        if candidate is None:
            self.tell_of_nobody(told)
            return
        with override("en"):
            found = erasing.outlook(erasing.scope_of(candidate))
            self.tell(found)
        if not options["dry_run"]:
            self.erase(candidate, ends_open=options["end_open"])

    def tell_of_nobody(self, told: str) -> None:
        """Say that nobody is on file; that is no failure for who was erased before."""
        erasures = known_erasures(told)
        if not erasures:
            raise CommandError("There is no such candidate, and none was erased.")
        for erasure in erasures:
            self.stdout.write(
                f"Erased on {erasure.erased_at:%Y-%m-%d %H:%M} UTC: {erasure.pk}"
            )

    def tell(self, found: Outlook) -> None:
        for name, number in found.rows:
            self.stdout.write(f"{number:>6}  {name}")
        self.stdout.write(f"{found.conversations:>6}  calls at ElevenLabs")
        for hold in found.holds:
            self.stdout.write(f"Held: {hold.reason}")
        for session in found.open_sessions:
            self.stdout.write(f"Still open: interview {session.pk}")

    def erase(self, candidate: Candidate, *, ends_open: bool) -> None:
        order = Order(Cause.STAFF, ends_open=ends_open)
        try:
            erasure = erasing.erase_person(candidate=candidate, order=order)
        except (Held, AlreadyErased) as refusal:
            raise CommandError(str(refusal)) from refusal
        except StillOpen as refusal:
            raise CommandError(f"{refusal} Add --end-open.") from refusal
        steps = erasure.steps.count()
        self.stdout.write(
            f"Erased: {sum(erasure.counts.values())} rows. {steps} files and calls are "
            f"the worker's to delete now. Proof: {erasure.pk}"
        )


def find(told: str) -> Candidate | None:
    if told.isdecimal():
        return Candidate.objects.filter(pk=int(told)).first()
    return Candidate.objects.with_addresses([told]).first()


def known_erasures(told: str) -> list[Erasure]:
    if told.isdecimal():
        return list(Erasure.objects.filter(candidate_key=int(told), extent="person"))
    return list(proof.erasures_of(told))
