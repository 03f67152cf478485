"""The floor: PostgreSQL alone, asked by pgbench with Parley's statements, prepared.

Sessions and questions are numbers to pgbench; the seed makes keys of numbers, and so do
the statements here. Every answer is a first one: no two runs answer the same question.
"""

import re
import resource
import subprocess
import tempfile
import time
from pathlib import Path

from bench.harness.client import Exhausted, Load, LoadError
from bench.turns.seed import MOST_ANSWERED, QUESTIONS, VACANCIES
from bench.turns.statements import PLACEHOLDER, Statements
from core.postgres_programs import binaries

CLIENTS = 4
# Sessions kept for pgbench alone: it chooses its questions itself.
SESSIONS = 80_000
# A prime: neighbours in time are no neighbours on the disk.
STRIDE = 7919
# More than any run makes, so that runs stay apart.
MOST_ANSWERS = 20_000
SCRIPTS = {
    "next": """\
\\set number random(1, :sessions)
{next};
""",
    "answer": """\
\\set turn :first + :client_id + :clients * :mine
\\set mine :mine + 1
\\set number :sessions + 1 + (:turn * :stride) % :own
\\set question :lowest + :number % :vacancies * :questions + :answered + :turn / :own
{answer};
""",
}
VALUES = {
    "session": "md5(:number::text)::uuid",
    "question": ":question",
    "text": ":text",
    "audio_url": "''",
    "duration_ms": ":duration_ms",
    "confidence": ":confidence",
    "channel": ":channel",
    "conversation": "''",
}
FIXED = {
    "clients": CLIENTS,
    "mine": 0,
    "stride": STRIDE,
    "own": SESSIONS,
    "vacancies": VACANCIES,
    "questions": QUESTIONS,
    "answered": MOST_ANSWERED,
    "text": "Ответ на вопрос. " * 12,
    "duration_ms": 42_000,
    "confidence": 0.93,
    "channel": "agent",
}
FAREWELL_SECONDS = 0.3
PROCESSED = re.compile(r"transactions actually processed: (\d+)")
FAILED = re.compile(r"number of failed transactions: (\d+)")
LATENCY = re.compile(r"latency average = ([\d.]+) ms")
RATE = re.compile(r"tps = ([\d.]+)")


class Floor:
    """Runs of pgbench. The last SESSIONS of those seeded are its own to answer in.

    `lowest_question` is the key of the first question seeded, `sessions` the number of
    sessions that others answer in.
    """

    def __init__(
        self, url: str, statements: Statements, *, sessions: int, lowest_question: int
    ) -> None:
        self.url = url
        self.statements = statements
        self.known = FIXED | {"sessions": sessions, "lowest": lowest_question}
        self.first = 0

    def run(self, kind: str, seconds: float) -> Load:
        """Ask for so many seconds, at least one; raises LoadError."""
        if self.first + MOST_ANSWERS > SESSIONS * (QUESTIONS - MOST_ANSWERED):
            raise Exhausted("pgbench has answered all its questions.")
        before = children_cpu()
        text = self.pgbench(kind, max(1, round(seconds)))
        # PostgreSQL's processes end after their clients; only then is their time counted.
        time.sleep(FAREWELL_SECONDS)
        processed, failed = number(PROCESSED, text), number(FAILED, text)
        if failed or not processed or (kind == "answer" and processed > MOST_ANSWERS):
            raise LoadError(f"pgbench: {text}")
        if kind == "answer":
            self.first += MOST_ANSWERS
        latency = number(LATENCY, text)
        return Load(
            pieces=int(processed),
            requests=int(processed),
            seconds=processed / number(RATE, text),
            cpu=children_cpu() - before,
            connections=CLIENTS,
            median_ms=latency,
            p99_ms=latency,
        )

    def pgbench(self, kind: str, seconds: int) -> str:
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder, kind)
            script.write_text(self.script(kind))
            command = [
                str(binaries() / "pgbench"),
                *("--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}"),
                *(f"--time={seconds}", f"--file={script}"),
                *(f"--define={name}={value}" for name, value in self.variables()),
                self.url,
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LoadError(f"pgbench: {done.stderr}")
        return done.stdout

    def variables(self) -> list[tuple[str, object]]:
        return list((self.known | {"first": self.first}).items())

    def script(self, kind: str) -> str:
        """Return the statements with pgbench's variables in them."""
        texts = {
            name: PLACEHOLDER.sub(lambda found: VALUES[found[1]], text).replace(
                "%%", "%"
            )
            for name, text in self.statements._asdict().items()
        }
        return SCRIPTS[kind].format(**texts)


def number(pattern: re.Pattern[str], text: str) -> float:
    found = pattern.search(text)
    if found is None:
        raise LoadError(f"pgbench: {text}")
    return float(found[1])


def children_cpu() -> float:
    """Return the CPU time of processes that this one has started and seen the end of."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
