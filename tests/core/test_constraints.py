"""Every constraint of the portal's own tables, each seen to refuse a row."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection
from django.utils import timezone

from accounts.models import AuditEvent, AuditSeal
from candidates.models import Candidate
from interviews.models import DataCopy, EmailTemplate, EventKind, Message, SessionEvent
from privacy.models import Erasure, ErasureStep, LegalHold
from reviews.models import Export, Standing
from tests.factories import (
    BankQuestionFactory,
    CallFactory,
    CandidateFactory,
    CompanyFactory,
    ConsentFactory,
    MemberFactory,
    ProgressFactory,
    QuestionFactory,
    RequestFactory,
    SessionFactory,
    ShareFactory,
    TakeFactory,
    TurnFactory,
    UserFactory,
    VacancyFactory,
    VoiceEventFactory,
)
from tests.interviews.api.conftest import A_DAY_LATER, LONG_AGO
from tests.reviews.reviewing import answered, marked_moment, said
from vacancies.models import Script, ScriptQuestion, Tag
from vacancies.services import freeze_script

pytestmark = pytest.mark.django_db


def same_turn_twice():
    turn = TurnFactory()
    TurnFactory(call=turn.call, position=turn.position)


def same_order_twice():
    vacancy = VacancyFactory(questions=1)
    vacancy.questions.create(text="Again?", order=1)


def same_member_twice():
    member = MemberFactory()
    MemberFactory(vacancy=member.vacancy, user=member.user)


def same_tag_twice():
    for name in ("Общее", "ОБЩЕЕ"):
        Tag.objects.create(name=name)


def same_script_twice():
    script = freeze_script(VacancyFactory(questions=1))
    Script.objects.create(
        vacancy=script.vacancy, content={}, content_hash=script.content_hash
    )


def same_script_question_twice():
    row = freeze_script(VacancyFactory(questions=1)).questions.through.objects.get()
    ScriptQuestion.objects.create(script=row.script, question=row.question)


def copied(**fields):
    session = SessionFactory()
    DataCopy.objects.create(candidate=session.candidate, session=session, **fields)


def two_open_sessions():
    session = SessionFactory()
    SessionFactory(candidate=session.candidate, vacancy=session.vacancy)


def start_without_a_script():
    SessionFactory(started_at=LONG_AGO, consent=ConsentFactory())


def start_without_consent():
    SessionFactory(started=True, consent=None)


def same_answer_twice():
    answer = ProgressFactory()
    ProgressFactory(session=answer.session, question=answer.question)


def end_before_the_start():
    SessionFactory(started=True, started_at=A_DAY_LATER, finished_at=LONG_AGO)


def finished_and_cancelled():
    times = {"finished_at": A_DAY_LATER, "cancelled_at": A_DAY_LATER}
    SessionFactory(started=True, started_at=LONG_AGO, **times)


def unknown_event():
    SessionEvent.objects.create(session=SessionFactory(), kind="unknown")


def same_request_open_twice():
    asked = RequestFactory()
    RequestFactory(session=asked.session, kind=asked.kind)


def same_take_twice():
    take = TakeFactory()
    TakeFactory(session=take.session, question=take.question, number=take.number)


def same_piece_twice():
    take = TakeFactory(parts=[[b"a"]])
    take.chunks.create(part=1, position=0, data=b"b")


def more_time_twice():
    session = SessionFactory()
    for _ in range(2):
        session.events.create(kind=EventKind.MORE_TIME, detail="1")


def emails_in_two_spellings(factory):
    factory(email="Anna@example.com")
    factory(email="anna@EXAMPLE.com")


def decided(outcome="hired", reason="Good"):
    SessionFactory().decisions.create(
        outcome=outcome, reason=reason, decided_by=UserFactory()
    )


def sealed_twice(**same):
    for number in (1, 2):
        own = {"event_id": number, "previous_hash": str(number)}
        AuditSeal.objects.create(position=number, hash="", **own | same)


def message(kind="invitation", **fields):
    return Message.objects.create(session=SessionFactory(), kind=kind, **fields)


def same_message_twice():
    Message.objects.create(session=message().session, kind="invitation")


def wording(kind="invitation", language="en"):
    EmailTemplate.objects.create(kind=kind, language=language, subject="a", body="b")


def same_wording_twice():
    wording()
    wording()


def export(**fields):
    Export.objects.create(user=UserFactory(), **{"format": "csv"} | fields)


def same_filter_twice():
    user = UserFactory()
    for _ in range(2):
        user.saved_filters.create(page="a", name="Mine", query="q=a")


def two_companies_of_the_portal():
    CompanyFactory.create_batch(2, is_default=True)


def same_interview_shared_twice():
    session = SessionFactory()
    ShareFactory(sessions=[session, session])


def same_number_shared_twice():
    share = ShareFactory(sessions=[SessionFactory()])
    share.rows.create(session=SessionFactory(), number=1)


def give_opinion(**fields):
    session = SessionFactory()
    share = ShareFactory(sessions=[session])
    share.feedback.create(session=session, name="Head", **fields)


def same_reviewer_twice():
    review = said(answered())
    said(review.session, review.reviewer)


def same_rating_twice():
    session = answered()
    key = session.vacancy.questions.first().pk
    said(session, marks={key: 3}).ratings.create(question_id=key)


def mark_out_of_range(mark):
    session = answered()
    said(session, marks={session.vacancy.questions.first().pk: mark})


def first_mark_out_of_range(mark):
    session = answered()
    question = session.vacancy.questions.first()
    said(session).ratings.create(question=question, first_mark=mark)


def erasure(**fields):
    return Erasure.objects.create(
        **{"extent": "interview", "cause": "staff", "candidate_key": 1} | fields
    )


def step(**fields):
    values = {"erasure": erasure(), "place": "vendor", "name": "conv_1"} | fields
    return ErasureStep.objects.create(**values)


def same_step_twice():
    step(erasure=step().erasure)


def hold(**fields):
    LegalHold.objects.create(
        **{"vacancy": VacancyFactory(), "reason": "A duty", "placed_by": UserFactory()}
        | fields
    )


def two_of_one_email_key():
    for candidate in CandidateFactory.create_batch(2):
        Candidate.objects.filter(pk=candidate.pk).update(email_key="hash")


VIOLATIONS = {
    "company_one_default": two_companies_of_the_portal,
    "company_colour_is_one": lambda: CompanyFactory(colour="red"),
    "vacancy_status_known": lambda: VacancyFactory(status="paused"),
    "vacancy_language_known": lambda: VacancyFactory(language="xx"),
    "vacancy_template_stays_a_draft": lambda: VacancyFactory(is_template=True),
    "vacancy_member_once": same_member_twice,
    "vacancy_member_part_known": lambda: MemberFactory(part="guest"),
    "question_tag_name_unique": same_tag_twice,
    "bank_question_language_known": lambda: BankQuestionFactory(language="xx"),
    "bank_question_answer_mode_known": lambda: BankQuestionFactory(answer_mode="sung"),
    "bank_question_weight_in_range": lambda: BankQuestionFactory(weight=6),
    "question_order_unique_per_vacancy": same_order_twice,
    "question_has_an_order_unless_archived": lambda: QuestionFactory(
        order=1, archived_at=timezone.now()
    ),
    "question_time_limit_in_range": lambda: QuestionFactory(time_limit_seconds=14),
    "question_retakes_in_range": lambda: QuestionFactory(retakes=21),
    "question_answer_mode_known": lambda: QuestionFactory(answer_mode="sung"),
    "question_weight_in_range": lambda: QuestionFactory(weight=0),
    "script_content_unique": same_script_twice,
    "script_question_unique": same_script_question_twice,
    "candidate_email_unique": lambda: emails_in_two_spellings(CandidateFactory),
    "candidate_email_key_unique": two_of_one_email_key,
    "audit_action_known": lambda: AuditEvent.objects.create(action="dreamt"),
    "audit_seal_once": lambda: sealed_twice(event_id=1),
    "audit_seal_one_follower": lambda: sealed_twice(previous_hash="0"),
    "email_template_kind_known": lambda: wording(kind="poem"),
    "email_template_language_known": lambda: wording(language="xx"),
    "email_template_unique": same_wording_twice,
    "export_format_known": lambda: export(format="doc"),
    "export_ready_means_file": lambda: export(state="ready"),
    "export_state_known": lambda: export(state="lost"),
    "message_kind_known": lambda: message(kind="poem"),
    "message_once": same_message_twice,
    "message_state_known": lambda: message(state="lost"),
    "staff_user_administrator_is_superuser": lambda: UserFactory(is_superuser=True),
    "staff_user_role_known": lambda: UserFactory(role="guest"),
    "staff_user_email_lower": lambda: UserFactory(email="Anna@example.com"),
    "session_one_open_per_candidate_and_vacancy": two_open_sessions,
    "session_started_implies_script": start_without_a_script,
    "session_started_implies_consent": start_without_consent,
    "session_finished_implies_started": end_before_the_start,
    "session_finished_or_cancelled": finished_and_cancelled,
    "session_opens_before_deadline": lambda: SessionFactory(
        opens_at=A_DAY_LATER, expires_at=LONG_AGO
    ),
    "session_rating_in_range": lambda: SessionFactory(rating=6),
    "session_withdrawn_implies_over": lambda: SessionFactory(
        consent_withdrawn_at=LONG_AGO
    ),
    "session_scoring_declined_implies_told": lambda: SessionFactory(
        scoring_declined_at=LONG_AGO
    ),
    "vacancy_notice_in_range": lambda: VacancyFactory(notice_days=61),
    "data_copy_state_known": lambda: copied(state="lost"),
    "data_copy_ready_means_file": lambda: copied(state="ready"),
    "data_copy_for_one_or_the_other": lambda: copied(asked_by=UserFactory()),
    "request_one_open_of_a_kind": same_request_open_twice,
    "request_kind_known": lambda: RequestFactory(kind="holiday"),
    "request_handled_by_a_person": lambda: RequestFactory(handled_at=LONG_AGO),
    "progress_unique_session_and_question": same_answer_twice,
    "progress_confidence_0_to_1": lambda: ProgressFactory(confidence=1.01),
    "progress_duration_not_negative": lambda: ProgressFactory(duration_ms=-1),
    "progress_channel_known": lambda: ProgressFactory(channel="carrier"),
    "progress_answered_means_text_or_speech": lambda: ProgressFactory(answer_text=""),
    "progress_spoken_means_audio": lambda: ProgressFactory(channel="spoken"),
    "take_number_unique": same_take_twice,
    "take_state_known": lambda: TakeFactory(state="lost"),
    "take_ready_means_file": lambda: TakeFactory(state="ready"),
    "take_chunk_unique": same_piece_twice,
    "event_kind_known": unknown_event,
    "event_more_time_once": more_time_twice,
    "voice_event_source_known": lambda: VoiceEventFactory(source="pigeon"),
    "voice_event_state_known": lambda: VoiceEventFactory(state="lost"),
    "voice_call_status_known": lambda: CallFactory(status="lost"),
    "voice_turn_unique_position": same_turn_twice,
    "voice_turn_speaker_known": lambda: TurnFactory(speaker="parrot"),
    "decision_outcome_known": lambda: decided(outcome="promoted"),
    "decision_has_a_reason": lambda: decided(reason=""),
    "standing_stage_known": lambda: Standing.objects.create(
        session=SessionFactory(), stage="unknown"
    ),
    "saved_filter_name_unique": same_filter_twice,
    "review_one_per_person": same_reviewer_twice,
    "review_recommendation_known": lambda: said(answered(), recommendation="maybe"),
    "review_first_recommendation_known": lambda: said(
        answered(), first_recommendation="maybe"
    ),
    "rating_one_per_question": same_rating_twice,
    "rating_mark_in_range": lambda: mark_out_of_range(6),
    "rating_first_mark_in_range": lambda: first_mark_out_of_range(6),
    "moment_is_somewhere": lambda: marked_moment(answered(), UserFactory(), at_ms=None),
    "shared_session_once": same_interview_shared_twice,
    "shared_session_number_unique": same_number_shared_twice,
    "share_view_answer_is_of_an_interview": lambda: ShareFactory().views.create(
        position=1
    ),
    "feedback_recommendation_known": lambda: give_opinion(recommendation="maybe"),
    "feedback_says_something": give_opinion,
    "erasure_extent_known": lambda: erasure(extent="half"),
    "erasure_cause_known": lambda: erasure(cause="whim"),
    "erasure_of_a_person_has_the_proof": lambda: erasure(extent="person"),
    "erasure_step_once": same_step_twice,
    "erasure_step_place_known": lambda: step(place="attic"),
    "erasure_step_done_has_an_outcome": lambda: step(done_at=LONG_AGO),
    "legal_hold_of_one_thing": lambda: hold(candidate=CandidateFactory()),
    "legal_hold_has_a_reason": lambda: hold(reason=""),
    "legal_hold_released_by_a_person": lambda: hold(released_at=LONG_AGO),
}
# Further ways to break a constraint that has more than one side.
FURTHER_VIOLATIONS = [
    ("rating_mark_in_range", lambda: mark_out_of_range(0)),
    ("rating_first_mark_in_range", lambda: first_mark_out_of_range(0)),
    ("company_colour_is_one", lambda: CompanyFactory(colour="#12345g")),
    ("question_has_an_order_unless_archived", lambda: QuestionFactory(order=None)),
    (
        "question_time_limit_in_range",
        lambda: QuestionFactory(time_limit_seconds=3601),
    ),
    (
        "session_finished_implies_started",
        lambda: SessionFactory(finished_at=LONG_AGO),
    ),
    (
        "session_opens_before_deadline",
        lambda: SessionFactory(opens_at=LONG_AGO, expires_at=LONG_AGO),
    ),
    ("session_rating_in_range", lambda: SessionFactory(rating=0)),
    ("erasure_of_a_person_has_the_proof", lambda: erasure(address_hash="0" * 64)),
    ("erasure_step_done_has_an_outcome", lambda: step(outcome="deleted")),
    ("legal_hold_of_one_thing", lambda: hold(vacancy=None)),
    ("legal_hold_released_by_a_person", lambda: hold(released_by=UserFactory())),
    (
        "request_handled_by_a_person",
        lambda: RequestFactory(handled_by=UserFactory()),
    ),
    ("progress_confidence_0_to_1", lambda: ProgressFactory(confidence=-0.01)),
    ("progress_confidence_0_to_1", lambda: ProgressFactory(confidence=float("nan"))),
    (
        "progress_answered_means_text_or_speech",
        lambda: ProgressFactory(answered=False),
    ),
    (
        "progress_answered_means_text_or_speech",
        lambda: ProgressFactory(
            answered=False,
            answer_text="",
            channel="spoken",
            answer_audio_url="/recordings/takes/a",
        ),
    ),
]
# Django's own check of the column is the first to refuse.
NAMED_OTHERWISE = {
    "progress_duration_not_negative": "interview_progress_duration_ms_check"
}


def own_models():
    own = {path.name for path in settings.BASE_DIR.iterdir() if path.is_dir()}
    return [model for model in apps.get_models() if model._meta.app_label in own]


def test_no_constraint_is_forgotten_here():
    names = {c.name for model in own_models() for c in model._meta.constraints}

    assert names == set(VIOLATIONS)


@pytest.mark.parametrize(
    ("name", "violate"), [*VIOLATIONS.items(), *FURTHER_VIOLATIONS]
)
def test_constraint_refuses(name, violate):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError) as error:
        violate()

    refused_by = error.value.__cause__.diag.constraint_name
    assert refused_by == NAMED_OTHERWISE.get(name, name)
