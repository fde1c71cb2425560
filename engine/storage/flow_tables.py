"""The tables of approvals, the same in every company: instances, tasks, timers, copies, log, and what effects keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from sqlalchemy import Boolean, Column, ForeignKey, Identity, Index, Integer, MetaData, Table, Text, UniqueConstraint
from sqlalchemy import false as no
from sqlalchemy import text as sql_text
from sqlalchemy.schema import SchemaItem

from engine.catalog.field_types.columns import BigId, UtcDateTime, plain_text


@dataclass(frozen=True, slots=True)
class FlowTables:
    """Every `wf_` table."""

    definition: Table
    instance: Table
    busy: Table
    task: Table
    timer: Table
    copy: Table
    log: Table
    delegation: Table
    lock: Table
    origin: Table


def build_flow_tables(metadata: MetaData) -> FlowTables:
    """The tables; JSON is kept as text. States are words: see the modules that write them."""
    built = {each.name: Table(f"wf_{each.name}", metadata, *_COLUMNS[each.name]()) for each in fields(FlowTables)}
    for name, columns in _INDEXES:
        Index(f"ix_wf_{name}_{'_'.join(columns)}", *(built[name].c[column] for column in columns))
    instance = built["instance"]
    running = sql_text("state = 'running'")
    Index(
        "ux_wf_instance_running",
        instance.c.workflow,
        instance.c.record_id,
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )
    return FlowTables(**built)


def _id() -> Column[object]:
    return Column("id", BigId(), Identity(), primary_key=True)


def _word(name: str) -> Column[object]:
    return Column(name, plain_text(), nullable=False)


def _maybe(name: str) -> Column[object]:
    return Column(name, plain_text())


def _number(name: str) -> Column[object]:
    return Column(name, BigId(), nullable=False)


def _person(name: str) -> Column[object]:
    return Column(name, BigId())


def _instant(name: str) -> Column[object]:
    return Column(name, UtcDateTime(), nullable=False)


def _moment(name: str) -> Column[object]:
    return Column(name, UtcDateTime())


def _json(name: str) -> Column[object]:
    return Column(name, Text(), nullable=False)


def _flag(name: str) -> Column[object]:
    return Column(name, Boolean(), nullable=False, server_default=no())


def _instance_id() -> Column[object]:
    return Column("instance_id", BigId(), ForeignKey("wf_instance.id"), nullable=False)


_COLUMNS: Mapping[str, Callable[[], list[SchemaItem]]] = {
    "definition": lambda: [
        _id(),
        _word("workflow"),
        _word("digest"),
        _json("content"),
        _instant("stored_at"),
        UniqueConstraint("workflow", "digest", name="ux_wf_definition"),
    ],
    "instance": lambda: [
        _id(),
        Column("definition_id", BigId(), ForeignKey("wf_definition.id"), nullable=False),
        _word("workflow"),
        _word("form"),
        _number("record_id"),
        _word("title"),
        _word("state"),
        _flag("suspended"),
        _maybe("incident"),
        Column("rev", Integer, nullable=False),
        _json("marking"),
        _person("initiator"),
        _person("department"),
        _instant("started_at"),
        _moment("ended_at"),
        _person("parent_id"),
        Column("parent_visit", Integer),
        _json("facts"),  # guard values, people chosen, and the like
    ],
    "busy": lambda: [
        Column("workflow", plain_text(), primary_key=True),
        Column("key", plain_text(), primary_key=True),
        _instance_id(),
    ],
    "task": lambda: [
        _id(),
        _instance_id(),
        Column("visit", Integer, nullable=False),
        _word("step"),
        _word("kind"),
        Column("position", Integer, nullable=False),
        _number("assignee"),
        _number("principal"),
        _word("source"),
        _person("parent_id"),
        Column("weight", Integer, nullable=False),
        _word("state"),
        _maybe("decision"),
        _maybe("opinion"),
        _maybe("signature"),  # JSON: file, digest
        _maybe("draft"),
        Column("rev", Integer, nullable=False),
        _maybe("seen"),  # JSON: the version and values last shown to the handler
        _moment("read_at"),
        _moment("due_at"),
        _instant("created_at"),
        _moment("done_at"),
        _person("done_by"),
        _moment("urged_at"),
    ],
    "timer": lambda: [
        _id(),
        _instance_id(),
        Column("visit", Integer, nullable=False),
        _person("task_id"),
        _instant("fire_at"),
        _json("action"),
        _word("state"),
        Column("dedupe", plain_text(), nullable=False, unique=True),
    ],
    "copy": lambda: [
        _id(),
        _instance_id(),
        _number("person"),
        _word("step"),
        _instant("at"),
        _person("by"),
        _moment("read_at"),
        UniqueConstraint("instance_id", "person", name="ux_wf_copy"),
    ],
    "log": lambda: [
        _id(),
        _instance_id(),
        _instant("at"),
        _person("actor"),
        _person("on_behalf_of"),
        _word("action"),
        _maybe("step"),
        _person("task_id"),
        _maybe("opinion"),
        _json("details"),
    ],
    "delegation": lambda: [
        _id(),
        _number("principal"),
        _number("delegate"),
        _instant("starts_at"),
        _instant("ends_at"),
        _json("workflows"),  # [] = all
        _maybe("note"),
        _instant("created_at"),
        _moment("revoked_at"),
    ],
    "lock": lambda: [
        Column("form", plain_text(), primary_key=True),
        Column("record_id", BigId(), primary_key=True, autoincrement=False),
        _json("fields"),  # {"locked": [..] or null = all, "free": [..]}
    ],
    "origin": lambda: [
        Column("form", plain_text(), primary_key=True),
        Column("record_id", BigId(), primary_key=True, autoincrement=False),
        _word("source_form"),
        _number("source_id"),
    ],
}

_INDEXES = (
    ("instance", ("form", "record_id", "id")),
    ("instance", ("initiator", "id")),
    ("instance", ("state", "id")),
    ("instance", ("parent_id",)),
    ("task", ("assignee", "state", "id")),
    ("task", ("instance_id", "visit")),
    ("task", ("state", "due_at")),
    ("timer", ("state", "fire_at")),
    ("timer", ("instance_id", "visit")),
    ("copy", ("person", "id")),
    ("log", ("instance_id", "id")),
    ("log", ("actor", "id")),
    ("delegation", ("principal",)),
)
