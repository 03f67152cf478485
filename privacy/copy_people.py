"""Other people in what is held about a candidate: called by role, or blacked out."""

from collections.abc import Iterable

from accounts.models import Role, User
from candidates.models import Candidate
from interviews.models import InterviewSession
from reviews.masking import WORD, mask

# So many letters at the end of a name may be another's in another case.
ENDING = 3
SHORTEST_STEM = 3


class Staff:
    """Colleagues, told apart by a number: "recruiter 1", "reviewer 2"."""

    def __init__(self) -> None:
        self.people = {user.pk: user for user in User.objects.all()}
        self.names: dict[int, str] = {}
        self.counts: dict[str, int] = {}

    def called(self, user_id: int | None) -> str | None:
        """Return what a colleague is called in the copy; None for nobody."""
        if user_id is None:
            return None
        if user_id not in self.names:
            role = self.role(user_id)
            self.counts[role] = self.counts.get(role, 0) + 1
            self.names[user_id] = f"{role} {self.counts[role]}"
        return self.names[user_id]

    def role(self, user_id: int) -> str:
        user = self.people.get(user_id)
        return str(Role(user.role).label).lower() if user else "former colleague"

    def all_names(self) -> Iterable[tuple[str, str]]:
        return [(user.get_full_name(), user.email) for user in self.people.values()]


class Others:
    """Everybody whom the team may have named beside the candidate."""

    def __init__(self, owner: InterviewSession | Candidate, staff: Staff) -> None:
        candidate = owner if isinstance(owner, Candidate) else owner.candidate
        self.owner, self.candidate, self.staff = owner, candidate, staff
        self.own = parts_of(candidate.name)
        self.known: list[tuple[str, str]] | None = None

    def masked(self, text: str) -> str:
        """Return what the team wrote without the names and addresses of others.

        Colleagues, and the other candidates of the same vacancies; a name that the
        candidate has too stays.
        """
        if not text:
            return text
        letters = text.lower().replace("ё", "е")
        for name, email in self.names():
            if is_possible(name, email, letters):
                text = mask(text, self.without_own(name), email)
        return text

    def names(self) -> list[tuple[str, str]]:
        if self.known is None:
            others = Candidate.objects.filter(sessions__vacancy__in=self.vacancies())
            rows = others.exclude(pk=self.candidate.pk).distinct()
            self.known = [
                *self.staff.all_names(),
                *((one.name, one.email) for one in rows.only("name", "email", "seal")),
            ]
        return self.known

    def vacancies(self) -> list[int]:
        if isinstance(self.owner, InterviewSession):
            return [self.owner.vacancy_id]
        return list(self.owner.sessions.values_list("vacancy", flat=True))

    def without_own(self, name: str) -> str:
        return " ".join(
            part for part in WORD.findall(name) if part.lower() not in self.own
        )


def parts_of(name: str) -> set[str]:
    return {part.lower() for part in WORD.findall(name)}


def is_possible(name: str, email: str, letters: str) -> bool:
    """Tell cheaply whether a text may hold a name: most texts hold hardly any."""
    stems = {
        part.lower().replace("ё", "е")[: max(len(part) - ENDING, SHORTEST_STEM)]
        for part in WORD.findall(name)
    }
    return email.lower() in letters or any(stem in letters for stem in stems)
