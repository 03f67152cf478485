"""What is asked of the portal beside its addresses: searches, choices, bulk actions."""

from django.db.models import ForeignKey, ManyToManyField

from tests.access import routes

# Of every mark, and not the whole of any: or the answer would hold it for no reason.
PART_OF_CANARY = "kanareik"


def asked(foreign):
    """Return what an address may be asked with: the keys of another's rows."""
    key, vacancy = str(foreign.session.pk), str(foreign.vacancy.pk)
    return {
        "vacancy": vacancy,
        "candidates": str(foreign.candidate.pk),
        "ids": f"{key},{foreign.waiting.pk}",
        "session": key,
        "term": PART_OF_CANARY,
        "s": PART_OF_CANARY,
        "extended": "1",
        "line": "1",
        "outcome": "rejected",
        "reason": "Because",
        "stage": "offer",
        "confirmed": "yes",
        "format": "json",
        "query": f"vacancy__id__exact={vacancy}",
    }


def searches(foreign):
    """Return queries of lists, each of which points at another's rows."""
    for label, found in routes.admins().items():
        url = f"/admin/{label.replace('.', '/')}/"
        for query in (
            {"q": PART_OF_CANARY},
            {"vacancy__id__exact": foreign.vacancy.pk},
            {"vacancy": foreign.vacancy.pk},
            {"object_id": foreign.session.pk},
            {"who": foreign.review.reviewer_id},
            {"id__exact": foreign.session.pk},
        ):
            yield url, query
        for field in found.model._meta.get_fields():
            if isinstance(field, ForeignKey | ManyToManyField):
                app, model = label.split(".")
                names = {"app_label": app, "model_name": model}
                yield (
                    "/admin/autocomplete/",
                    names | {"field_name": field.name, "term": PART_OF_CANARY},
                )


def bulk_actions(foreign, request):
    """Return every bulk action of every list, with another's row chosen."""
    for label, found in routes.admins().items():
        row = getattr(foreign, routes.ROWS.get(label, ""), None)
        for name in found.get_actions(request) if row else ():
            yield (
                f"/admin/{label.replace('.', '/')}/",
                {"action": name, "_selected_action": str(row.pk), "index": "0"}
                | {"confirmed": "yes", "post": "yes", "select_across": "0"},
            )
