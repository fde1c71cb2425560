"""A company at work in tests: people with roles, and short words for what they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.runtime.actors import SYSTEM, Actor
from engine.services.actions import run_action
from engine.services.records import fetch_record, save_record, tick_task
from engine.services.setup import apply_company
from engine.services.site import OpenCompany, Site
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


def open_office(site: Site, company_id: str) -> Office:
    """The company with tables and people, without any other rows."""
    apply_company(site, company_id)
    company = site.company(company_id)
    sales = save_record(company, SYSTEM, "people.department", None, {"name": "销售部"})
    wang = _hire(company, "王芳", "wang", ["sales_manager"], {"department": sales.id})
    li = _hire(company, "李倩", "li", ["sales"], {"department": sales.id, "superior": wang.person})
    zhao = _hire(company, "赵敏", "zhao", ["finance"], {})
    return Office(company, li, wang, zhao)


def _hire(company: OpenCompany, name: str, login: str, roles: list[str], more: Mapping[str, Any]) -> Actor:
    made = save_record(company, SYSTEM, "people.person", None, {"name": name, "login": login, "roles": roles, **more})
    return Actor(made.id or 0, name, login, frozenset(roles), "zh", more.get("department"))
