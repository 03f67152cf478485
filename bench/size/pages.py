"""The pages that are measured, by what they show, with keys of rows that exist."""

from accounts.models import User
from bench.size.records import Page
from candidates.models import Candidate
from core.paginator import MOST_COUNTED
from interviews.models import InterviewSession, Message, SessionQuerySet
from reviews.models import Share
from vacancies.models import Vacancy

SESSIONS = "/admin/interviews/interviewsession/"
CANDIDATES = "/admin/candidates/candidate/"
VACANCIES = "/admin/vacancies/vacancy/"
MESSAGES = "/admin/interviews/message/"
REQUESTS = "/admin/interviews/candidaterequest/"
SHARES = "/admin/reviews/share/"
AUDIT = "/admin/accounts/auditevent/"
ON_A_PAGE = 50
# Who asks; the newcomer's one vacancy is small and years old.
ROLES = ["administrator", "recruiter", "newcomer", "reviewer", "auditor"]
CANDIDATE = "candidate"
LIVE = "home, what goes on now"
# Lists of the workspace, as each role opens them: what they show, and how they are asked.
LISTS = {
    "home": "/admin/",
    LIVE: "/admin/live/",
    "vacancies": VACANCIES,
    "vacancies, search": f"{VACANCIES}?q=вакансия",
    "vacancies, open": f"{VACANCIES}?status__exact=open",
    "candidates": CANDIDATES,
    "candidates, by e-mail": f"{CANDIDATES}?o=2",
    "candidates, latest": f"{CANDIDATES}?o=-4",
    "candidates, search": f"{CANDIDATES}?q=номер1",
    "candidates, search of one": f"{CANDIDATES}?q=person777%40",
    "interviews": SESSIONS,
    "interviews, finished": f"{SESSIONS}?state=finished",
    "interviews, in progress": f"{SESSIONS}?state=in_progress",
    "interviews, invited": f"{SESSIONS}?state=invited",
    "interviews, expired": f"{SESSIONS}?state=expired",
    "interviews, cancelled": f"{SESSIONS}?state=cancelled",
    "interviews, by candidate": f"{SESSIONS}?o=1",
    "interviews, by end": f"{SESSIONS}?o=-8",
    "interviews, by deadline": f"{SESSIONS}?o=9",
    "interviews, search": f"{SESSIONS}?q=номер1",
    "interviews, search of one": f"{SESSIONS}?q=person777%40",
    "interviews, in Russian": f"{SESSIONS}?vacancy__language__exact=ru",
    "interviews, first stage": f"{SESSIONS}?stage=new",
    "interviews, decided": f"{SESSIONS}?stage=done",
    "interviews, turned down": f"{SESSIONS}?decision=rejected",
    "interviews, undecided": f"{SESSIONS}?decision=none",
    "interviews, waiting for mine": f"{SESSIONS}?review=mine",
    "interviews, deadline near": f"{SESSIONS}?ends=soon",
    "interviews, any trouble": f"{SESSIONS}?trouble=any",
    "interviews, mail trouble": f"{SESSIONS}?trouble=mail",
    "interviews, call trouble": f"{SESSIONS}?trouble=call",
}
# For those who may open them.
MANAGING = {
    "e-mails": MESSAGES,
    "e-mails that came back": f"{MESSAGES}?state__exact=bounced",
    "e-mails, reminders": f"{MESSAGES}?kind__exact=reminder_days",
    "e-mails, search": f"{MESSAGES}?q=номер1",
    "e-mails, search of one": f"{MESSAGES}?q=person777%40",
    "e-mails, by candidate": f"{MESSAGES}?o=1",
    "requests": REQUESTS,
    "requests, open": f"{REQUESTS}?state=open",
    "requests, search": f"{REQUESTS}?q=номер1",
    "shared links": SHARES,
    "shared links, search": f"{SHARES}?q=вакансия",
    "exports": "/admin/reviews/export/",
    "question bank": "/admin/vacancies/bankquestion/",
}
GOVERNING = {
    "audit log": AUDIT,
    "audit log, of an action": f"{AUDIT}?action__exact=viewed",
    "audit log, by a person": f"{AUDIT}?q=administrator",
    "audit log, by nobody": f"{AUDIT}?q=nobody-of-this-name",
    "users": "/admin/accounts/user/",
    "voice events": "/admin/voice/voiceevent/",
}
MORE = {
    "administrator": MANAGING | GOVERNING,
    "recruiter": MANAGING,
    "newcomer": MANAGING,
    "reviewer": {},
    "auditor": GOVERNING,
}


def pages() -> list[Page]:
    """Return every page, the same ones in the same order at each size."""
    found = []
    for role in ROLES:
        user = User.objects.get(email=f"{role}@example.com")
        named = LISTS | MORE[role] | keyed(user)
        found += [Page(role, name, path) for name, path in named.items()]
    return found + [Page(CANDIDATE, name, path) for name, path in own_pages().items()]


def keyed(user: User) -> dict[str, str]:
    """Return the pages that name a row: of the largest vacancy that the person sees."""
    vacancies = Vacancy.objects.visible_to(user).order_by("pk")
    vacancy = vacancies[0]
    sessions = InterviewSession.objects.visible_to(user)
    finished = sessions.filter(vacancy=vacancy, finished_at__isnull=False)
    ordered = finished.order_by("finished_at")
    session = ordered[min(20, ordered.count() - 1)]
    some = ",".join(str(key) for key in ordered.values_list("pk", flat=True)[:3])
    day = session.created_at.strftime("%d.%m.%Y")
    return {
        "vacancy": f"{VACANCIES}{vacancy.pk}/change/",
        "vacancy, versions": f"{VACANCIES}{vacancy.pk}/versions/",
        "candidate": f"{CANDIDATES}{session.candidate_id}/change/",
        "interviews, last page": f"{SESSIONS}?p={last_page(sessions)}",
        "candidates, last page": f"{CANDIDATES}?p={last_page(Candidate.objects.visible_to(user))}",
        "interviews, of a vacancy": f"{SESSIONS}?vacancy__id__exact={vacancy.pk}",
        "interviews, of a day": f"{SESSIONS}?created_at_from={day}&created_at_to={day}",
        "interviews, all at once": f"{SESSIONS}?vacancy__id__exact={vacancy.pk}"
        "&state=finished&stage=new&q=номер&o=1",
        "interview": f"{SESSIONS}{session.pk}/change/",
        "review": f"{SESSIONS}{session.pk}/review/",
        "comparison": f"{SESSIONS}compare/?ids={some}",
    } | keyed_to_managers(user, vacancy)


def keyed_to_managers(user: User, vacancy: Vacancy) -> dict[str, str]:
    if user.role == "reviewer":
        return {}
    found = {"audit log, of a vacancy": f"{AUDIT}?vacancy={vacancy.pk}"}
    if user.role == "auditor":
        return found
    message = Message.objects.filter(session__vacancy=vacancy).order_by("pk")[0]
    share = Share.objects.filter(vacancy=vacancy).order_by("pk")[0]
    return found | {
        "e-mail": f"{MESSAGES}{message.pk}/change/",
        "e-mails, of a vacancy": f"{MESSAGES}?session__vacancy__id__exact={vacancy.pk}",
        "shared link": f"{SHARES}{share.pk}/change/",
    }


def last_page(rows: SessionQuerySet) -> int:
    """Return the number of the last page that a list offers."""
    return -(-min(rows.count(), MOST_COUNTED) // ON_A_PAGE)


def own_pages() -> dict[str, str]:
    """Return the candidate's pages: before, in the middle of, and after an interview."""
    sessions = InterviewSession.objects.order_by("created_at")
    open_ones = sessions.unexpired().open()
    found = {
        "invited": open_ones.filter(started_at=None)[0],
        "in progress": open_ones.filter(started_at__isnull=False)[0],
        "finished": sessions.filter(finished_at__isnull=False)[0],
    }
    return {f"own page, {name}": one.get_absolute_url() for name, one in found.items()}
