"""What E15 backs up: interviews with answers, spoken and written, and their recordings."""

import hashlib
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.utils import timezone

from core import backup, backup_database, backup_files
from core.backup_manifest import Manifest, read, write
from interviews.models import Channel, InterviewProgress, Take, TakeState
from interviews.simulation import people
from interviews.simulation.people import Interview

# One interview in five was spoken: one recording of each of its answers.
SPOKEN_EVERY = 5
BYTES = 20_000


def make(sessions: int, questions: int) -> int:
    """Make interviews with all their answers; return how many answers."""
    interviews = people.make(sessions, questions)
    answers = [
        answer(interview, question, place % SPOKEN_EVERY == 0)
        for place, interview in enumerate(interviews)
        for question in interview.questions
    ]
    InterviewProgress.objects.bulk_create(answers, batch_size=2000)
    Take.objects.bulk_create(
        take(one) for one in answers if one.channel == Channel.SPOKEN
    )
    return len(answers)


def answer(interview: Interview, question: int, is_spoken: bool) -> InterviewProgress:
    return InterviewProgress(
        session_id=interview.session_id,
        question_id=question,
        answered=True,
        answer_text=f"Ответ на вопрос {question}: «так».",
        answer_audio_url="take" if is_spoken else "",
        channel=Channel.SPOKEN if is_spoken else Channel.WRITTEN,
        timestamp=timezone.now(),
    )


def take(one: InterviewProgress) -> Take:
    seed = hashlib.sha256(f"{one.session_id} {one.question_id}".encode()).digest()
    content = ContentFile(seed * (BYTES // len(seed)))
    name = f"takes/{one.session_id}-{one.question_id}.webm"
    return Take(
        session_id=one.session_id,
        question_id=one.question_id,
        number=1,
        state=TakeState.READY,
        content_type="audio/webm",
        file=storages["recordings"].save(name, content),
    )


def dump_without_a_row(backups: str) -> str:
    """Put a dump that lacks a row into a backup whose sums of files fit it."""
    folder = backup.find(Path(backups))
    manifest = read(folder)
    assert isinstance(manifest, Manifest)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM answer_take WHERE id = (SELECT min(id::text)::uuid FROM answer_take)"
        )
    dump = folder / backup.DUMP
    dump.unlink()
    with backup_database.snapshot() as moment:
        backup_database.dump(dump, moment)
    write(folder, manifest._replace(dump=backup_files.file_entry(dump, folder)))
    return str(folder)
