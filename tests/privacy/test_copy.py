"""The copy of all that is held about a candidate: complete, and nobody else's."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import Role
from candidates.models import Candidate, Consent
from interviews.models import InterviewSession
from privacy import copy, copy_files, copy_making
from privacy.copy_people import Others, Staff
from reviews.models import Review
from tests import factories as make
from tests.access import world
from vacancies.services import freeze_script

MARK = "Kanarejka"


def own_models():
    own = {path.name for path in settings.BASE_DIR.iterdir() if path.is_dir()}
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.app_label in own]


def leads_to_a_candidate(model, seen=()):
    """Tell whether keys lead from a row to a candidate or an interview."""
    if model in {Candidate, InterviewSession}:
        return True
    targets = {
        one.related_model
        for one in [*model._meta.fields, *model._meta.many_to_many]
        if one.related_model
    }
    return any(
        leads_to_a_candidate(target, (*seen, model))
        for target in targets - {*seen, model}
    )


def test_every_table_that_leads_to_a_candidate_is_in_the_copy_or_argued_away():
    leading = {
        model._meta.label_lower for model in own_models() if leads_to_a_candidate(model)
    }

    tables = [*copy.TABLES, *copy.OF_THE_PERSON]
    in_the_copy = {table.model._meta.label_lower for table in tables}
    assert leading == in_the_copy | set(copy.LEFT_OUT)
    assert not in_the_copy & set(copy.LEFT_OUT)
    known = {model._meta.label_lower for model in own_models()}
    assert set(copy.WITHOUT_A_KEY) <= known - leading


def test_each_column_left_out_is_one():
    for table in [*copy.TABLES, *copy.OF_THE_PERSON]:
        columns = {column.name for column in table.model._meta.concrete_fields}
        assert {*table.left_out, *table.team_words} <= columns


def zipped(candidate, sessions=None):
    file = BytesIO()
    if sessions is None:
        copy_making.write_all(candidate, file, language="en")
    else:
        copy_files.write(candidate, sessions, file, language="en", is_whole=False)
    return ZipFile(file)


def text_of(archive):
    return "\n".join(
        archive.read(name).decode()
        for name in archive.namelist()
        if not name.endswith((".mp3", ".webm", ".bin"))
    )


@pytest.fixture
def canary(db):
    owner = make.UserFactory(
        role=Role.RECRUITER, first_name="Olga", last_name="Smirnova"
    )
    return world.build(MARK, owner=owner)


# Marked words that tell nothing of the candidate, and those of somebody else.
OF_OTHERS = {
    ("accounts.savedfilter", "name"),
    ("accounts.auditevent", "actor"),
    ("vacancies.vacancy", "title"),
    ("vacancies.vacancy", "description"),
    ("vacancies.vacancy", "greeting"),
    ("vacancies.question", "text"),
    ("reviews.sharefeedback", "name"),
}


def marked_words(candidate):
    """Return each word of the database that has the mark and is about the candidate."""
    for model in own_models():
        for row in model._default_manager.all():
            if row == candidate or not isinstance(row, Candidate):
                yield from marked_in(row)


def marked_in(row):
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        about = (row._meta.label_lower, column.name)
        if isinstance(value, str) and MARK in value and about not in OF_OTHERS:
            yield value


def test_every_word_about_the_canary_is_in_the_copy(canary):
    archive = zipped(canary.candidate)

    text = text_of(archive)
    words = set(marked_words(canary.candidate))
    # As many kinds of rows as hold words: the test itself is complete.
    assert len(words) >= 15
    missing = [
        word for word in words if json.dumps(word, ensure_ascii=False) not in text
    ]
    assert missing == []
    call = archive.read(f"interviews/1/audio/call-{canary.call.pk}.mp3")
    assert call == f"{MARK} sound".encode()
    take = archive.read(f"interviews/1/audio/answer-{canary.take.pk}-1.bin")
    assert take == f"{MARK} sound".encode()


def test_the_copy_names_no_colleague_and_no_other_candidate(canary):
    review = Review.objects.get()
    review.comment = (
        "Better than Boris Godunov; Olga Smirnova says so: hr@parley.example"
    )
    review.save()
    canary.waiting.candidate.name = "Boris Godunov"
    canary.waiting.candidate.save()
    make.UserFactory(email="hr@parley.example")

    text = text_of(zipped(canary.candidate))

    assert "Better than ███ ███; ███ ███ says so: ███" in text
    assert '"reviewer": "recruiter 1"' in text
    assert "Boris" not in text
    assert "Smirnova" not in text
    assert canary.candidate.email in text
    assert "203.0.113" not in text


def test_a_name_the_candidate_has_too_stays(db):
    session = make.SessionFactory(candidate__name="Anna Petrova")
    make.SessionFactory(vacancy=session.vacancy, candidate__name="Anna Sidorova")

    masked = Others(session, Staff()).masked("Anna, unlike Sidorova, was clear.")

    assert masked == "Anna, unlike ███, was clear."


def test_drafts_are_not_in_the_copy(canary):
    other = make.UserFactory()
    Review.objects.create(
        session=canary.session, reviewer=other, comment="half a thought"
    )

    assert "half a thought" not in text_of(zipped(canary.candidate))


def test_questions_that_were_not_asked_are_not_in_the_copy(canary):
    vacancy = make.VacancyFactory(questions=3)
    session = make.SessionFactory(
        vacancy=vacancy, candidate=canary.candidate, started=True
    )
    first = vacancy.questions.first()
    make.ProgressFactory(session=session, question=first)
    session.script = freeze_script(vacancy)
    session.save()

    text = text_of(zipped(canary.candidate, [session]))

    assert first.text in text
    for question in vacancy.questions.all()[1:]:
        assert question.text not in text


def test_the_copy_of_one_interview_tells_nothing_of_another(canary):
    session = make.SessionFactory(candidate=canary.candidate)
    Consent.objects.create(
        candidate=canary.candidate, given=True, version="1", language="en", text="Kept"
    )

    text = text_of(zipped(canary.candidate, [session]))

    assert f"{MARK} because" not in text
    assert f"{MARK} clerk" not in text
    assert "Kept" not in text
    assert "they are not in this copy" in text


def test_the_command_writes_a_file_for_its_owner_alone(canary, tmp_path, capsys):
    target = tmp_path / "copy.zip"

    call_command("export_candidate", canary.candidate.email, to=str(target))

    assert target.stat().st_mode & 0o777 == 0o600
    with ZipFile(target) as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("candidate.json"))["name"] == f"{MARK} Anna"
    assert capsys.readouterr().out == "Written: 1 interviews.\n"


def test_the_command_overwrites_nothing_and_knows_whom_it_knows(canary, tmp_path):
    target = tmp_path / "copy.zip"
    target.write_text("kept")

    with pytest.raises(CommandError, match="cannot be made"):
        call_command("export_candidate", str(canary.candidate.pk), to=str(target))
    with pytest.raises(CommandError, match="no such candidate"):
        call_command("export_candidate", "9999999", to=str(tmp_path / "b.zip"))

    assert target.read_text() == "kept"
    assert not (tmp_path / "b.zip").exists()
