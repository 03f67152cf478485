"""The pages of the workspace that are measured, with keys of rows that exist."""

from accounts.models import User
from interviews.models import InterviewSession
from vacancies.models import Vacancy

SESSIONS = "/admin/interviews/interviewsession/"
MANAGING = {
    "e-mails": "/admin/interviews/message/",
    "e-mails that came back": "/admin/interviews/message/?state__exact=bounced",
    "requests": "/admin/interviews/candidaterequest/",
    "shared links": "/admin/reviews/share/",
    "audit log": "/admin/accounts/auditevent/",
    "question bank": "/admin/vacancies/bankquestion/",
    "users": "/admin/accounts/user/",
}


def pages(role: str) -> dict[str, str]:
    """Return the addresses by what they show."""
    user = User.objects.get(email=f"{role}@example.com")
    finished = InterviewSession.objects.visible_to(user).filter(
        finished_at__isnull=False
    )
    session = finished.order_by("-created_at")[20]
    vacancy = Vacancy.objects.visible_to(user).get(pk=session.vacancy_id)
    others = finished.filter(vacancy=vacancy)[:3].values_list("pk", flat=True)
    found = {
        "home": "/admin/",
        "vacancies": "/admin/vacancies/vacancy/",
        "vacancy": f"/admin/vacancies/vacancy/{vacancy.pk}/change/",
        "candidates": "/admin/candidates/candidate/",
        "candidates, page 90": "/admin/candidates/candidate/?p=90",
        "candidates, search": "/admin/candidates/candidate/?q=номер321",
        "candidates, search by e-mail": "/admin/candidates/candidate/?q=person777%40",
        "candidate": f"/admin/candidates/candidate/{session.candidate_id}/change/",
        "interviews": SESSIONS,
        "interviews, page 90": f"{SESSIONS}?p=90",
        "interviews, finished": f"{SESSIONS}?state=finished",
        "interviews, in progress": f"{SESSIONS}?state=in_progress",
        "interviews, expired": f"{SESSIONS}?state=expired",
        "interviews, of a vacancy": f"{SESSIONS}?vacancy__id__exact={vacancy.pk}",
        "interviews, by deadline": f"{SESSIONS}?o=8",
        "interviews, by candidate": f"{SESSIONS}?o=1",
        "interviews, search": f"{SESSIONS}?q=номер321",
        "interviews, by status": f"{SESSIONS}?o=3",
        "interviews, waiting for mine": f"{SESSIONS}?review=mine",
        "interviews, decided": f"{SESSIONS}?stage=done",
        "interviews, mail trouble": f"{SESSIONS}?trouble=mail",
        "interview": f"{SESSIONS}{session.pk}/change/",
        "review": f"{SESSIONS}{session.pk}/review/",
        "comparison": f"{SESSIONS}compare/?ids={','.join(map(str, others))}",
    }
    return found | (MANAGING if role == "administrator" else {})
