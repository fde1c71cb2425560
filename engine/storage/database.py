"""Where the records of one company lie, and how to talk to it: one SQLite file, or one PostgreSQL schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from engine.catalog.catalog import Catalog
from engine.expressions.sqlite_functions import register_functions
from engine.storage.data_versions import note_statements, noting, raise_versions
from engine.storage.statements import Statements
from engine.storage.tables import Tables, build_tables

__all__ = ["Connection", "Database", "DatabaseAddress", "Moved", "UnitOfWork", "open_database", "reopen_database"]

BUSY_SECONDS = 30
POOL = 8
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    # every thread has a connection of its own: a larger cache (and sorting in memory) would cost a process more than
    # the operating system's cache of the same pages
    "PRAGMA cache_size=-2000",
)


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """A SQLite file, or the URL of a PostgreSQL database and the schema in it."""

    file: Path | None = None
    url: str | None = None
    schema: str = ""


@dataclass(slots=True)
class Database:
    """One company's database, opened with one state of its definitions.

    `write_gate` lets the writers of one process queue fairly on SQLite instead of polling its lock.
    """

    company: str
    dialect: str
    engine: Engine
    catalog: Catalog
    tables: Tables
    address: DatabaseAddress
    write_gate: Lock | None
    statements: Statements = field(default_factory=Statements)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with: one snapshot on SQLite, each statement its own on PostgreSQL."""
        if self.dialect == "sqlite":
            with self.engine.connect() as connection, connection.begin():
                yield connection
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction to write in; committed at the end with the versions of the tables that it has written, rolled
        back when anything is raised.
        """
        if self.write_gate is None:
            with self.engine.begin() as connection, noting(connection) as noted:
                yield connection
                raise_versions(connection, noted.written)
            return
        if not self.write_gate.acquire(timeout=BUSY_SECONDS):
            raise OperationalError("BEGIN IMMEDIATE", {}, sqlite3.OperationalError("waited too long for other writers"))
        try:
            with (
                self.engine.connect().execution_options(weft_begin="BEGIN IMMEDIATE") as connection,
                connection.begin(),
                noting(connection) as noted,
            ):
                yield connection
                raise_versions(connection, noted.written)
        finally:
            self.write_gate.release()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


@dataclass(frozen=True, slots=True)
class Moved:
    """A record has entered a stage with a save; `version` is what the save made of it."""

    form: str
    record_id: int
    version: int
    field: str
    stage: str


@dataclass(slots=True)
class UnitOfWork:
    """One transaction, one clock, one actor. `actor` None = the system.

    moves   stages entered in this transaction whose effects have not been carried out yet
    """

    connection: Connection
    database: Database
    catalog: Catalog
    now: datetime
    actor: int | None
    cause: str = "web"
    on_behalf_of: int | None = None
    moves: list[Moved] = field(default_factory=list)

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of the transaction: undone alone when anything is raised in it."""
        with self.connection.begin_nested():
            yield


def open_database(where: DatabaseAddress, catalog: Catalog) -> Database:
    """The company's database; nothing is read or created yet, except the SQLite file's folder."""
    if where.url is not None:
        engine, gate = _open_postgresql(where.url, where.schema or catalog.company.id), None
    elif where.file is not None:
        engine, gate = _open_sqlite(where.file), Lock()
    else:
        raise ValueError("an address names a file or a URL")
    note_statements(engine)
    tables = build_tables(catalog, engine.dialect.name)
    return Database(catalog.company.id, engine.dialect.name, engine, catalog, tables, where, gate)


def reopen_database(database: Database, catalog: Catalog) -> Database:
    """The same connections with another state of the definitions."""
    tables = build_tables(catalog, database.dialect)
    return Database(
        database.company, database.dialect, database.engine, catalog, tables, database.address, database.write_gate
    )


def _open_sqlite(file: Path) -> Engine:
    if not file.parent.exists():
        file.parent.mkdir(parents=True, mode=0o700)
    engine = create_engine(
        URL.create("sqlite", database=str(file)),
        pool_size=POOL,
        max_overflow=64,
        pool_timeout=BUSY_SECONDS,
        connect_args={"check_same_thread": False, "isolation_level": None, "cached_statements": 512},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()
    register_functions(connection)


def _begin_sqlite(connection: Connection) -> None:
    # The driver is left in autocommit, so that DDL takes part in the transaction and writers start as writers.
    connection.exec_driver_sql(connection.get_execution_options().get("weft_begin", "BEGIN"))


def _open_postgresql(url: str, schema: str) -> Engine:
    address = make_url(url)
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
    quoted = schema.replace("\\", "").replace('"', "").replace(" ", "")
    options = (
        f'-c search_path="{quoted}" -c lock_timeout=5s -c statement_timeout=10s '
        "-c idle_in_transaction_session_timeout=30s -c timezone=UTC"
    )
    return create_engine(
        address,
        pool_size=POOL,
        max_overflow=64,
        pool_timeout=BUSY_SECONDS,
        connect_args={"options": options, "prepare_threshold": 3},
    )
