"""How often the data of a table has changed: what an answer was read from, and whether it still holds.

Every transaction that writes raises a counter of each table it wrote, at its end, so that counter and rows are seen
together or not at all. Whoever reads the counters before the rows may keep what he made of the rows for as long as
the counters of all tables he read stay the same: never longer than until the next commit that touches one of them.

Savers never wait for each other: a table has several counters, each takes one that nobody holds just now, or begins
another one. What counts is their sum.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, event, text

# What the engine notes for itself with nearly every act; an answer that was read from these is not kept at all.
NOT_COUNTED = frozenset(
    f"sys_{name}"
    for name in (
        "audit",
        "command",
        "counter",
        "data_version",
        "history",
        "job",
        "login_attempt",
        "name",
        "notification",
        "password",
        "preference",
        "revision",
        "session",
        "token",
        "view",
    )
)
_NOTED = "weft_noted"
_VERB = r'(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM|TRUNCATE)\s+(?:ONLY\s+)?"?(\w+)'
_WRITE = re.compile(rf"\s*{_VERB}", re.IGNORECASE)
_WRITES_INSIDE = re.compile(rf"\b{_VERB}", re.IGNORECASE)
_NAMES = re.compile(r"\w+")


@dataclass(slots=True)
class Noted:
    """The statements of a connection so far. `is_timed`: one of them was given the instant it was asked at."""

    statements: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    is_timed: bool = False

    def tables(self, known: Iterable[str]) -> frozenset[str]:
        """Which of the known tables the statements name."""
        named: frozenset[str] = frozenset().union(*map(_names_in, self.statements))
        return named.intersection(known)


def note_statements(engine: Engine) -> None:
    """From now on connections of the engine tell `noting` what they execute."""
    event.listen(engine, "before_cursor_execute", _note)


@contextmanager
def noting(connection: Connection) -> Iterator[Noted]:
    """Notes which tables the statements of the block read and write."""
    noted = connection.info[_NOTED] = Noted()
    try:
        yield noted
    finally:
        connection.info.pop(_NOTED, None)


def _note(connection: Connection, _cursor: Any, statement: str, _values: Any, context: Any, _many: Any) -> None:
    noted: Noted | None = connection.info.get(_NOTED)
    if noted is None:
        return
    first = _WRITE.match(statement)
    if first is not None:
        noted.written.add(first[1])
        return
    if statement.startswith("WITH"):
        noted.written.update(_WRITES_INSIDE.findall(statement))
    noted.statements.add(statement)
    compiled = getattr(context, "compiled", None)
    noted.is_timed = noted.is_timed or (compiled is not None and "now" in compiled.binds)


@lru_cache(maxsize=2048)
def _names_in(statement: str) -> frozenset[str]:
    """Every word of a statement: the tables it reads are among them."""
    return frozenset(_NAMES.findall(statement))


# --- counters ---------------------------------------------------------------------------------------------------------


def fetch_versions(connection: Connection) -> Mapping[str, int]:
    """The version of every table that has ever been written; the others have version 0."""
    return {name: int(version) for name, version in connection.execute(_SUMS)}


def raise_versions(connection: Connection, written: Iterable[str]) -> None:
    """Raise the versions of tables that the transaction has written; to be called at its end."""
    names = sorted(set(written) - NOT_COUNTED)
    if not names:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(_RAISE, {"names": names})
        return
    given = {"names": json.dumps(names)}
    if connection.execute(_ADD, given).rowcount < len(names):
        connection.execute(_BEGIN, given)


_SUMS: TextClause = text("SELECT name, sum(value) FROM sys_data_version GROUP BY name")
_ADD: TextClause = text(
    "UPDATE sys_data_version SET value = value + 1 WHERE name IN (SELECT value FROM json_each(:names))"
)
_BEGIN: TextClause = text(
    "INSERT INTO sys_data_version (name, value) SELECT value, 1 FROM json_each(:names) "
    "WHERE value NOT IN (SELECT name FROM sys_data_version)"
)
# A counter that another transaction holds is passed over; when all are held, one more is begun.
_RAISE: TextClause = text(
    "WITH wanted AS (SELECT unnest(CAST(:names AS text[])) AS name), "
    "free AS (SELECT f.id, f.name FROM wanted AS w CROSS JOIN LATERAL "
    "(SELECT v.id, v.name FROM sys_data_version AS v WHERE v.name = w.name LIMIT 1 FOR UPDATE SKIP LOCKED) AS f), "
    "raised AS (UPDATE sys_data_version AS v SET value = v.value + 1 FROM free WHERE v.id = free.id RETURNING v.name) "
    "INSERT INTO sys_data_version (name, value) SELECT name, 1 FROM wanted "
    "WHERE name NOT IN (SELECT name FROM free)"
)
