"""What a database lacks for a state of the definitions: a plan, as data, of additive steps; the rest is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Dialect, Index, Table, func, select
from sqlalchemy.schema import AddConstraint, CreateColumn, CreateIndex, CreateTable

from engine.catalog.catalog import Catalog
from engine.problems import Problem
from engine.storage.indexes import index_name
from engine.storage.schema_state import SchemaState, read_schema
from engine.storage.tables import Tables, build_tables
from engine.values import Label


@dataclass(frozen=True, slots=True)
class Step:
    """One change. kind: schema | table | column | reference | index | words | compute (rows already there get
    the values of new formulas) | moved (records leave a removed stage) | kept (nothing happens).
    """

    kind: str
    table: str
    name: str
    words: Label
    sql: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Every step in the order to take, and what cannot be done."""

    steps: tuple[Step, ...]
    refused: tuple[Problem, ...] = ()

    @property
    def changes(self) -> tuple[Step, ...]:
        """The steps that change something."""
        return tuple(step for step in self.steps if step.sql or step.kind in ("compute", "moved"))


def plan_schema(connection: Connection, catalog: Catalog, known: Tables | None = None) -> Plan:
    """The steps from what the database is to what the definitions need; nothing is changed.

    known  the tables of these definitions, when they have been built already
    """
    dialect = connection.dialect
    tables = known or build_tables(catalog, dialect.name)
    state = read_schema(connection)
    steps: list[Step] = []
    refused: list[Problem] = []
    if state.schema is not None and not state.schema_exists:
        steps.append(_schema_step(state.schema))
    for table in tables.metadata.tables.values():
        if table.name in state.columns:
            steps += _column_steps(table, state, dialect, refused)
        else:
            steps.append(_table_step(table, dialect))
    if dialect.name == "postgresql":
        steps += [step for table in tables.metadata.tables.values() for step in _reference_steps(table, state, dialect)]
    for table in tables.metadata.tables.values():
        steps += _index_steps(connection, table, state, refused)
    if dialect.name == "sqlite":
        steps += _words_steps(tables, state)
    steps += _kept_steps(tables, state)
    return Plan(tuple(steps), tuple(refused))


def _schema_step(schema: str) -> Step:
    words = {"en": f"Create the schema {schema}", "zh": f"建立模式 {schema}"}
    return Step("schema", "", schema, words, (f'CREATE SCHEMA IF NOT EXISTS "{schema}"',))


def _table_step(table: Table, dialect: Dialect) -> Step:
    # On PostgreSQL references follow when all tables exist; SQLite accepts them beforehand.
    create = CreateTable(table, include_foreign_key_constraints=[] if dialect.name == "postgresql" else None)
    words = {"en": f"Create the table {table.name}", "zh": f"建立表 {table.name}"}
    return Step("table", table.name, table.name, words, (_text(create, dialect),))


def _column_steps(table: Table, state: SchemaState, dialect: Dialect, refused: list[Problem]) -> Iterator[Step]:
    there = state.columns[table.name]
    for column in table.columns:
        if column.name not in there:
            yield _column_step(table, column, dialect)
            continue
        wanted = state.type_name(column.type.compile(dialect))
        if wanted != there[column.name]:
            values = {"table": table.name, "column": column.name, "before": there[column.name], "after": wanted}
            refused.append(Problem("T101", values))


def _column_step(table: Table, column: Column[object], dialect: Dialect) -> Step:
    quote = dialect.identifier_preparer.quote
    definition = _text(CreateColumn(column), dialect)
    if dialect.name == "sqlite":
        for key in column.foreign_keys:
            definition += f" REFERENCES {quote(key.target_fullname.split('.')[0])} (id)"
    words = {"en": f"Add the column {table.name}.{column.name}", "zh": f"增加列 {table.name}.{column.name}"}
    sql = f"ALTER TABLE {quote(table.name)} ADD COLUMN {definition}"
    return Step("column", table.name, column.name, words, (sql,))


def _reference_steps(table: Table, state: SchemaState, dialect: Dialect) -> Iterator[Step]:
    for constraint in sorted(table.foreign_key_constraints, key=lambda each: tuple(each.column_keys)):
        name = index_name("fk", table.name, constraint.column_keys)
        if name in state.names:
            continue
        constraint.name = name
        words = {
            "en": f"Link {table.name} to {constraint.referred_table.name}",
            "zh": f"关联 {table.name} 与 {constraint.referred_table.name}",
        }
        yield Step("reference", table.name, name, words, (_text(AddConstraint(constraint), dialect),))


def _index_steps(connection: Connection, table: Table, state: SchemaState, refused: list[Problem]) -> Iterator[Step]:
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        if index.name in state.names:
            continue
        doubles = _doubles(connection, table, index, state) if index.unique else 0
        if doubles:
            columns = ", ".join(column.name for column in index.columns)
            refused.append(Problem("T102", {"table": table.name, "columns": columns, "count": doubles}))
            continue
        words = {"en": f"Create the index {index.name}", "zh": f"建立索引 {index.name}"}
        yield Step("index", table.name, str(index.name), words, (_text(CreateIndex(index), connection.dialect),))


def _doubles(connection: Connection, table: Table, index: Index, state: SchemaState) -> int:
    """How many groups of rows share the values of a unique index that is to be created."""
    columns = [table.c[column.name] for column in index.columns]
    there: Mapping[str, str] = state.columns.get(table.name, {})
    if any(column.name not in there for column in columns):
        return 0
    filled = [column.is_not(None) for column in columns]
    groups = select(func.count().label("n")).where(*filled).group_by(*columns).having(func.count() > 1).subquery()
    return connection.execute(select(func.count()).select_from(groups)).scalar_one()


def _words_steps(tables: Tables, state: SchemaState) -> Iterator[Step]:
    for form_id, name in tables.texts.items():
        if name in state.columns:
            continue
        table = tables.forms[form_id].name
        words = {"en": f"Create the search words of {table}", "zh": f"建立 {table} 的搜索索引"}
        # A trigger could not fill it: with trusted_schema off, schemas must not write to virtual tables.
        options = "tokenize='unicode61 remove_diacritics 0', prefix='2 3'"
        yield Step("words", table, name, words, (f'CREATE VIRTUAL TABLE "{name}" USING fts5(search_text, {options})',))


def _kept_steps(tables: Tables, state: SchemaState) -> Iterator[Step]:
    """What the definitions do not name any more; it stays, with all its values."""
    hidden = tuple(f"{name}_" for name in tables.texts.values())
    for name, columns in state.columns.items():
        table = tables.metadata.tables.get(name)
        if table is None:
            if name not in tables.texts.values() and not name.startswith(hidden):
                yield Step(
                    "kept", name, name, {"en": f"Keep the unused table {name}", "zh": f"保留不再使用的表 {name}"}
                )
            continue
        for column in columns:
            if column not in table.c:
                words = {"en": f"Keep the unused column {name}.{column}", "zh": f"保留不再使用的列 {name}.{column}"}
                yield Step("kept", name, column, words)


def _text(element: CreateTable | CreateColumn | CreateIndex | AddConstraint, dialect: Dialect) -> str:
    return str(element.compile(dialect=dialect)).strip()
