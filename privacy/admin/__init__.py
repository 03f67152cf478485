"""Erasures, periods and legal holds in the admin, and what candidates' pages get of them."""

from privacy.admin import candidates, erasures, holds

__all__ = ["candidates", "erasures", "holds"]
