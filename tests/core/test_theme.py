import pytest
from unfold.templatetags import unfold_list

from tests.factories import CandidateFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rows", [1, 3])
def test_headings_are_made_once_a_page(hr_client, rows, asked):
    CandidateFactory.create_batch(rows)

    response = hr_client.get("/admin/candidates/candidate/")

    assert response.text.count("data-row") == rows
    assert len(asked) == len(response.context["cl"].list_display)


@pytest.fixture
def asked(monkeypatch):
    """Return the names of the columns whose heading was asked for."""
    calls = []
    make = unfold_list.label_for_field

    def counted(name, *args, **kwargs):
        calls.append(name)
        return make(name, *args, **kwargs)

    monkeypatch.setattr(unfold_list, "label_for_field", counted)
    return calls
