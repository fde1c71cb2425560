"""Which names may an administrator give, and what are columns and tables called?"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from engine.source.kinds import MAX_NAME, NAME

SYSTEM_FIELDS = ("id", "version", "created_at", "created_by", "updated_at", "updated_by")
RESERVED = frozenset(
    (
        *SYSTEM_FIELDS,
        *("this", "header", "row", "target", "was", "me", "settings", "flow", "records", "asked"),
        *("own", "team", "same_department", "always", "never", "and", "or", "not", "in", "true", "false", "null"),
        *("deleted_at", "deleted_by", "search_text", "below", "above"),
        *("行", "目标", "我", "设置", "流程"),
    )
)
TAKEN_APPS = frozenset(
    ("sys", "wf", "fx", "api", "boards", "inbox", "files", "admin", "search", "companies", "sqlite", "pg")
)
TAKEN_COMPANIES = frozenset(("static", "livez", "readyz", "metrics"))
ENTERED = "_entered"  # a stage field s has a column s_entered
_LONGEST_TABLE = 30
_SAFE = re.compile(r"[a-z][a-z0-9_]*\Z")


def is_name(name: str) -> bool:
    """Whether `name` has the form of a name."""
    return bool(NAME.match(name)) and len(name) <= MAX_NAME and unicodedata.normalize("NFKC", name) == name


def safe_column(name: str) -> str:
    """The ASCII name of a field's column: the name itself, or f_ and a hash of it."""
    return _safe(name, MAX_NAME, "f")


def safe_table(form_id: str) -> str:
    """<app>_<form>, in ASCII and at most 30 characters, so that a child table's name fits a database."""
    return _safe(form_id.replace(".", "_"), _LONGEST_TABLE, "t")


def safe_suffix(name: str) -> str:
    """What a child table of a field is called after its form's table."""
    return _safe(name, _LONGEST_TABLE, "f")


def folded(name: str) -> str:
    """Names that fold to the same text are too much alike."""
    return unicodedata.normalize("NFKC", name).casefold().replace("__", "_")


def _safe(name: str, longest: int, prefix: str) -> str:
    if _SAFE.match(name) and len(name) <= longest:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    ascii_part = re.sub(r"[^a-z0-9_]", "", name)[: longest - 10].strip("_")
    return f"{ascii_part if _SAFE.match(ascii_part) else prefix}_{mark}"
