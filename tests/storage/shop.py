"""A small company for storage tests: customers in regions, orders with lines, notes, people in departments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.catalog.catalog import Catalog
from engine.catalog.scopes import FormScope
from engine.expressions import Expression, Moment, all_of, compile_expression
from engine.storage.database import Database, DatabaseAddress, UnitOfWork, open_database
from engine.storage.queries import VisibleQuery
from engine.storage.records import insert_record, insert_records
from engine.storage.rights import Right
from engine.storage.schema_apply import apply_plan
from engine.storage.schema_plan import plan_schema
from tests.sites import build_test_catalog

NOW = datetime(2026, 11, 22, 8, 15, tzinfo=UTC)

FILES = {
    "forms/crm/region.yaml": """
        form: crm.region
        label: Region
        title: "{name}"
        fields:
          name: text
        """,
    "forms/crm/customer.yaml": """
        form: crm.customer
        label: Customer
        title: "{name}"
        owner: owner
        fields:
          name: text
          region: {type: link, to: crm.region}
          owner: user
          vip: boolean
          credit: {type: money}
          tags: {type: choices, choices: [red, green, blue]}
          members: users
          parent: {type: link, to: crm.customer, tree: true, inverse: {name: branches, label: Branches}}
          total: {type: money, formula: "SUM(orders.amount)"}
          double_credit: {type: money, formula: "credit * 2", compute: read}
        """,
    "forms/crm/order.yaml": """
        form: crm.order
        label: Order
        title: "{number} {customer.name}"
        number: "O-{serial:4}"
        owner: owner
        fields:
          customer: {type: link, to: crm.customer, required: true, inverse: {name: orders, label: Orders}}
          owner: user
          kind: {type: choice, choices: [system, spare]}
          due: date
          amount: money
          lines:
            type: lines
            fields:
              product: text
              region: {type: link, to: crm.region}
              quantity: {type: number, places: 2}
              price: money
              amount: {type: money, formula: "ROUND(quantity * price, 2)"}
        views:
          list: {columns: [number, customer, kind, amount], sort: -due, filters: [kind, owner]}
        """,
    "forms/crm/note.yaml": """
        form: crm.note
        label: Note
        title: "{text}"
        fields:
          text: text
          customer: {type: link, to: crm.customer, on_delete: cascade}
          source: {type: link, to: crm.region, on_delete: clear}
          about: {type: link, to: [crm.customer, crm.order]}
          at: datetime
          day: date
          from_time: time
          spent: duration
        """,
}


def shop_catalog(files: Mapping[str, str] | None = None) -> Catalog:
    """The definitions, with other files laid over."""
    return build_test_catalog({**FILES, **(files or {})})


def moment(me: int | None = 1) -> Moment:
    """The moment of every test."""
    return Moment(NOW, ZoneInfo("Asia/Shanghai"), me)


@dataclass
class Shop:
    """An open database with the company's tables."""

    database: Database
    catalog: Catalog

    @contextmanager
    def work(self, actor: int | None = 1, now: datetime = NOW) -> Iterator[UnitOfWork]:
        """A unit of work that is committed at the end."""
        with self.database.writing() as connection:
            yield UnitOfWork(connection, self.database, self.catalog, now, actor)

    def add(self, form: str, **values: Any) -> int:
        """A new record in a transaction of its own."""
        with self.work() as uow:
            return insert_record(uow, f"crm.{form}" if "." not in form else form, values)

    def when(self, form: str, text: str, *, access: bool = False) -> Expression:
        """A condition on a form."""
        return compile_expression(text, FormScope(self.catalog, form, access=access), want="boolean")

    def query(self, form: str, rights: Rights | None = None, me: int = 1) -> VisibleQuery:
        """A query, with every right unless others are given."""
        return VisibleQuery(self.database, self.catalog, rights, moment(me), form)

    def everything(self, person: int = 1) -> Rights:
        """Rights to see all of every form."""
        rights = Rights(person, "everything")
        for form in self.catalog.forms:
            rights = rights.on(self, form)
        return rights


@dataclass
class Rights:
    """Rights as a test wants them."""

    person: int
    name: str
    forms: dict[str, Right] = field(default_factory=dict)

    @property
    def key(self) -> object:
        """Equal names mean equal rights."""
        return self.name

    def see(self, form_id: str) -> Right | None:
        """The right on a form."""
        return self.forms.get(form_id)

    def on(self, shop: Shop, form_id: str, rows: str = "always", without: tuple[str, ...] = (), **rules: str) -> Rights:
        """These rights and one on a form: rows by a rule, all fields but some, some by rules of their own."""
        form = shop.catalog.forms[form_id]
        names = set(form.fields) | {f"{lines.id}.{inner}" for lines in form.fields.values() for inner in lines.fields}
        right = Right(
            form_id,
            shop.when(form_id, rows, access=True),
            frozenset(names - set(without)),
            self.person,
            {name: shop.when(form_id, rule, access=True) for name, rule in rules.items()},
        )
        return Rights(self.person, f"{self.name}+{form_id}:{rows}:{without}:{rules}", {**self.forms, form_id: right})


def open_shop(address: DatabaseAddress, files: Mapping[str, str] | None = None) -> Shop:
    """The company in a database: tables created, and the persons 1 and 2."""
    catalog = shop_catalog(files)
    shop = Shop(open_database(address, catalog), catalog)
    with shop.work() as uow:
        apply_plan(uow, plan_schema(uow.connection, catalog))
        insert_records(uow, "people.person", [{"name": "One", "login": "one"}, {"name": "Two", "login": "two"}])
    return shop


__all__ = ["NOW", "Rights", "Shop", "all_of", "moment", "open_shop", "shop_catalog"]
