"""What a refused write means: two transactions in each other's way, or a value that another record has."""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

CANCELLED = "57014"
TRANSIENT = frozenset({"40P01", "40001", "55P03"})
_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (.+)")
_POSTGRESQL_KEY = re.compile(r"Key \((.+?)\)=")


def is_deadlock(error: BaseException) -> bool:
    """Whether the same transaction may well succeed when it is run again."""
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlstate", None)
    return code in TRANSIENT or "database is locked" in str(error.orig)


def took_too_long(error: BaseException) -> bool:
    """Whether the database gave up on a statement because it ran out of time."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == CANCELLED


def duplicate_columns(error: BaseException) -> tuple[str, ...] | None:
    """The columns of the unique index that a write broke; None for any other error."""
    if not isinstance(error, IntegrityError):
        return None
    if getattr(error.orig, "sqlstate", "") == "23505":
        detail = str(getattr(getattr(error.orig, "diag", None), "message_detail", "") or "")
        found = _POSTGRESQL_KEY.search(detail)
        return tuple(each.strip().strip('"') for each in found.group(1).split(",")) if found else ()
    found = _SQLITE_UNIQUE.search(str(error.orig))
    return tuple(each.strip().split(".")[-1] for each in found.group(1).split(",")) if found else None


def out_of_reach(error: BaseException) -> str | None:
    """Why a database cannot be opened or read, in its own words; None for any other error."""
    if isinstance(error, DBAPIError):
        return str(error.orig).strip().splitlines()[0]
    return str(error) if isinstance(error, (SQLAlchemyError, OSError)) else None
