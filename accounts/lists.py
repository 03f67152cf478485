"""Lists of the admin that stay quick however many rows there are."""

from typing import Any

from django.http import HttpRequest
from unfold.views import ChangeList


class KeysFirst(ChangeList):
    """A page that finds its keys first: what a row shows is read of its own rows alone.

    Else the database would join and count for every row that it sorts or skips.
    """

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        keys = list(self.result_list.values_list("pk", flat=True))
        rows = self.root_queryset.in_bulk(keys)
        self.result_list = [rows[key] for key in keys if key in rows]
