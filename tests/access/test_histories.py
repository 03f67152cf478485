"""Found by the isolation experiment: a row's history told whether the row exists."""

import pytest

from accounts.models import Role
from tests.factories import UserFactory, VoiceEventFactory

pytestmark = pytest.mark.django_db


def test_history_tells_nobody_which_rows_there_are(client):
    client.force_login(UserFactory(role=Role.RECRUITER, is_staff=True))
    event = VoiceEventFactory()

    answers = [
        client.get(f"/admin/voice/voiceevent/{key}/history/").status_code
        for key in (event.pk, event.pk + 1)
    ]

    assert answers == [403, 403]


def test_history_is_there_for_who_may_read_it(client):
    client.force_login(UserFactory(hr=True))

    response = client.get(f"/admin/voice/voiceevent/{VoiceEventFactory().pk}/history/")

    assert response.status_code == 200
