"""core.distribution: a way to Citus from the tables as they are."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core import distribution
from core.distribution import Catalogue, Key, NoPlace
from core.environment import BASE_DIR
from tests.factories import ProgressFactory

pytestmark = pytest.mark.django_db


def test_each_table_has_one_place():
    assert distribution.misplaced(Catalogue.read()) == set()


def test_new_table_is_found_out():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE novelty (id bigint)")

    assert distribution.misplaced(Catalogue.read()) == {"novelty"}
    with pytest.raises(CommandError, match="novelty"):
        call_command("citus")


def test_nothing_is_in_the_way_after_the_preparation():
    answer = ProgressFactory()
    answer.revisions.create(timestamp=answer.timestamp, replaced_at=answer.timestamp)

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in distribution.preparation(Catalogue.read()):
            cursor.execute(statement)
        cursor.execute("SELECT session_id FROM answer_revision")
        filled = cursor.fetchall()

    assert filled == [(answer.session_id,)]
    after = Catalogue.read()
    assert not [key for key in after.keys if distribution.is_narrow(key)]
    assert all(distribution.is_kept(reference) for reference in after.references)
    assert list(distribution.preparation(after)) == []


def test_unique_key_that_would_be_lost_is_found_out():
    catalogue = Catalogue.read()
    key = Key("session_event", "once_for_all", False, "once_for_all", "", ["kind"])

    with pytest.raises(NoPlace, match="once_for_all would no longer be unique"):
        list(distribution.preparation(replace(catalogue, keys=[key])))


def test_printed_statements_are_those_of_the_document():
    printed = StringIO()

    call_command("citus", stdout=printed)

    document = BASE_DIR / "deploy" / "citus.sql"
    assert printed.getvalue() == document.read_text(), (
        "manage.py citus > deploy/citus.sql"
    )
