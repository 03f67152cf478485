"""Changes of state around candidates."""

from candidates.consent import VERSION, consent_hash
from candidates.models import Candidate, Consent


def record_consent(
    *, candidate: Candidate, given: bool, language: str, paragraphs: list[str]
) -> Consent:
    """Keep what the candidate decided, with the exact text that was shown."""
    return Consent.objects.create(
        candidate=candidate,
        given=given,
        version=VERSION,
        language=language,
        text_hash=consent_hash(paragraphs),
        text="\n\n".join(paragraphs),
    )


def record_withdrawal(consent: Consent) -> Consent:
    """Keep that the candidate took this consent back: of the text that was agreed to."""
    return Consent.objects.create(
        candidate_id=consent.candidate_id,
        given=False,
        version=consent.version,
        language=consent.language,
        text_hash=consent.text_hash,
        text=consent.text,
    )
