"""The smallest valid row of each model."""

from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import Role, User
from candidates.models import Candidate, Consent
from interviews.models import (
    CandidateRequest,
    Channel,
    Conversation,
    InterviewProgress,
    InterviewSession,
    RequestKind,
    Take,
)
from reviews.models import Share
from vacancies.models import (
    BankQuestion,
    Company,
    Question,
    Vacancy,
    VacancyMember,
    VacancyStatus,
)
from vacancies.services import freeze_script
from voice.models import Call, EventSource, Speaker, Turn, VoiceEvent


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"hr{n}@example.com")
    password = factory.django.Password("correct horse battery")

    class Params:
        hr = factory.Trait(is_staff=True, is_superuser=True, role=Role.ADMINISTRATOR)


class CompanyFactory(DjangoModelFactory):
    class Meta:
        model = Company

    name = factory.Sequence(lambda n: f"Company {n}")


class VacancyFactory(DjangoModelFactory):
    """A vacancy; `questions=3` gives it three questions."""

    class Meta:
        model = Vacancy
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Vacancy {n}")
    status = VacancyStatus.OPEN

    @factory.post_generation
    def questions(self, create, extracted, **kwargs):
        for place in range(1, (extracted or 0) + 1):
            QuestionFactory(vacancy=self, order=place)


class QuestionFactory(DjangoModelFactory):
    class Meta:
        model = Question

    vacancy = factory.SubFactory(VacancyFactory)
    text = factory.LazyAttribute(lambda q: f"Question {q.order} of {q.vacancy.title}?")
    order = factory.Sequence(lambda n: n + 1)


class BankQuestionFactory(DjangoModelFactory):
    class Meta:
        model = BankQuestion

    text = factory.Sequence(lambda n: f"Question {n} of the bank?")


class MemberFactory(DjangoModelFactory):
    """A reviewer of a vacancy; `part="owner"` makes a recruiter its owner."""

    class Meta:
        model = VacancyMember

    vacancy = factory.SubFactory(VacancyFactory)
    user = factory.SubFactory(UserFactory, is_staff=True)


class CandidateFactory(DjangoModelFactory):
    class Meta:
        model = Candidate

    name = factory.Sequence(lambda n: f"Candidate {n}")
    email = factory.Sequence(lambda n: f"candidate{n}@example.com")


class ConsentFactory(DjangoModelFactory):
    class Meta:
        model = Consent

    candidate = factory.SubFactory(CandidateFactory)
    given = True
    version = "1"
    language = "en"
    text_hash = "0" * 64


class SessionFactory(DjangoModelFactory):
    """An invited session of a vacancy with three questions; `started=True` starts it."""

    class Meta:
        model = InterviewSession

    candidate = factory.SubFactory(CandidateFactory)
    vacancy = factory.SubFactory(VacancyFactory, questions=3)

    class Params:
        started = factory.Trait(
            script=factory.LazyAttribute(lambda s: freeze_script(s.vacancy)),
            consent=factory.SubFactory(
                ConsentFactory, candidate=factory.SelfAttribute("..candidate")
            ),
            started_at=factory.LazyFunction(timezone.now),
        )


class ProgressFactory(DjangoModelFactory):
    class Meta:
        model = InterviewProgress

    session = factory.SubFactory(SessionFactory, started=True)
    question = factory.LazyAttribute(lambda p: p.session.vacancy.questions.first())
    answered = True
    answer_text = "An answer"
    channel = Channel.AGENT
    timestamp = factory.LazyFunction(timezone.now)


class RequestFactory(DjangoModelFactory):
    class Meta:
        model = CandidateRequest

    session = factory.SubFactory(SessionFactory)
    kind = RequestKind.ERASURE


class TakeFactory(DjangoModelFactory):
    """A take of the first question; `parts=[[b"…", b"…"]]` gives it pieces."""

    class Meta:
        model = Take
        skip_postgeneration_save = True

    session = factory.SubFactory(SessionFactory, started=True)
    question = factory.LazyAttribute(lambda t: t.session.vacancy.questions.first())
    number = factory.Sequence(lambda n: n % 30_000 + 1)

    @factory.post_generation
    def parts(self, create, extracted, **kwargs):
        for part, pieces in enumerate(extracted or [], start=1):
            for position, data in enumerate(pieces):
                self.chunks.create(part=part, position=position, data=data)
                self.size += len(data)
        self.save()


class ConversationFactory(DjangoModelFactory):
    class Meta:
        model = Conversation

    id = factory.Sequence(lambda n: f"conv_{n}")
    session = factory.SubFactory(SessionFactory, started=True)


class CallFactory(DjangoModelFactory):
    """A call whose record has not come yet."""

    class Meta:
        model = Call

    conversation = factory.SubFactory(ConversationFactory)


class TurnFactory(DjangoModelFactory):
    class Meta:
        model = Turn

    call = factory.SubFactory(CallFactory)
    position = factory.Sequence(lambda n: n)
    speaker = Speaker.AGENT
    text = "Something said"
    seconds = 0


class VoiceEventFactory(DjangoModelFactory):
    class Meta:
        model = VoiceEvent

    source = EventSource.WEBHOOK
    raw = b"{}"
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    size = 2


class ShareFactory(DjangoModelFactory):
    """A link to no interviews yet; `sessions=[…]` numbers them in their order."""

    class Meta:
        model = Share
        skip_postgeneration_save = True

    vacancy = factory.SubFactory(VacancyFactory)
    token_hash = factory.Sequence(lambda n: f"{n:064x}")
    recipient = "The head of sales"
    created_by = factory.SubFactory(UserFactory)
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=14))

    @factory.post_generation
    def sessions(self, create, extracted, **kwargs):
        for number, session in enumerate(extracted or [], start=1):
            self.rows.create(session=session, number=number)
