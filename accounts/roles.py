"""What each role may do. Which rows it may do it to is `visible_to` and `managed_by`.

Those are methods of the QuerySets (see `vacancies.models.VacancyQuerySet`): one rule,
which admin, endpoints, exports, files, search and history all ask.
"""

from django.utils.translation import gettext_lazy as _

from accounts.models import Role

# For whoever gives somebody a role.
WORDS = {
    Role.ADMINISTRATOR: _("Every vacancy, the team, companies, voice, the audit log."),
    Role.RECRUITER: _(
        "Their own vacancies and those shared with them: writes questions, invites, "
        "reviews, decides, shares, exports."
    ),
    Role.REVIEWER: _(
        "The vacancies they are assigned to: reads, listens and rates. Nothing else."
    ),
    Role.AUDITOR: _("Reads everything, the audit log too, and changes nothing."),
}

READS = frozenset(
    {
        "vacancies.view_vacancy",
        "candidates.view_candidate",
        "interviews.view_interviewsession",
        "reviews.view_review",
        "reviews.view_decision",
    }
)

RIGHTS: dict[str, frozenset[str]] = {
    # An administrator is a superuser, of whom Django asks nothing.
    Role.ADMINISTRATOR: frozenset(),
    Role.RECRUITER: READS
    | {
        "vacancies.add_vacancy",
        "vacancies.change_vacancy",
        "vacancies.delete_vacancy",
        "vacancies.view_company",
        "vacancies.view_bankquestion",
        "vacancies.add_bankquestion",
        "vacancies.change_bankquestion",
        "vacancies.delete_bankquestion",
        "candidates.add_candidate",
        "candidates.change_candidate",
        "candidates.delete_candidate",
        "interviews.add_interviewsession",
        "interviews.change_interviewsession",
        "interviews.view_candidaterequest",
        "interviews.change_candidaterequest",
        "interviews.view_message",
        "interviews.view_emailtemplate",
        "reviews.add_review",
        "reviews.add_decision",
        "reviews.view_share",
        "reviews.add_share",
        "reviews.change_share",
        "reviews.add_export",
        "reviews.view_export",
        "accounts.view_auditevent",
        # Of people who are interviewed for their own vacancies alone.
        "privacy.add_erasure",
    },
    Role.REVIEWER: READS | {"reviews.add_review"},
    Role.AUDITOR: READS
    | {
        "vacancies.view_company",
        "vacancies.view_bankquestion",
        "interviews.view_candidaterequest",
        "interviews.view_message",
        "interviews.view_emailtemplate",
        "reviews.view_share",
        "reviews.view_export",
        "voice.view_voiceevent",
        "accounts.view_user",
        "privacy.view_erasure",
        "privacy.view_legalhold",
        "accounts.view_auditevent",
    },
}
