"""candidates: consent, kept with the exact text that was shown."""

from unittest.mock import ANY

import pytest

from candidates.consent import VERSION, consent_hash, consent_paragraphs
from candidates.models import Consent
from candidates.services import record_consent
from tests.factories import CandidateFactory
from vacancies.companies import Employer, employer_of_settings
from vacancies.models import Vacancy

UMBRELLA = Employer("Umbrella <b>")


@pytest.mark.django_db
@pytest.mark.parametrize("given", [True, False])
def test_consent_is_stored_with_its_text(given):
    candidate = CandidateFactory()

    consent = record_consent(
        candidate=candidate,
        given=given,
        language="ru",
        paragraphs=["Да.", "Нет."],
    )

    assert list(Consent.objects.values()) == [
        {
            "id": consent.pk,
            "candidate_id": candidate.pk,
            "given": given,
            "version": VERSION,
            "language": "ru",
            "text_hash": consent_hash(["Да.", "Нет."]),
            "text": "Да.\n\nНет.",
            "decided_at": ANY,
        }
    ]


@pytest.mark.django_db
def test_change_of_mind_is_a_further_row():
    candidate = CandidateFactory()
    shown = {"language": "en", "paragraphs": ["Yes?"]}

    for given in (False, True):
        record_consent(candidate=candidate, given=given, **shown)

    decisions = candidate.consents.values_list("given", flat=True)
    assert list(decisions.order_by("pk")) == [False, True]


def test_consent_text_tells_of_the_ai_voice_where_there_is_one():
    spoken = consent_paragraphs(Vacancy(), employer=UMBRELLA, spoken_to_ai=True)
    written = consent_paragraphs(Vacancy(), employer=UMBRELLA, spoken_to_ai=False)

    assert spoken[1:] == written
    assert "AI voice" in spoken[0]


@pytest.mark.parametrize("spoken_to_ai", [True, False])
def test_consent_text_tells_who_may_hear_what_is_spoken(spoken_to_ai):
    text = consent_paragraphs(Vacancy(), employer=UMBRELLA, spoken_to_ai=spoken_to_ai)

    [paragraph] = [one for one in text if one.startswith("If you answer aloud")]
    assert "the recording is stored with us" in paragraph
    assert "only if you switch that on" in paragraph
    assert "Google" in paragraph


@pytest.mark.parametrize(
    ("language", "name"), [("en", "the hiring team"), ("ru", "команда найма")]
)
def test_an_employer_without_a_name_is_called_so_in_the_language_of_the_text(
    settings, language, name
):
    settings.COMPANY_NAME = ""

    text = consent_paragraphs(
        Vacancy(language=language), employer=employer_of_settings(), spoken_to_ai=False
    )

    assert name in text[0]


def test_consent_text_names_the_company_and_the_days(settings):
    settings.RETENTION_DAYS = 33

    text = " ".join(
        consent_paragraphs(Vacancy(), employer=UMBRELLA, spoken_to_ai=False)
    )

    assert "stored for Umbrella <b>." in text
    assert "at most 33 days" in text


def test_another_text_has_another_hash():
    texts = [["a", "b"], ["a b"], ["a", "c"], ["a"]]

    assert len({consent_hash(text) for text in texts}) == len(texts)
