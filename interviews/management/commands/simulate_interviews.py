"""`manage.py simulate_interviews`: many interviews at once against the running portal."""

import os
import time
from argparse import ArgumentParser, ArgumentTypeError
from concurrent.futures import Future
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from core.management.commands.portal import local_host
from interviews.simulation import people
from interviews.simulation.agents import Simulation
from interviews.simulation.people import Stored

TTY_SECONDS, LINE_SECONDS, POLL_SECONDS = 0.2, 10.0, 0.05
BAR_WIDTH = 40


class Command(BaseCommand):
    """Proof for whoever runs a portal: no answer is lost, no interview meets another."""

    help = (
        "Hold many simulated interviews over HTTP against the running portal, check "
        "every answer and every row, and remove the simulated people again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sessions", type=positive, default=100)
        parser.add_argument(
            "--parallel", type=positive, default=20, help="interviews at a time"
        )
        parser.add_argument(
            "--base-url",
            action="append",
            help="repeated for several instances, which the interviews are spread over",
        )
        parser.add_argument(
            "--think",
            type=float,
            default=0,
            help="mean seconds between a question and its answer",
        )
        parser.add_argument(
            "--questions", type=positive, help="of each vacancy; by default 3 to 8"
        )
        parser.add_argument(
            "--keep", action="store_true", help="leave the simulated people"
        )
        parser.add_argument(
            "--clean",
            action="store_true",
            help="only remove what earlier runs left (--keep, or a kill)",
        )

    def handle(self, *args: Any, clean: bool, **options: Any) -> None:
        if clean:
            number = people.remove_leftovers()
            self.stdout.write(f"Removed {number} simulated interviews.")
            return
        interviews = people.make(options["sessions"], options["questions"])
        addresses = options["base_url"] or [default_base_url()]
        simulation = Simulation(interviews, addresses, options["think"])
        try:
            self.hold(simulation, options["parallel"])
        except KeyboardInterrupt as interrupt:
            raise CommandError("Interrupted.") from interrupt
        finally:
            if not options["keep"]:
                people.remove(interviews)
        self.report(simulation)

    def hold(self, simulation: Simulation, parallel: int) -> None:
        connection.close()  # it would be idle, and counts against the database's limit
        with simulation.running(parallel) as futures:
            self.watch(simulation, futures)
        for future in futures:
            future.result()
        simulation.verify(Stored.of(simulation.interviews))

    def watch(self, simulation: Simulation, futures: list[Future[None]]) -> None:
        """Show how far it is until all are done: a bar, or now and then a line."""
        is_tty = self.stderr.isatty()
        shown = time.monotonic()
        while not all(future.done() for future in futures):
            time.sleep(POLL_SECONDS)
            if time.monotonic() - shown > (TTY_SECONDS if is_tty else LINE_SECONDS):
                shown = time.monotonic()
                self.show(simulation, is_tty)
        if is_tty:
            self.stderr.write("\r\x1b[K", ending="")

    def show(self, simulation: Simulation, is_tty: bool) -> None:
        done, total = len(simulation.figures.finished), len(simulation.interviews)
        text = f"{done} of {total} interviews, {simulation.figures.calls} calls"
        if is_tty:
            bar = "█" * (BAR_WIDTH * done // total)
            self.stderr.write(f"\r{bar:<{BAR_WIDTH}} {text}\x1b[K", str, ending="")
        else:
            self.stderr.write(text, str)

    def report(self, simulation: Simulation) -> None:
        figures = simulation.figures
        self.stdout.write(figures.table(len(simulation.interviews)))
        if not figures.is_clean:
            raise CommandError(f"{figures.summary()}.")


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("must be 1 or more")
    return number


def default_base_url() -> str:
    host = os.environ.get("HOST") or "127.0.0.1"
    return f"http://{local_host(host)}:{os.environ.get('PORT') or '8000'}"
