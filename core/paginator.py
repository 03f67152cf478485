"""Pages of a list, however long it is."""

from functools import cached_property

from django.core.paginator import Paginator
from django.db.models import QuerySet

MOST_COUNTED = 10_000


class CappedPaginator(Paginator):
    """Counts no further than anybody pages: a table's size never costs a page's time.

    `count` is at most MOST_COUNTED; `is_capped` says that there is more.
    """

    template_name = "admin/pages.html"

    @cached_property
    def counted(self) -> int:
        assert isinstance(self.object_list, QuerySet)
        rows = self.object_list.order_by().values("pk")
        return rows[: MOST_COUNTED + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self.counted, MOST_COUNTED)

    @property
    def is_capped(self) -> bool:
        return self.counted > MOST_COUNTED
