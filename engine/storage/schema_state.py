"""What tables, columns and indexes a database has now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class SchemaState:
    """columns[table][column] = declared type; names of indexes, triggers and constraints; the schema on PostgreSQL."""

    columns: Mapping[str, Mapping[str, str]]
    names: frozenset[str]
    schema: str | None = None
    schema_exists: bool = True

    def type_name(self, declared: str) -> str:
        """A declared type in the words in which this database reports it."""
        plain = re.sub(r' COLLATE "\w+"', "", declared)
        if self.schema is None:
            return plain
        plain = plain.lower().replace(", ", ",")
        return "time without time zone" if plain == "time" else plain


def read_schema(connection: Connection) -> SchemaState:
    """The schema of the connection's database."""
    return _read_sqlite(connection) if connection.dialect.name == "sqlite" else _read_postgresql(connection)


def _read_sqlite(connection: Connection) -> SchemaState:
    columns: dict[str, dict[str, str]] = {}
    found = connection.execute(
        text(
            "SELECT m.name, p.name, p.type FROM sqlite_master AS m, pragma_table_info(m.name) AS p "
            "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite~_%' ESCAPE '~'"
        )
    )
    for table, column, declared in found:
        columns.setdefault(table, {})[column] = declared
    names = connection.execute(text("SELECT name FROM sqlite_master WHERE type <> 'table'")).scalars()
    return SchemaState(columns, frozenset(names))


def _read_postgresql(connection: Connection) -> SchemaState:
    schema = connection.execute(text("SELECT trim(both '\"' from current_setting('search_path'))")).scalar_one()
    values = {"schema": schema}
    exists = connection.execute(text("SELECT 1 FROM pg_namespace WHERE nspname = :schema"), values).first() is not None
    columns: dict[str, dict[str, str]] = {}
    found = connection.execute(
        text(
            "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE n.nspname = :schema AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped "
            "ORDER BY c.relname, a.attnum"
        ),
        values,
    )
    for table, column, declared in found:
        columns.setdefault(table, {})[column] = declared
    names = connection.execute(
        text(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = :schema AND c.relkind = 'i' "
            "UNION SELECT k.conname FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace "
            "WHERE n.nspname = :schema"
        ),
        values,
    ).scalars()
    return SchemaState(columns, frozenset(names), schema, exists)
