"""The copy as a ZIP: a page that explains it, tables as JSON, transcripts, recordings."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.http import Http404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, override

from candidates.models import Candidate
from core.audio_files import Audio
from interviews import copies
from interviews.models import InterviewSession, Take, TakeState
from interviews.takes import take_audio
from privacy import copy
from privacy.copy_people import Staff
from vacancies.companies import employer
from voice.models import Call, Speaker
from voice.recordings import call_audio

CONTENTS = "interviews.json"
# The vendor's recordings have 128 kbit/s at most.
MP3_BYTES_PER_SECOND = 16_000
EXTENSIONS = {"audio/webm": "webm", "audio/ogg": "ogg", "audio/mp4": "m4a"}


def write(
    candidate: Candidate,
    sessions: Sequence[InterviewSession],
    file: IO[bytes],
    *,
    language: str,
    is_whole: bool,
) -> None:
    """Write the ZIP of these interviews of a candidate; the file is left at its beginning.

    `is_whole`: that there are no other interviews of theirs.
    """
    staff = Staff()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive, override(language):
        archive.writestr("about.txt", about(sessions, is_whole=is_whole))
        archive.writestr("candidate.json", as_json(copy.person(candidate, staff)))
        folders = [f"interviews/{number}" for number in range(1, len(sessions) + 1)]
        archive.writestr(CONTENTS, as_json(list(map(content, folders, sessions))))
        if is_whole:
            of_person = copy.Copier(candidate, staff)
            for table in copy.OF_THE_PERSON:
                write_rows(archive, f"{table.name}.json", of_person.rows(table))
        for folder, session in zip(folders, sessions, strict=True):
            write_interview(archive, session, folder, staff)
    file.seek(0)


def content(folder: str, session: InterviewSession) -> copy.Row:
    return {
        "folder": folder,
        "id": str(session.pk),
        "vacancy": session.vacancy.title,
        "status": session.status,
    }


def write_interview(
    archive: ZipFile, session: InterviewSession, folder: str, staff: Staff
) -> None:
    copier = copy.Copier(session, staff)
    for table in copy.TABLES:
        write_rows(archive, f"{folder}/{table.name}.json", copier.rows(table))
    write_rows(archive, f"{folder}/access.json", copy.access(session, staff))
    if session.started_at:
        text = copies.copy_text(session, copies.own_copy(session))
        archive.writestr(f"{folder}/answers.txt", text)
    for name, content in transcripts(session):
        archive.writestr(f"{folder}/calls/{name}", content)
    for name, audio in recordings(session):
        write_audio(archive, f"{folder}/audio/{name}", audio)


def write_rows(archive: ZipFile, name: str, rows: Iterable[copy.Row]) -> None:
    """Write rows one by one: a timeline, or who looked, may be long."""
    with archive.open(name, "w") as file:
        file.write(b"[")
        for place, row in enumerate(rows):
            file.write(b",\n" if place else b"\n")
            file.write(as_json(row).encode())
        file.write(b"\n]\n")


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def transcripts(session: InterviewSession) -> Iterator[tuple[str, str]]:
    """Give what was said in each call, as text."""
    for number, call in enumerate(calls_of(session), start=1):
        lines = [
            f"{turn.seconds // 60}:{turn.seconds % 60:02} "
            f"{Speaker(turn.speaker).label}: {turn.text}"
            for turn in call.turns.exclude(speaker=Speaker.TOOL)
        ]
        yield f"{number}.txt", "\n".join(lines) + "\n"


def calls_of(session: InterviewSession) -> Iterable[Call]:
    return Call.objects.filter(conversation__session=session).order_by(
        "conversation__opened_at"
    )


def recordings(session: InterviewSession) -> Iterator[tuple[str, Audio]]:
    """Give every recording there is, named by its row in calls.json or recordings.json."""
    for call in calls_of(session):
        if call.recording and (audio := found(call_audio, call)):
            yield f"call-{call.pk}.mp3", audio
    for take in session.takes.filter(size__gt=0):
        for part in parts_of(take):
            if audio := found(take_audio, take, part):
                end = EXTENSIONS.get(audio.content_type, "bin")
                yield f"answer-{take.pk}-{part}.{end}", audio


def parts_of(take: Take) -> Iterable[int]:
    """A take that is ready is one file; until then it is in pieces of some parts."""
    if take.state == TakeState.READY:
        return [1]
    parts = take.chunks.order_by("part").values_list("part", flat=True)
    return parts.distinct()


def found(read: Any, *arguments: Any) -> Audio | None:
    """Return a recording, or None for one that is lost: the rest is still theirs."""
    try:
        return read(*arguments)
    except Http404:
        return None


def write_audio(archive: ZipFile, name: str, audio: Audio) -> None:
    entry = ZipInfo(name, timezone.now().timetuple()[:6])
    entry.compress_type = ZIP_STORED  # sound does not get smaller
    entry.file_size = audio.size
    with archive.open(entry, "w") as file:
        for piece in audio.read(range(audio.size)):
            file.write(piece)


def size_of_audio(sessions: Iterable[InterviewSession]) -> int:
    """Return how many bytes of sound the interviews have, as far as the rows tell."""
    takes = sum(
        size
        for session in sessions
        for size in session.takes.values_list("size", flat=True)
    )
    calls = sum(
        call.duration_seconds or 0
        for session in sessions
        for call in calls_of(session)
        if call.recording
    )
    return takes + calls * MP3_BYTES_PER_SECOND


def about(sessions: Sequence[InterviewSession], *, is_whole: bool) -> str:
    """Explain the copy to whom it is about, in the active language."""
    who = employer(sessions[0].vacancy if sessions else None)
    contact = " ".join(filter(None, [str(who.contact_name), who.contact_email]))
    paragraphs = [
        gettext("A copy of the data that is held about you."),
        gettext("Made on %(day)s for: %(company)s")
        % {
            "day": date_format(timezone.localtime(), "DATETIME_FORMAT"),
            "company": who.name,
        },
        gettext(
            "Each interview has a folder. Files that end in .json hold one table each, as "
            "it is stored, for programs and for people; answers.txt and the folder calls "
            "are the same to be read; the folder audio has the recordings."
        ),
        gettext(
            "What the hiring team said about you is in reviews.json, ratings.json, "
            "marked_moments.json, outside_opinions.json and decisions.json. People of the "
            "team are called by what they do, and the names of others are blacked out: "
            "those are not your data. Drafts that nobody has saved are not in it, nor are "
            "questions that were not asked."
        ),
        gettext("access.json tells who opened your interview here, and when."),
    ]
    if not is_whole:
        paragraphs.append(
            gettext(
                "If you were invited to other interviews, they are not in this copy: each "
                "has a link of its own, and the hiring team can make a copy of them all."
            )
        )
    if contact:
        paragraphs.append(
            gettext("Something is wrong or missing? Write to: %s") % contact
        )
    return "\n\n".join(paragraphs) + "\n"
