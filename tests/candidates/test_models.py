"""candidates.models (their constraints: tests/core/test_constraints.py)"""

from candidates.models import Candidate, Consent


def test_candidate_and_consent_are_named_without_a_query():
    # Without the `db` fixture any query fails the test.
    names = str(Candidate(name="Инна")), str(Consent(version="2026", language="ru"))

    assert names == ("Инна", "2026 ru")
