"""HR staff, what they did, and the lists they keep."""

from accounts.models.audit import AuditAction, AuditEvent, AuditSeal
from accounts.models.filters import SavedFilter
from accounts.models.users import Role, User, UserManager

__all__ = [
    "AuditAction",
    "AuditEvent",
    "AuditSeal",
    "Role",
    "SavedFilter",
    "User",
    "UserManager",
]
