"""The session protocol as a Hypothesis state machine, and bugs that it must catch.

Each step goes through the portal's own application, in this process, and to a real
PostgreSQL; after each, what the tables hold is compared with the model.
"""

import logging
from collections.abc import Collection, Iterator

from django.db.models import Count, Prefetch, Q
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import Flaky
from hypothesis.reporting import with_reporter
from hypothesis.stateful import (
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core import environment
from faults.experiment import Figure, at_least, exactly
from faults.model import CLOSING, Said
from faults.planted import PROTOCOL_BUGS
from faults.way import MOST_QUESTIONS, Caller, Way
from interviews import services
from interviews.models import AnswerRevision, InterviewSession
from interviews.models.answers import Answer
from tests.factories import (
    CandidateFactory,
    QuestionFactory,
    SessionFactory,
    VacancyFactory,
)

# Nearly all are met within a tenth of them.
MOST_WAYS_TO_A_BUG = 500
# Few, so that the same is said and meant often.
TEXTS = st.sampled_from(["Yes", "No", "Да, конечно", " ", ""])
CALLS = st.sampled_from(["", "one", "two"])
PAGES = st.sampled_from(["", "first", "second"])
OFTEN = st.sampled_from([True, True, True, True, False])
PLACES = st.integers(0, MOST_QUESTIONS + 1)
BY = st.sampled_from(["agent", "agent", "written"])


def said_in(row: Answer) -> Said:
    return Said(row.answer_text, row.channel)


def weighted(**weights: int) -> st.SearchStrategy[str]:
    return st.sampled_from(
        [act for act, weight in weights.items() for _ in range(weight)]
    )


def examine(ways: int, steps: int, bugs: Collection[str]) -> Iterator[Figure]:
    """Go so many ways of so many steps; then look for each planted bug alone."""
    set_hypothesis_home_dir(environment.var_dir() / "hypothesis")
    logging.disable(logging.ERROR)
    try:
        Protocol.steps = 0
        trouble = trouble_of(ways, steps)
        print(*trouble, sep="\n", end="")
        yield exactly("ways on which portal and model differ", bool(trouble), 0)
        yield at_least("steps taken", Protocol.steps, ways * steps)
        caught = [name for name in bugs if caught_with(name, steps)]
        yield exactly("planted bugs caught", len(caught), len(bugs))
    finally:
        logging.disable(logging.NOTSET)


def caught_with(bug: str, steps: int) -> bool:
    with PROTOCOL_BUGS[bug]():
        return bool(trouble_of(MOST_WAYS_TO_A_BUG, steps))


def trouble_of(ways: int, steps: int) -> list[str]:
    """Return what Hypothesis tells of the first way that fails; nothing if none does."""
    told: list[str] = []
    chosen = settings(
        max_examples=ways,
        stateful_step_count=steps,
        # The same ways in every run, and nothing kept of them.
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with with_reporter(told.append):
        try:
            run_state_machine_as_test(Protocol, settings=chosen, _min_steps=steps)
        except (AssertionError, Flaky) as error:
            return [*told, str(error)]
    return []


class Protocol(Way):
    """One vacancy, one candidate, one interview after another."""

    steps = 0

    @initialize(is_started=OFTEN)
    def begin(self, is_started: bool) -> None:
        self.vacancy = VacancyFactory(closing=CLOSING, language="en")
        for place, required in enumerate([True, False, True], start=1):
            QuestionFactory(vacancy=self.vacancy, order=place, required=required)
        self.stranger = SessionFactory(started=True, vacancy__questions=1)
        self.foreign = self.stranger.vacancy.questions.get()
        self.candidate = CandidateFactory()
        self.refused = 0
        self.invite(is_started)

    # Three rules, not thirty: Hypothesis leaves some rules out of each way, and most ways
    # would never come to an answer.

    @rule(
        act=weighted(ask=2, answer_current=5, answer_any=3, repeat=3, end=4),
        place=PLACES,
        text=TEXTS,
        call=CALLS,
        by=BY,
    )
    def caller_acts(self, act: str, place: int, text: str, call: str, by: str) -> None:
        """Call the session endpoints, as an agent in some call, or as the page's script."""
        self.go_on()
        caller = Caller(self.call_id(call) if by == "agent" else "", by)
        if act == "ask":
            expected = self.model.next(caller.call)
            self.compare(expected, self.get("next", caller))
        elif act == "end":
            self.end(caller)
        elif act == "answer_current":
            current = self.model.current
            self.answer(current.id if current else self.key_at(place), text, caller)
        elif act == "answer_any" or not self.model.answers:
            self.answer(self.key_at(place), text, caller)
        else:
            said = list(self.model.answers.items())
            key, before = said[place % len(said)]
            self.answer(key, before.text, caller)

    @rule(
        act=weighted(
            start=4,
            answer=4,
            skip=2,
            take_over=2,
            look=1,
            decline=1,
            resume=1,
            correct=1,
        ),
        place=PLACES,
        text=TEXTS.filter(str.strip),
        page=PAGES,
    )
    def candidate_acts(self, act: str, place: int, text: str, page: str) -> None:
        """Use the candidate's pages; one of them may be older than another."""
        self.go_on()
        key, model = self.key_at(place), self.model
        if act == "answer":
            expected = model.page_answer(page, key, text)
            assert self.page("answer", question=key, text=text, page=page) == expected
        elif act == "skip":
            expected = model.page_answer(page, key, "")
            assert self.page("answer", question=key, skip="on", page=page) == expected
        elif act == "take_over":
            assert self.page("here", page=page) == model.take_over(page)
        elif act == "correct":
            # Beside the answer, never in its place.
            self.page(f"answers/{key}/correct", text=text)
        else:
            getattr(self, act)()

    @rule(
        act=weighted(
            begin_call=3,
            come_without_right=1,
            invite_again=1,
            cancel=2,
            close=2,
            reopen=2,
            reword=3,
            add_question=1,
            archive_question=1,
            turn_round=1,
        ),
        place=PLACES,
        call=CALLS,
    )
    def others_act(self, act: str, place: int, call: str) -> None:
        """Let HR, the voice service, and somebody who has no business here, act."""
        if act in {"close", "reopen"}:
            self.move_deadline(is_past=act == "close")
        elif act == "begin_call":
            self.begin_call(self.call_id(call))
        elif act == "invite_again":
            self.invite_again(is_started=place > 0)
        elif act == "cancel":
            self.model.cancel()
            services.cancel(session=self.session)
        else:
            getattr(self, act)(place)

    # What the tables hold

    @invariant()
    def tables_hold_what_the_model_does(self) -> None:
        type(self).steps += 1
        model = self.model
        row = InterviewSession.objects.annotate(
            ends=Count("events", filter=Q(events__kind="finished"))
        ).get(pk=self.session.pk)
        state = (row.status, row.finish_reason, row.conversation_id, row.page_id)
        assert state == (model.status, model.reason, model.call, model.page)
        assert row.ends == (model.status == "finished")
        rows = row.answers.prefetch_related(
            Prefetch("revisions", AnswerRevision.objects.order_by("pk"))
        )
        found = {each.question_id: each for each in rows}
        assert {key: said_in(each) for key, each in found.items()} == model.answers
        assert {
            key: [said_in(one) for one in each.revisions.all()]
            for key, each in found.items()
        } == {key: model.revisions.get(key, []) for key in model.answers}
        assert all(each.answered == bool(each.answer_text) for each in rows)
