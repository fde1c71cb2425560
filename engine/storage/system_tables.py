"""The engine's own tables, the same in every company."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Boolean, Column, Identity, Index, Integer, MetaData, Table, Text, UniqueConstraint, false
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from engine.catalog.field_types.columns import BigId, IsoDate, UtcDateTime, plain_text


@dataclass(frozen=True, slots=True)
class SystemTables:
    """Every `sys_` table."""

    revision: Table
    name: Table
    history: Table
    stage_log: Table
    task: Table
    comment: Table
    collaborator: Table
    file: Table
    attachment: Table
    counter: Table
    job: Table
    command: Table
    session: Table
    password: Table
    token: Table
    audit: Table
    view: Table
    preference: Table
    department_closure: Table
    person_closure: Table
    notification: Table
    login_attempt: Table
    calendar: Table
    data_version: Table


def identity() -> Column[object]:
    """The id of a row, given by the database."""
    return Column("id", BigId(), Identity(), primary_key=True)


def build_system_tables(metadata: MetaData, dialect: str) -> SystemTables:
    """The tables; JSON is kept as text, read and written by the modules of their tables."""
    built = {each.name: Table(f"sys_{each.name}", metadata, *_COLUMNS[each.name]()) for each in fields(SystemTables)}
    for name, columns in _INDEXES:
        Index(f"ix_sys_{name}_{'_'.join(columns)}", *(built[name].c[column] for column in columns))
    Index("ux_sys_job_key", built["job"].c.key, unique=True)
    return SystemTables(**built)


def _word(name: str) -> Column[object]:
    return Column(name, plain_text(), nullable=False)


def _maybe(name: str, kind: TypeEngine[Any] | None = None) -> Column[object]:
    return Column(name, kind if kind is not None else plain_text())


def _person(name: str) -> Column[object]:
    return Column(name, BigId())


def _instant(name: str) -> Column[object]:
    return Column(name, UtcDateTime(), nullable=False)


def _json(name: str) -> Column[object]:
    return Column(name, Text(), nullable=False)


def _record() -> list[Column[object]]:
    return [_word("form"), Column("record_id", BigId(), nullable=False)]


def _flag(name: str) -> Column[object]:
    return Column(name, Boolean(), nullable=False, server_default=false())


_COLUMNS: Mapping[str, Callable[[], list[SchemaItem]]] = {
    "revision": lambda: [
        identity(),
        _word("digest"),
        _json("definitions"),
        _instant("applied_at"),
        _person("applied_by"),
        _json("steps"),
    ],
    "name": lambda: [Column("original", plain_text(), primary_key=True), Column("safe", plain_text(), unique=True)],
    "history": lambda: [
        identity(),
        *_record(),
        Column("version", Integer, nullable=False),
        _instant("at"),
        _person("actor"),
        _person("on_behalf_of"),
        _word("cause"),
        _word("action"),
        _json("changes"),
    ],
    "stage_log": lambda: [
        identity(),
        *_record(),
        _word("field"),
        _word("stage"),
        _instant("entered_at"),
        _maybe("left_at", UtcDateTime()),
        _person("by"),
    ],
    "task": lambda: [
        identity(),
        *_record(),
        _word("field"),
        _word("stage"),
        _word("task"),
        _instant("done_at"),
        _person("done_by"),
        UniqueConstraint("form", "record_id", "field", "stage", "task", name="ux_sys_task"),
    ],
    "comment": lambda: [identity(), *_record(), _instant("at"), _person("author"), _word("text"), _json("mentions")],
    "collaborator": lambda: [
        identity(),
        *_record(),
        Column("person", BigId(), nullable=False),
        _flag("may_change"),
        _instant("added_at"),
        _person("added_by"),
        UniqueConstraint("form", "record_id", "person", name="ux_sys_collaborator"),
    ],
    "file": lambda: [
        identity(),
        _word("sha256"),
        _word("name"),
        _word("media_type"),
        Column("size", BigId(), nullable=False),
        _instant("stored_at"),
        _person("stored_by"),
        _flag("bound"),
    ],
    "attachment": lambda: [
        identity(),
        *_record(),
        Column("file_id", BigId(), nullable=False),
        _instant("added_at"),
        _person("added_by"),
        UniqueConstraint("form", "record_id", "file_id", name="ux_sys_attachment"),
    ],
    "counter": lambda: [Column("key", plain_text(), primary_key=True), Column("value", BigId(), nullable=False)],
    "job": lambda: [
        identity(),
        _word("kind"),
        _json("payload"),
        _word("status"),
        Column("tries", Integer, nullable=False),
        _instant("created_at"),
        _instant("due_at"),
        _maybe("leased_until", UtcDateTime()),
        _maybe("finished_at", UtcDateTime()),
        _maybe("error"),
        _maybe("key"),
        _maybe("done", BigId()),
        _maybe("total", BigId()),
    ],
    "command": lambda: [
        identity(),
        Column("person", BigId(), nullable=False),
        _word("key"),
        _word("request"),
        _json("answer"),
        _instant("at"),
        UniqueConstraint("person", "key", name="ux_sys_command"),
    ],
    "session": lambda: [
        identity(),
        Column("token_hash", plain_text(), nullable=False, unique=True),
        Column("person", BigId(), nullable=False),
        _instant("started_at"),
        _instant("seen_at"),
        _instant("ends_at"),
        _maybe("address"),
        _maybe("agent"),
        _json("facts"),
    ],
    "password": lambda: [
        Column("person", BigId(), primary_key=True, autoincrement=False),
        _word("hash"),
        _instant("changed_at"),
        _flag("must_change"),
    ],
    "token": lambda: [
        identity(),
        Column("token_hash", plain_text(), nullable=False, unique=True),
        Column("person", BigId(), nullable=False),
        _word("name"),
        _instant("created_at"),
        _maybe("ends_at", UtcDateTime()),
        _maybe("used_at", UtcDateTime()),
        _maybe("revoked_at", UtcDateTime()),
    ],
    "audit": lambda: [
        identity(),
        _instant("at"),
        _person("actor"),
        _person("on_behalf_of"),
        _maybe("address"),
        _word("action"),
        _maybe("form"),
        _maybe("record_id", BigId()),
        _json("details"),
    ],
    "view": lambda: [
        identity(),
        _word("form"),
        _word("name"),
        _person("person"),
        _flag("shared"),
        _json("settings"),
        _instant("saved_at"),
    ],
    "preference": lambda: [
        Column("person", BigId(), primary_key=True, autoincrement=False),
        Column("key", plain_text(), primary_key=True),
        _json("value"),
    ],
    "department_closure": lambda: [
        Column("above", BigId(), primary_key=True, autoincrement=False),
        Column("below", BigId(), primary_key=True, autoincrement=False),
        Column("depth", Integer, nullable=False),
    ],
    "person_closure": lambda: [
        Column("above", BigId(), primary_key=True, autoincrement=False),
        Column("below", BigId(), primary_key=True, autoincrement=False),
        Column("depth", Integer, nullable=False),
    ],
    "notification": lambda: [
        identity(),
        Column("person", BigId(), nullable=False),
        _instant("at"),
        _word("kind"),
        _maybe("form"),
        _maybe("record_id", BigId()),
        _json("details"),
        _maybe("read_at", UtcDateTime()),
    ],
    "calendar": lambda: [
        Column("day", IsoDate(), primary_key=True),
        Column("is_work", Boolean(), nullable=False),
        Column("position", Integer, nullable=False),
    ],
    "data_version": lambda: [identity(), _word("name"), Column("value", BigId(), nullable=False)],
    "login_attempt": lambda: [identity(), _word("login"), _maybe("address"), _instant("at"), _flag("succeeded")],
}

_INDEXES = (
    ("history", ("form", "record_id", "id")),
    ("history", ("actor", "id")),
    ("stage_log", ("form", "record_id", "field", "id")),
    ("comment", ("form", "record_id", "id")),
    ("collaborator", ("person", "form", "record_id")),
    ("file", ("sha256",)),
    ("file", ("bound", "stored_at")),
    ("job", ("status", "due_at")),
    ("command", ("at",)),
    ("session", ("person",)),
    ("token", ("person",)),
    ("audit", ("at",)),
    ("view", ("form",)),
    ("person_closure", ("below",)),
    ("department_closure", ("below",)),
    ("notification", ("person", "id")),
    ("calendar", ("position",)),
    ("data_version", ("name",)),
    ("login_attempt", ("login", "at")),
    ("login_attempt", ("address", "at")),
)
