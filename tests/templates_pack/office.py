"""A company at work in tests: people with roles, and short words for what they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, text

from engine.runtime.actors import SYSTEM, Actor
from engine.services.actions import run_action
from engine.services.records import fetch_record, save_record, tick_task
from engine.services.site import OpenCompany
from engine.services.views_of_records import RecordView


@dataclass(frozen=True)
class Office:
    """One company and its people."""

    company: OpenCompany
    li: Actor
    wang: Actor
    zhao: Actor

    def save(self, who: Actor, form: str, values: Mapping[str, object], record_id: int | None = None) -> RecordView:
        """A record made or changed by `who`."""
        return save_record(self.company, who, form, record_id, values)

    def open(self, who: Actor, record: RecordView) -> RecordView:
        """The record as it is now."""
        return fetch_record(self.company, who, record.form.id, record.id or 0)

    def values(self, who: Actor, record: RecordView, *names: str) -> dict[str, object]:
        """Some values of the record as it is now."""
        now = self.open(who, record)
        return {name: now.values[name] for name in names}

    def press(self, who: Actor, record: RecordView, action: str, **asked: object) -> RecordView:
        """The record after an action that sets fields."""
        done = run_action(self.company, who, record.form.id, record.id or 0, action, asked)
        assert done.saved is not None
        return done.saved

    def follow(self, who: Actor, record: RecordView, action: str, more: Mapping[str, object]) -> RecordView:
        """The record made in the form that an action opens: filled in by the action, completed by `more`, saved."""
        opened = run_action(self.company, who, record.form.id, record.id or 0, action).opens
        assert opened is not None
        form, given = opened
        origin = (record.form.id, record.id or 0, action)
        return save_record(self.company, who, form, None, {**given, **more}, origin=origin)

    def do_tasks(self, who: Actor, record: RecordView, field: str) -> None:
        """Tick every task of the stage that is ticked by hand."""
        for each in self.open(who, record).stages[field].tasks:
            if not each.automatic:
                tick_task(self.company, who, record.form.id, record.id or 0, field, each.task.id, done=True)


def last_rows(company: OpenCompany) -> Mapping[str, int | None]:
    """The highest id of every table; None where there is no row yet."""
    with company.database.reading() as connection:
        tables = company.database.tables.metadata.tables
        return {
            name: connection.execute(select(func.max(table.c.id))).scalar()
            if "id" in table.c
            else _count(connection, table)
            for name, table in tables.items()
        }


def _count(connection: Connection, table: Table) -> int | None:
    """How many rows a table without ids has; None when there is none."""
    return connection.execute(select(func.count()).select_from(table)).scalar() or None


def drop_rows(company: OpenCompany, before: Mapping[str, int | None]) -> None:
    """Take away what has come since: rows with a higher id, and all rows of tables that were empty."""
    sqlite = company.database.dialect == "sqlite"
    with company.database.writing() as connection:
        # people and departments refer to each other: references are looked at when all is gone
        connection.execute(
            text("PRAGMA defer_foreign_keys = ON" if sqlite else "SET session_replication_role = replica")
        )
        for table in company.database.tables.metadata.tables.values():
            last = before[table.name]
            if last is None:
                connection.execute(delete(table))
            elif "id" in table.c:
                connection.execute(delete(table).where(table.c.id > last))
        if not sqlite:
            connection.execute(text("SET session_replication_role = DEFAULT"))


def open_office(company: OpenCompany) -> Office:
    """The company with people, without any other rows."""
    sales = save_record(company, SYSTEM, "people.department", None, {"name": "销售部"})
    wang = _hire(company, "王芳", "wang", ["sales_manager"], {"department": sales.id})
    li = _hire(company, "李倩", "li", ["sales"], {"department": sales.id, "superior": wang.person})
    zhao = _hire(company, "赵敏", "zhao", ["finance"], {})
    return Office(company, li, wang, zhao)


def _hire(company: OpenCompany, name: str, login: str, roles: list[str], more: Mapping[str, Any]) -> Actor:
    made = save_record(company, SYSTEM, "people.person", None, {"name": name, "login": login, "roles": roles, **more})
    return Actor(made.id or 0, name, login, frozenset(roles), "zh", more.get("department"))
