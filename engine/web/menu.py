"""The side bar: which definitions a person finds where, made once per company, definitions and roles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flask import url_for

from engine.catalog.catalog import Catalog
from engine.catalog.dashboards import Dashboard
from engine.catalog.forms import Form
from engine.services.people import Actor
from engine.services.site import OpenCompany
from engine.values import Label
from engine.web.visit import may_open


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One link of the side bar."""

    form_id: str
    label: Label
    icon: str
    href: str


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """A heading with its links."""

    label: Label
    entries: tuple[MenuEntry, ...]


@dataclass(slots=True)
class Menus:
    """The menus made so far; an entry is replaced when the company's definitions change."""

    made: dict[tuple[str, frozenset[str]], tuple[str, tuple[MenuGroup, ...]]] = field(default_factory=dict)

    def menu(self, company: OpenCompany, actor: Actor) -> tuple[MenuGroup, ...]:
        """The groups and links that `actor` may follow."""
        catalog = company.catalog
        key = (company.id, actor.roles)
        known = self.made.get(key)
        if known is None or known[0] != catalog.digest:
            known = self.made[key] = (catalog.digest, build_menu(catalog, actor))
        return known[1]


def build_menu(catalog: Catalog, actor: Actor) -> tuple[MenuGroup, ...]:
    """The company's menu without what `actor` may not open; empty groups are left out."""
    groups = (MenuGroup(group.label, tuple(_entries(catalog, actor, group.entries))) for group in catalog.menu)
    return tuple(group for group in groups if group.entries)


def _entries(catalog: Catalog, actor: Actor, ids: Iterable[str]) -> Iterator[MenuEntry]:
    """The forms and boards among `ids` that `actor` may open."""
    for each in ids:
        form, board = catalog.forms.get(each), catalog.dashboards.get(each)
        if form is not None and may_open(actor, form):
            yield _entry(form)
        elif board is not None and _may_open_board(catalog, actor, board):
            app, _, name = board.id.partition(".")
            yield MenuEntry(board.id, board.label, board.icon, url_for("dashboard", app=app, board=name))


def _may_open_board(catalog: Catalog, actor: Actor, board: Dashboard) -> bool:
    if board.roles and not (actor.is_administrator or board.roles & actor.roles):
        return False
    return any(may_open(actor, catalog.forms[widget.form]) for widget in board.widgets.values())


def _entry(form: Form) -> MenuEntry:
    return MenuEntry(form.id, form.plural, form.icon, url_for("list", app=form.app, form=form.name))
