"""Changes of state around candidates."""

from candidates.consent import VERSION, consent_hash, consent_paragraphs
from candidates.models import Candidate, Consent
from vacancies.companies import Employer


def record_consent(
    *,
    candidate: Candidate,
    given: bool,
    language: str,
    employer: Employer,
    spoken_to_ai: bool,
) -> Consent:
    """Keep what the candidate decided, with the exact text that was shown."""
    paragraphs = consent_paragraphs(
        language, employer=employer, spoken_to_ai=spoken_to_ai
    )
    return Consent.objects.create(
        candidate=candidate,
        given=given,
        version=VERSION,
        language=language,
        text_hash=consent_hash(paragraphs),
        text="\n\n".join(paragraphs),
    )
