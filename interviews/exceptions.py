"""Refusals by the rules of an interview.

A voice agent's language model reads `detail`: one sentence that says what to do now.
"""

from core.exceptions import DomainError
from interviews.models import SessionStatus
from vacancies.scripts import Step


class InterviewRefusal(DomainError):
    """A call that the interview does not allow now; `step` is what to go on with."""

    def __init__(self, step: Step | None = None) -> None:
        super().__init__()
        self.step = step


class NotStarted(InterviewRefusal):
    """The candidate has not pressed "start" yet."""

    code = "not_started"
    detail = (
        "The candidate has not started this interview yet; wait for the start, "
        "then call next again."
    )


class Finished(InterviewRefusal):
    """The interview is over."""

    code = "finished"
    detail = "This interview is finished; thank the candidate and end the call."


class Expired(InterviewRefusal):
    """The deadline has passed."""

    code = "expired"
    detail = (
        "The deadline of this interview has passed and the answers so far are kept; "
        "thank the candidate and end the call."
    )


class Cancelled(InterviewRefusal):
    """HR has cancelled the interview."""

    code = "cancelled"
    detail = "This interview was cancelled; thank the candidate and end the call."


class WrongQuestion(InterviewRefusal):
    """The question is not one that this session asks."""

    code = "wrong_question"
    detail = (
        "This question does not belong to the interview; ask the question in next "
        "and send its questionId with the answer."
    )


class AnswerRequired(DomainError):
    """An empty answer to a question that may not be skipped."""

    status_code = 400
    code = "invalid"
    detail = "answerText: this question must be answered; ask for an answer again."

    def __init__(self) -> None:
        super().__init__(errors={"answerText": ["This question must be answered."]})


class NotAvailable(DomainError):
    """The session cannot be started, or brought into the state asked for."""

    code = "not_available"
    detail = "This interview cannot be started now."


REFUSALS: dict[str, type[InterviewRefusal]] = {
    SessionStatus.INVITED: NotStarted,
    SessionStatus.FINISHED: Finished,
    SessionStatus.CANCELLED: Cancelled,
}
