"""Where the contestants meet: seeded data, the client, servers, and a count of answers."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import NamedTuple, Self

from django.conf import settings

from bench.harness.client import Client, Load, LoadError
from bench.harness.database import Database
from bench.harness.rounds import Contender
from bench.harness.servers import Server, free_port, server
from bench.turns import seed, statements
from bench.turns.contenders import Contestant, placed
from bench.turns.floor import SESSIONS as FLOOR_SESSIONS
from bench.turns.floor import Floor
from bench.turns.work import Turns


class Size(NamedTuple):
    """How many sessions others than the floor answer in, over how many connections."""

    sessions: int
    connections: int


class Arena:
    """A seeded database, with a client that knows every answer in it. Use it in a `with`."""

    def __init__(self, database: Database, size: Size) -> None:
        self.database, self.size = database, size
        seed.seed(size.sessions + FLOOR_SESSIONS)
        self.stored = seed.count_answers()
        self.statements = statements.taken()
        self.floor = Floor(
            database.url,
            self.statements,
            sessions=size.sessions,
            lowest_question=seed.lowest_question(),
        )
        interviews = seed.interviews(size.sessions)
        work = Turns(interviews, seed.scripts(), settings.AGENT_API_KEY)
        self.client = Client(work)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.client.close()

    @contextmanager
    def running(
        self, contestants: Mapping[str, Contestant]
    ) -> Iterator[Mapping[str, Server]]:
        """Run the servers of all contestants around a block."""
        with ExitStack() as stack:
            yield {
                name: stack.enter_context(self.server(name, contestant))
                for name, contestant in contestants.items()
            }

    def server(
        self, name: str, contestant: Contestant
    ) -> AbstractContextManager[Server]:
        port = free_port()
        return server(
            placed(contestant.command, port),
            name=f"turns-{name.replace(', ', '-').replace(' ', '-')}",
            port=port,
            variables=self.statements.variables,
        )

    def contender(self, server: Server, kind: str) -> Contender:
        """Return a server as somebody to be measured at this kind of work."""

        def run(seconds: float) -> Load:
            load = self.client.run(
                server.port, kind, seconds=seconds, connections=self.size.connections
            )
            return self.counted(load, kind)

        return Contender(run, server.cpu_seconds, self.database.cpu_seconds)

    def floor_contender(self, kind: str) -> Contender:
        """Return pgbench as somebody to be measured; it needs no warm-up."""

        def run(seconds: float) -> Load:
            return self.counted(self.floor.run(kind, seconds), kind)

        database = self.database.cpu_seconds
        return Contender(run, database=database, warm_up=0)

    def counted(self, load: Load, kind: str) -> Load:
        self.stored += 0 if kind == "next" else load.pieces
        return load

    def check(self) -> None:
        """Raise LoadError unless every answer that was acknowledged is stored, no other."""
        if self.stored != (found := seed.count_answers()):
            raise LoadError(f"{self.stored} answers acknowledged, {found} stored.")
