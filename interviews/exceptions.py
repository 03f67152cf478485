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


class ConsentTextChanged(DomainError):
    """The text is not the one that the candidate saw and agreed to."""

    code = "consent_text_changed"
    detail = "The text has changed since it was shown; read it again, then agree."


class NoticeTooShort(DomainError):
    """The interview would be over before the vacancy's notice is."""

    code = "notice_too_short"
    detail = "The deadline is before the end of the notice; choose a later one."


class NoTakesLeft(DomainError):
    """The question was recorded as often as HR allows."""

    code = "no_takes_left"
    detail = "There are no more attempts at this question; send what is recorded."


class TakeClosed(DomainError):
    """The take was sent, or another was begun after it."""

    code = "take_closed"
    detail = "This recording is closed; begin another, or send it as it is."


class WrongPiece(DomainError):
    """Pieces before this one are missing; `expected` is the position to go on with."""

    code = "gap"
    detail = "Send the pieces in their order, without gaps, from the one expected."


class TakeTooLong(DomainError):
    """The take holds as many bytes as a take may."""

    code = "take_too_long"
    detail = "This recording is as long as it can be; send it as it is."


class NotAudio(DomainError):
    """A part does not begin as a recording does."""

    status_code = 400
    code = "invalid"
    message = "Begin a part with the first bytes of a WebM, Ogg or MP4 recording."

    def __init__(self) -> None:
        super().__init__(f"body: {self.message}", errors={"body": [self.message]})


class NothingRecorded(DomainError):
    """The take to be sent is not of this question, or holds no sound."""

    code = "nothing_recorded"
    detail = "Nothing of this recording has arrived; record again, or write."


class NotAvailable(DomainError):
    """The session cannot be started, or brought into the state asked for."""

    code = "not_available"
    detail = "This interview cannot be started now."


class RequestIsFull(DomainError):
    """So much was written to one request that a person has to read it first."""

    code = "request_is_full"
    detail = "This request holds as much text as it can; wait until it is handled."


class NothingToCorrect(DomainError):
    """The correction says what the answer says."""

    code = "nothing_to_correct"
    detail = "This is what the answer says; change what is wrong in it."


class TooManyCorrections(DomainError):
    """The answer was corrected as often as an answer can be."""

    code = "too_many_corrections"
    detail = "This answer has as many corrections as it can; write to a person."


REFUSALS: dict[str, type[InterviewRefusal]] = {
    SessionStatus.INVITED: NotStarted,
    SessionStatus.FINISHED: Finished,
    SessionStatus.CANCELLED: Cancelled,
}
