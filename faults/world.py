"""Interviews to hold, and what became of their answers, by the portal's own models.

    python -m faults.world make 100 10
    python -m faults.world stored

Each in a process of its own: experiments use one database after another, with secrets of
their own, and Django knows one of each. Both print JSON.
"""

import json
import subprocess
import sys
from typing import Any, NamedTuple

from core.environment import BASE_DIR
from faults.ledger import Row


class Interview(NamedTuple):
    """An interview in progress, with what its agent sends along."""

    session: str
    headers: dict[str, str]
    questions: list[int]


class Stored(NamedTuple):
    """What the database holds: answers, how many revisions, finished interviews."""

    rows: list[Row]
    revisions: int
    finished: set[str]


def make(interviews: int, questions: int) -> list[Interview]:
    """Make interviews in progress in the database of the environment."""
    return [Interview(*each) for each in run("make", interviews, questions)]


def stored() -> Stored:
    """Return what the database of the environment holds."""
    found = run("stored")
    rows = [(session, question, text) for session, question, text in found["rows"]]
    return Stored(rows, found["revisions"], set(found["finished"]))


def run(*arguments: object) -> Any:
    command = [sys.executable, "-m", "faults.world", *map(str, arguments)]
    printed = subprocess.run(
        command, cwd=BASE_DIR, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    return json.loads(printed)


def made(number: int, questions: int) -> list[Any]:
    from interviews.simulation import people

    return [
        (str(each.session_id), each.headers, list(each.questions))
        for each in people.make(number, questions)
    ]


def found() -> dict[str, Any]:
    from interviews.models import AnswerRevision, InterviewProgress, InterviewSession

    answers = InterviewProgress.objects.values_list(
        "session_id", "question_id", "answer_text"
    )
    finished = InterviewSession.objects.exclude(finished_at=None)
    return {
        "rows": [(str(session), *rest) for session, *rest in answers],
        "revisions": AnswerRevision.objects.count(),
        "finished": [str(key) for key in finished.values_list("pk", flat=True)],
    }


def main(action: str, *numbers: str) -> None:
    import django

    django.setup()
    result = made(*map(int, numbers)) if action == "make" else found()
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
