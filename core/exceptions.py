"""Refusals by a rule of the product."""


class DomainError(Exception):
    """A request that is well formed but that a rule of the product refuses.

    `code` is for programs, `detail` one sentence that says what to do now (a language
    model reads it), `context` further members of the JSON answer.
    """

    status_code = 409
    code = "refused"
    detail = "This is not possible now."

    def __init__(self, detail: str = "", **context: object) -> None:
        super().__init__(detail or self.detail)
        self.context = context
