"""E11, a fiftieth of it: the published schema keeps its word."""

import pytest

from faults.schema_cases import SHORT, examine

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.faults
def test_published_schema_keeps_its_word(serve):
    figures = list(examine(serve, SHORT))

    assert [figure for figure in figures if not figure.is_held] == []
