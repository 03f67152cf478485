"""Sharing, as HR does it: making links, watching them, closing them."""

import re
from datetime import date, timedelta

import pytest
from django.http import Http404
from django.utils import timezone
from django.utils.timezone import localdate

from accounts.models import AuditAction, AuditEvent, Role
from interviews.models import InterviewSession
from reviews import opinions, sharing
from reviews.models import Share
from tests.factories import (
    MemberFactory,
    SessionFactory,
    ShareFactory,
    UserFactory,
    VacancyFactory,
)
from vacancies.models import Part

pytestmark = pytest.mark.django_db

LIST = "/admin/interviews/interviewsession/"
SHARE = f"{LIST}share/"
SHARES = "/admin/reviews/share/"
LINK = re.compile(r'value="http://testserver(/shared/([\w-]{43}))"')


@pytest.fixture
def vacancy():
    return VacancyFactory(title="Продавец", questions=1)


@pytest.fixture
def recruiter(vacancy):
    return member(vacancy, Part.OWNER, role=Role.RECRUITER)


@pytest.fixture
def sessions(vacancy):
    return [SessionFactory(vacancy=vacancy, started=True) for _ in range(2)]


@pytest.fixture
def hr(client, recruiter):
    client.force_login(recruiter)
    return client


@pytest.fixture
def share(vacancy, sessions, recruiter):
    return ShareFactory(vacancy=vacancy, sessions=sessions, created_by=recruiter)


def member(vacancy, part, **fields):
    user = UserFactory(is_staff=True, **fields)
    MemberFactory(vacancy=vacancy, user=user, part=part)
    return user


def form(client, sessions):
    """Open the form and return what it would send."""
    query = {"session": [str(session.pk) for session in sessions]}
    text = client.get(SHARE, query).content.decode()
    return query | {
        "token": re.search(r'name="token" value="([^"]+)"', text)[1],
        "recipient": "Глава отдела",
        "until": (localdate() + timedelta(days=14)).isoformat(),
        "hides_names": "on",
        "asks_feedback": "on",
    }


def lines(*actions):
    rows = AuditEvent.objects.filter(action__in=actions).order_by("id")
    return list(rows.values_list("action", "object_id", "vacancy_id", "detail"))


# Making a link


def test_chosen_interviews_are_shared_and_the_link_is_shown_once(
    hr, recruiter, vacancy, sessions
):
    response = hr.post(SHARE, form(hr, sessions))

    share = Share.objects.get()
    link, token = LINK.search(response.content.decode()).groups()
    assert {
        "hash": share.token_hash,
        "vacancy": share.vacancy,
        "recipient": share.recipient,
        "names": share.hides_names,
        "asks": share.asks_feedback,
        "by": share.created_by,
        "until": share.expires_at,
        "rows": list(share.rows.values_list("number", "session")),
    } == {
        "hash": sharing.hash_of(token),
        "vacancy": vacancy,
        "recipient": "Глава отдела",
        "names": True,
        "asks": True,
        "by": recruiter,
        "until": sharing.end_of(localdate() + timedelta(days=14)),
        "rows": [(number, one.pk) for number, one in enumerate(sessions, start=1)],
    }
    assert hr.get(link).status_code == 303
    assert token not in hr.get(f"{SHARES}{share.pk}/change/").content.decode()
    assert lines(AuditAction.SHARED) == [
        ("shared", str(share.pk), vacancy.pk, "interviews=2")
    ]


def test_form_sent_twice_makes_one_link_and_shows_it_again(hr, sessions):
    sent = form(hr, sessions)

    first = hr.post(SHARE, sent).content.decode()
    again = hr.post(SHARE, sent | {"recipient": "Другой"}).content.decode()

    assert Share.objects.values_list("recipient").get() == ("Глава отдела",)
    assert LINK.search(first)[1] == LINK.search(again)[1]
    assert ["sent already" in text for text in (first, again)] == [False, True]
    assert len(lines(AuditAction.SHARED)) == 1


def test_usual_end_is_in_a_fortnight(hr, sessions):
    text = hr.get(SHARE, {"session": sessions[0].pk}).content.decode()

    day = (localdate() + timedelta(days=14)).isoformat()
    assert re.search(rf'<input type="date" name="until" value="{day}"', text)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"recipient": " "}, "This field is required."),
        ({"recipient": "я" * 201}, "at most 200 characters"),
        ({"recipient": "a\x00"}, "Null characters are not allowed."),
        ({"until": ""}, "This field is required."),
        ({"until": "someday"}, "Enter a valid date."),
        ({"until": -1}, "Choose today or a later day."),
        ({"until": 91}, "a link works for at most 90 days"),
        ({"token": "short"}, "Please open this page anew."),
        ({"token": "weak:signature"}, "Please open this page anew."),
    ],
)
def test_form_that_cannot_be_taken_is_shown_again(hr, sessions, change, complaint):
    if isinstance(days := change.get("until"), int):
        change = {"until": (localdate() + timedelta(days=days)).isoformat()}

    response = hr.post(SHARE, form(hr, sessions) | change)

    assert complaint in response.content.decode()
    assert not Share.objects.exists()


@pytest.mark.parametrize("days", [0, 90])
def test_first_and_last_day_are_taken(hr, sessions, days):
    until = (localdate() + timedelta(days=days)).isoformat()

    hr.post(SHARE, form(hr, sessions) | {"until": until})

    assert Share.objects.get().last_day.isoformat() == until


def chosen(sessions):
    """Return what the list sends for these interviews and the action."""
    return {"action": "share_selected", "_selected_action": [s.pk for s in sessions]}


def test_action_of_the_list_opens_the_form(hr, sessions):
    response = hr.post(LIST, chosen(sessions))

    assert response.status_code == 200
    assert [f'name="session" value="{s.pk}"' in response.text for s in sessions] == [
        True,
        True,
    ]


def test_too_many_or_of_two_vacancies_are_refused(hr, recruiter, sessions, monkeypatch):
    other = SessionFactory()
    MemberFactory(vacancy=other.vacancy, user=recruiter, part=Part.OWNER)

    of_two = hr.post(LIST, chosen([*sessions, other]), follow=True).text
    monkeypatch.setattr(sharing, "MOST_SESSIONS", 1)
    many = hr.post(LIST, chosen(sessions), follow=True).text

    assert "One link shows interviews of one vacancy" in of_two
    assert "One link shows at most 1 interviews" in many
    assert 'name="recipient"' not in of_two + many


def test_interviews_come_in_the_order_of_their_invitations(hr, vacancy, sessions):
    """By name, a number would tell something of a hidden name."""
    last, first = sessions
    InterviewSession.objects.filter(pk=first.pk).update(
        created_at=timezone.now() - timedelta(days=1)
    )

    hr.post(SHARE, form(hr, sessions))

    assert list(Share.objects.get().rows.values_list("session", flat=True)) == [
        first.pk,
        last.pk,
    ]


def test_page_of_an_interview_leads_to_the_form(hr, sessions):
    session = sessions[0]
    InterviewSession.objects.filter(pk=session.pk).update(finished_at=timezone.now())

    text = hr.get(f"{LIST}{session.pk}/change/").text
    response = hr.get(f"{LIST}{session.pk}/share/")

    assert f'href="{LIST}{session.pk}/share/"' in text
    assert (response.status_code, response["Location"]) == (
        302,
        f"{SHARE}?session={session.pk}",
    )


# Who may


@pytest.mark.parametrize(
    ("role", "part", "status"),
    [
        (Role.RECRUITER, None, 404),
        (Role.RECRUITER, Part.REVIEWER, 302),
        (Role.REVIEWER, Part.OWNER, 403),
        (Role.AUDITOR, None, 403),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_others_share_nothing(
    client, hr, vacancy, sessions, role, part, status, method
):
    sent = form(hr, sessions)
    user = UserFactory(is_staff=True, role=role)
    if part:
        MemberFactory(vacancy=vacancy, user=user, part=part)
    client.force_login(user)

    response = getattr(client, method)(SHARE, sent)

    assert response.status_code == status
    assert not Share.objects.exists()
    assert "share_selected" not in client.get(LIST).text or role == Role.RECRUITER


PAGES = ["", "change/", "revoke/", "link/"]


@pytest.mark.parametrize("place", PAGES)
@pytest.mark.parametrize(
    ("role", "part", "statuses"),
    [
        ("outsider", None, [302, 302, 302, 302]),
        (Role.RECRUITER, None, [200, 404, 404, 404]),
        (Role.RECRUITER, Part.REVIEWER, [200, 200, 403, 403]),
        (Role.REVIEWER, Part.REVIEWER, [403, 403, 403, 403]),
        (Role.AUDITOR, None, [200, 200, 403, 403]),
    ],
)
def test_others_close_nothing_and_see_only_their_own(
    client, vacancy, share, place, role, part, statuses
):
    if role != "outsider":
        user = UserFactory(is_staff=True, role=role)
        if part:
            MemberFactory(vacancy=vacancy, user=user, part=part)
        client.force_login(user)

    if place in {"revoke/", "link/"}:
        sent = {"token": sharing.offered_token()}
        response = client.post(f"{SHARES}{share.pk}/{place}", sent)
    else:
        response = client.get(f"{SHARES}{share.pk}/{place}" if place else SHARES)

    status = statuses[PAGES.index(place)]
    is_theirs = bool(part) or role == Role.AUDITOR
    assert response.status_code == status
    assert (share.recipient in response.text) == (status == 200 and is_theirs)
    after = Share.objects.get()
    assert (after.revoked_at, after.token_hash) == (None, share.token_hash)


# Watching


@pytest.mark.parametrize("row_count", [1, 3])
def test_list_has_constant_queries(hr, vacancy, django_assert_num_queries, row_count):
    for _ in range(row_count):
        row = ShareFactory(vacancy=vacancy, sessions=[SessionFactory(vacancy=vacancy)])
        row.views.create()

    with django_assert_num_queries(LIST_QUERIES):
        response = hr.get(SHARES)

    assert response.context["cl"].result_count == row_count


LIST_QUERIES = 5


def test_list_tells_how_each_link_stands(hr, share, sessions):
    for session in [None, sessions[0]]:
        share.views.create(session=session)
    share.feedback.create(session=sessions[0], name="Ольга", comment="Да")
    ShareFactory(vacancy=share.vacancy, expires_at=timezone.now())
    ShareFactory(vacancy=share.vacancy, revoked_at=timezone.now())

    rows = hr.get(SHARES).context["cl"].result_list

    assert [
        (
            row.session_count,
            row.view_count,
            bool(row.opened_at),
            row.feedback_count,
            row.state,
        )
        for row in rows.order_by("pk")
    ] == [
        (2, 2, True, 1, "working"),
        (0, 0, False, 0, "expired"),
        (0, 0, False, 0, "revoked"),
    ]


@pytest.mark.parametrize("state", ["working", "expired", "revoked"])
def test_list_is_filtered_by_state(hr, share, state):
    ShareFactory(vacancy=share.vacancy, expires_at=timezone.now())
    ShareFactory(vacancy=share.vacancy, revoked_at=timezone.now())

    rows = hr.get(SHARES, {"state": state}).context["cl"].result_list

    assert [row.state for row in rows] == [state]


def test_page_tells_who_opened_what(hr, share, sessions):
    share.views.create(address="192.0.2.1")
    share.views.create(session=sessions[0], address="192.0.2.1")
    share.views.create(session=sessions[0], position=3, address="192.0.2.1")

    text = hr.get(f"{SHARES}{share.pk}/change/").text

    name = sessions[0].candidate.name
    told = ["List opened", f"{name}: interview opened", f"{name}: listened to answer 3"]
    assert [line in text for line in told] == [True, True, True]
    assert text.count("192.0.2.1") == 3


def say_own(session, user):
    session.reviews.create(reviewer=user, saved_at=timezone.now())


def give(share, session, name, comment):
    opinions.give_opinion(share=share, session=session, name=name, comment=comment)


def test_opinions_show_the_latest_of_each_first_and_keep_the_rest(
    hr, share, sessions, recruiter
):
    say_own(sessions[0], recruiter)
    give(share, sessions[0], "Ольга", "Сомневаюсь")
    give(share, sessions[0], "Пётр", "Нет")
    give(share, sessions[0], "ольга", "Передумала")

    text = hr.get(f"{SHARES}{share.pk}/change/").text

    order = ["Передумала", "1 earlier opinion", "Сомневаюсь", "Нет"]
    places = [text.index(one) for one in order]
    assert places == sorted(places)


def test_opinion_that_meets_a_revocation_is_not_kept(share, sessions, recruiter):
    sharing.revoke(share=share, user=recruiter)

    with pytest.raises(Http404):  # `share` was read before
        give(share, sessions[0], "Ольга", "Сомневаюсь")

    assert not share.feedback.exists()


def test_opinions_wait_for_the_readers_own_review(hr, share, sessions, recruiter):
    give(share, sessions[0], "Ольга", "Сомневаюсь")

    before = hr.get(f"{SHARES}{share.pk}/change/").text
    say_own(sessions[0], recruiter)
    after = hr.get(f"{SHARES}{share.pk}/change/").text

    assert ["Сомневаюсь" in text for text in (before, after)] == [False, True]
    assert WAITS in before


def test_what_somebody_wrote_is_text_and_nothing_but_text(
    hr, share, sessions, recruiter
):
    say_own(sessions[0], recruiter)
    give(share, sessions[0], "<b>x</b>", "<script>alert(1)</script>")

    text = hr.get(f"{SHARES}{share.pk}/change/").text

    assert "<script>alert(1)" not in text
    assert "<b>x</b>" not in text
    assert "&lt;script&gt;alert(1)" in text


# Closing, extending, a new link


def test_link_is_revoked_once(hr, share, vacancy):
    first = hr.post(f"{SHARES}{share.pk}/revoke/", follow=True).text
    when = Share.objects.get().revoked_at
    again = hr.post(f"{SHARES}{share.pk}/revoke/", follow=True).text

    assert when is not None
    assert Share.objects.get().revoked_at == when
    assert "The link is closed, from this moment." in first
    assert "This link was revoked already." in again
    assert lines(AuditAction.REVOKED) == [("revoked", str(share.pk), vacancy.pk, "")]


@pytest.mark.parametrize("place", ["revoke/", "link/"])
def test_looking_changes_nothing(hr, share, place):
    assert hr.get(f"{SHARES}{share.pk}/{place}").status_code == 405


def test_revoked_link_cannot_be_brought_back(hr, share):
    token = sharing.offered_token()
    sharing.revoke(share=share, user=share.created_by)

    hr.post(f"{SHARES}{share.pk}/link/", {"token": token})
    hr.post(f"{SHARES}{share.pk}/change/", {"until": localdate().isoformat()})

    after = Share.objects.get()
    assert (after.token_hash, after.expires_at) == (share.token_hash, share.expires_at)
    assert 'name="until"' not in hr.get(f"{SHARES}{share.pk}/change/").text


def test_new_link_takes_the_place_of_the_old(hr, client, share, vacancy):
    old = "the-old-one"
    Share.objects.update(token_hash=sharing.hash_of(old))
    sent = {"token": sharing.offered_token()}

    texts = [hr.post(f"{SHARES}{share.pk}/link/", sent).text for _ in range(2)]

    links = {LINK.search(text)[1] for text in texts}
    assert len(links) == 1
    assert client.get(links.pop()).status_code == 303
    assert client.get(f"/shared/{old}").status_code == 404
    assert lines(AuditAction.SHARED) == [
        ("shared", str(share.pk), vacancy.pk, "new link")
    ]


def test_forged_token_makes_no_link(hr, share):
    hr.post(f"{SHARES}{share.pk}/link/", {"token": "guessable"})

    assert Share.objects.get().token_hash == share.token_hash


def test_link_is_extended(hr, share):
    day = localdate() + timedelta(days=60)

    response = hr.post(f"{SHARES}{share.pk}/change/", {"until": day.isoformat()})

    assert response.status_code == 302
    assert Share.objects.get().last_day == day


def test_link_is_not_extended_too_far(hr, share):
    day = localdate() + timedelta(days=91)

    hr.post(f"{SHARES}{share.pk}/change/", {"until": day.isoformat()})

    assert Share.objects.get().expires_at == share.expires_at


def test_days_end_at_the_portals_midnight(settings):
    settings.TIME_ZONE = "Asia/Yekaterinburg"
    with timezone.override("Asia/Yekaterinburg"):
        end = sharing.end_of(date(2026, 3, 1))
        share = Share(expires_at=end)

        assert end.isoformat() == "2026-03-02T00:00:00+05:00"
        assert share.last_day == date(2026, 3, 1)


# On the page of the review


def test_review_page_shows_opinions_or_that_they_wait(hr, share, sessions, recruiter):
    give(share, sessions[0], "Ольга", "Сомневаюсь")
    address = f"{LIST}{sessions[0].pk}/review/"

    before = hr.get(address).text
    say_own(sessions[0], recruiter)
    after = hr.get(address).text

    assert ["Сомневаюсь" in text for text in (before, after)] == [False, True]
    assert [WAITS in text for text in (before, after)] == [True, False]


WAITS = "1 opinion: shown once you have saved your own review."


def test_review_page_says_nothing_of_opinions_where_there_are_none(hr, share, sessions):
    give(share, sessions[0], "Ольга", "Сомневаюсь")

    text = hr.get(f"{LIST}{sessions[1].pk}/review/").text

    assert "Opinions by shared links" not in text
