"""People to erase, and erasures with a part left out. See `faults.child`."""

from typing import Any
from unittest.mock import patch
from uuid import uuid4


def make(erased: int, stay: int, spared: int) -> dict[str, dict[str, Any]]:
    """Make people; return by mark their calls' ids, and the keys of their rows.

    Of those who stay no list was exported: lists go with whoever may be in them.
    """
    from tests.factories import UserFactory, VacancyFactory
    from tests.privacy import person

    vacancy = VacancyFactory(questions=2)
    made = [
        person.build(
            mark_of(), owner=UserFactory(), vacancy=vacancy, exports_a_list=is_listed
        )
        for is_listed in [*[True] * erased, *[False] * stay, *[True] * spared]
    ]
    return {
        "calls": {one.mark: one.call.pk for one in made},
        "keys": {one.mark: one.candidate.pk for one in made},
    }


def mark_of() -> str:
    # Letters alone: a number could be part of another.
    return "kanareika" + "".join(chr(97 + int(digit, 16)) for digit in uuid4().hex[:12])


def make_due() -> None:
    """Let what failed be tried now, and queue it anew."""
    from django.utils import timezone

    from privacy import reaching
    from privacy.models import ErasureStep

    ErasureStep.objects.filter(done_at=None).update(next_try_at=timezone.now())
    reaching.go_on()


NOTHING: dict[str, Any] = {"mark_exports": [], "voice_events": []}


def erase_without(parts: dict[str, int]) -> None:
    """Erase the candidates, each without the part of its name."""
    from candidates.models import Candidate
    from privacy import erasing, reaching, traces
    from privacy.erasing import Order
    from privacy.models import Cause

    for part, key in parts.items():
        module = reaching if hasattr(reaching, part) else traces
        nothing = [] if module is reaching else NOTHING.get(part, 0)
        with patch.object(module, part, lambda *arguments, value=nothing: value):
            erasure = erasing.erase_person(
                candidate=Candidate.objects.get(pk=key),
                order=Order(Cause.STAFF, ends_open=True),
            )
        reaching.reach(erasure.pk)
