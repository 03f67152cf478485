"""Stages and decisions: a person's, with a reason, once, and for good."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import AuditEvent, Role
from reviews.deciding import NoReason, NotAStage, decide, set_stage, toggle_shortlist
from reviews.models import Decision, Outcome, Stage, StageChange, Standing
from tests.factories import SessionFactory, UserFactory
from vacancies.models import Part

pytestmark = pytest.mark.django_db


def member(session, part=Part.OWNER, role=Role.RECRUITER):
    user = UserFactory(role=role, is_staff=True)
    session.vacancy.members.create(user=user, part=part)
    return user


@pytest.fixture
def session():
    return SessionFactory(started=True)


@pytest.fixture
def owner(session):
    return member(session)


def logged():
    return list(
        AuditEvent.objects.order_by("pk").values_list("action", "object_id", "detail")
    )


# Stages


def test_a_stage_is_set_and_told_of(session, owner):
    moved = set_stage(sessions=[session], stage=Stage.MEETING, by=owner)

    assert moved == [session]
    assert Standing.objects.get().stage == Stage.MEETING
    change = StageChange.objects.get()
    assert (change.before, change.after, change.by) == ("new", "meeting", owner)
    assert logged() == [("changed", str(session.pk), "stage=meeting")]


def test_the_same_stage_twice_is_one_change(session, owner):
    set_stage(sessions=[session], stage=Stage.MEETING, by=owner)

    assert set_stage(sessions=[session], stage=Stage.MEETING, by=owner) == []
    assert StageChange.objects.count() == 1


@pytest.mark.parametrize("stage", ["done", "unknown", ""])
def test_nobody_chooses_what_is_no_stage(session, owner, stage):
    with pytest.raises(NotAStage):
        set_stage(sessions=[session], stage=stage, by=owner)


def test_the_shortlist_is_a_switch(session, owner):
    stages = [toggle_shortlist(session=session, by=owner) for _ in range(3)]

    assert stages == [Stage.SHORTLISTED, Stage.IN_REVIEW, Stage.SHORTLISTED]


# Decisions


@pytest.mark.parametrize(
    ("outcome", "stage"),
    [
        (Outcome.HIRED, Stage.DONE),
        (Outcome.REJECTED, Stage.DONE),
        (Outcome.WITHDREW, Stage.DONE),
        (Outcome.ADVANCED, Stage.NEW),
        (Outcome.ON_HOLD, Stage.NEW),
    ],
)
def test_a_decision_has_its_person_and_its_reason(session, owner, outcome, stage):
    [decision] = decide(
        sessions=[session], outcome=outcome, reason=" Почему 🙂 \n", by=owner
    )

    assert (decision.outcome, decision.reason) == (outcome, "Почему 🙂")
    assert decision.decided_by == owner
    standing = Standing.objects.get()
    assert (standing.decision, standing.stage) == (decision, stage)
    assert logged() == [("decided", str(session.pk), f"outcome={outcome}")]


def test_a_later_decision_takes_the_place_of_an_earlier_one(session, owner):
    [first] = decide(
        sessions=[session], outcome=Outcome.ON_HOLD, reason="Wait", by=owner
    )

    [second] = decide(sessions=[session], outcome="hired", reason="Now", by=owner)

    assert list(session.decisions.all()) == [second, first]
    assert Standing.objects.get().decision == second


def test_a_decision_can_be_taken_anew_from_an_earlier_stage(session, owner):
    decide(sessions=[session], outcome="rejected", reason="No", by=owner)

    set_stage(sessions=[session], stage=Stage.MEETING, by=owner)
    decide(sessions=[session], outcome="hired", reason="After all", by=owner)

    stages = [change.after for change in StageChange.objects.all()]
    assert stages == [Stage.DONE, Stage.MEETING, Stage.DONE]


def test_a_double_click_decides_once(session, owner):
    for _ in range(2):
        decide(sessions=[session], outcome="hired", reason="Good", by=owner)

    assert Decision.objects.count() == 1


def test_another_person_may_say_the_same(session, owner):
    for person in (owner, member(session)):
        decide(sessions=[session], outcome="hired", reason="Good", by=person)

    assert Decision.objects.count() == 2


@pytest.mark.parametrize("reason", ["", "  \n\t"])
def test_no_decision_without_a_reason(session, owner, reason):
    with pytest.raises(NoReason):
        decide(sessions=[session], outcome="hired", reason=reason, by=owner)

    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("part", "role"),
    [
        (Part.REVIEWER, Role.RECRUITER),
        (Part.REVIEWER, Role.REVIEWER),
        (Part.OWNER, Role.REVIEWER),
        (Part.OWNER, Role.AUDITOR),
    ],
)
def test_whoever_does_not_manage_it_changes_nothing(session, part, role):
    person = member(session, part, role)

    with pytest.raises(PermissionDenied):
        decide(sessions=[session], outcome="hired", reason="Good", by=person)
    with pytest.raises(PermissionDenied):
        set_stage(sessions=[session], stage=Stage.OFFER, by=person)

    assert not Standing.objects.exists()


def test_one_foreign_interview_among_others_stops_all(session, owner):
    foreign = SessionFactory(started=True)

    with pytest.raises(PermissionDenied):
        decide(sessions=[session, foreign], outcome="hired", reason="Good", by=owner)

    assert not Decision.objects.exists()


# The database


def test_there_is_no_decision_without_a_person(session):
    with pytest.raises(IntegrityError):
        Decision.objects.create(session=session, outcome="hired", reason="The machine")


@pytest.fixture
def decision(session, owner):
    return decide(sessions=[session], outcome="hired", reason="Good", by=owner)[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.update(outcome="rejected"),
        lambda rows: rows.update(reason="Other"),
        lambda rows: rows._raw_delete(rows.db),
    ],
)
def test_a_decision_stays_as_it_was_taken(decision, change):
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        change(Decision.objects.filter(pk=decision.pk))

    assert error.value.__cause__.diag.constraint_name == "decision_stays"
    decision.refresh_from_db()
    assert (decision.outcome, decision.reason) == ("hired", "Good")


def test_erasing_a_person_takes_the_decisions_along(session, decision):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL parley.erasing = 'on'")

    session.delete()

    assert not Decision.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_decide_once(session, owner):
    def click():
        decide(sessions=[session], outcome="hired", reason="Good", by=owner)
        connection.close()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()

    assert Decision.objects.count() == 1
