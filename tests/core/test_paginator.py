import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from candidates.models import Candidate
from core import paginator
from core.paginator import CappedPaginator
from tests.factories import CandidateFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/candidates/candidate/"


@pytest.fixture
def _most_counted(monkeypatch):
    monkeypatch.setattr(paginator, "MOST_COUNTED", 2)


@pytest.mark.usefixtures("_most_counted")
@pytest.mark.parametrize(
    ("rows", "count", "is_capped"), [(0, 0, False), (2, 2, False), (3, 2, True)]
)
def test_counts_no_further_than_it_pages(rows, count, is_capped):
    CandidateFactory.create_batch(rows)

    pages = CappedPaginator(Candidate.objects.order_by("pk"), 1)

    assert (pages.count, pages.is_capped, pages.num_pages) == (
        count,
        is_capped,
        max(count, 1),
    )


@pytest.mark.usefixtures("_most_counted")
def test_database_stops_counting_too(hr_client):
    CandidateFactory.create_batch(3)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = hr_client.get(LIST)

    [counting] = [
        q["sql"] for q in queries if "COUNT(" in q["sql"] and "LIMIT 3" in q["sql"]
    ]
    assert 'FROM "candidate"' in counting
    assert "more than 2: narrow the list down" in response.text


def test_short_list_says_how_long_it_is(hr_client):
    CandidateFactory.create_batch(3)

    response = hr_client.get(LIST)

    assert "more than" not in response.text
    assert response.context["cl"].result_count == 3
