"""The yardstick: what a careful programmer writes by hand with Flask and SQLAlchemy Core for the same tables.

It checks the same token, uses the same indexes and answers the same facts; it keeps no history, gives no number, asks
no access rule and knows no definition. Money is decimal, sums are exact, one statement where one is enough.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import Flask, abort, g, jsonify, request
from sqlalchemy.types import TypeDecorator

PAGE = 20


class Cents(TypeDecorator[Decimal]):
    """Exact amounts: numeric on PostgreSQL, whole cents on SQLite."""

    impl = sa.Numeric(20, 2)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(sa.BigInteger() if dialect.name == "sqlite" else sa.Numeric(20, 2))

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> Any:
        return int(value * 100) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        return Decimal(value).scaleb(-2) if value is not None and dialect.name == "sqlite" else value


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: timestamptz on PostgreSQL, text that sorts on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value is not None and dialect.name == "sqlite" else value


def stamped(name: str, *columns: sa.Column[Any]) -> sa.Table:
    """A table of records with the columns every one has."""
    return sa.Table(
        name,
        sa.MetaData(),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("version", sa.Integer),
        sa.Column("created_at", Instant),
        sa.Column("updated_at", Instant),
        sa.Column("deleted_at", Instant),
        *columns,
    )


PERSON = stamped("people_person", sa.Column("name", sa.Text), sa.Column("active", sa.Boolean))
CUSTOMER = stamped(
    "bench_customer", sa.Column("name", sa.Text), sa.Column("city", sa.Text), sa.Column("level", sa.Text)
)
CONTRACT = stamped(
    "bench_contract",
    sa.Column("name", sa.Text),
    sa.Column("customer", sa.BigInteger),
    sa.Column("amount", Cents),
    sa.Column("signed", sa.Date),
)
SERVICE = stamped(
    "bench_service_record",
    sa.Column("number", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("amount", Cents),
    sa.Column("happened", sa.Date),
    sa.Column("agent", sa.BigInteger),
    sa.Column("customer", sa.BigInteger),
)
ORDER = stamped(
    "bench_sales_order",
    sa.Column("number", sa.Text),
    sa.Column("customer", sa.BigInteger),
    sa.Column("ordered", sa.Date),
    sa.Column("total", Cents),
)
LINE = sa.Table(
    "bench_sales_order_lines",
    sa.MetaData(),
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
    sa.Column("_record", sa.BigInteger),
    sa.Column("_position", sa.Integer),
    sa.Column("item", sa.Text),
    sa.Column("quantity", Cents),
    sa.Column("price", Cents),
    sa.Column("amount", Cents),
)
TOKEN = sa.Table("sys_token", sa.MetaData(), sa.Column("token_hash", sa.Text), sa.Column("person", sa.BigInteger))


def create_baseline(engine: sa.Engine) -> Flask:
    """The application over a database that the engine under test has made."""
    app = Flask(__name__)
    app.before_request(partial(check_token, engine))
    routes: dict[tuple[str, str], Callable[..., Any]] = {
        ("GET", "/service_records"): list_services,
        ("POST", "/service_records"): create_service,
        ("PATCH", "/service_records/<int:record_id>"): update_service,
        ("GET", "/sums"): sum_by_status,
        ("GET", "/search"): search,
        ("GET", "/customers/<int:record_id>"): one_customer,
        ("POST", "/orders"): create_order,
    }
    for (method, rule), view in routes.items():
        app.add_url_rule(rule, view.__name__, partial(view, engine), methods=[method])
    return app


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that starts as a writer on SQLite."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        connection.commit()


def check_token(engine: sa.Engine) -> None:
    secret = request.headers.get("Authorization", "").removeprefix("Bearer ")
    wanted = hashlib.sha256(secret.encode()).hexdigest()
    asked = (
        sa.select(PERSON.c.id)
        .join(TOKEN, TOKEN.c.person == PERSON.c.id)
        .where(TOKEN.c.token_hash == wanted, PERSON.c.active)
    )
    with engine.connect() as connection:
        g.person = connection.scalar(asked)
    if g.person is None:
        abort(401)


SERVICE_ROWS = (
    sa.select(SERVICE, CUSTOMER.c.name.label("customer_name"), PERSON.c.name.label("agent_name"))
    .outerjoin(CUSTOMER, SERVICE.c.customer == CUSTOMER.c.id)
    .outerjoin(PERSON, SERVICE.c.agent == PERSON.c.id)
)


def service_row(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "version": row.version,
        "number": row.number,
        "subject": row.subject,
        "status": row.status,
        "amount": str(row.amount),
        "happened": row.happened.isoformat(),
        "agent": {"id": row.agent, "title": row.agent_name},
        "customer": {"id": row.customer, "title": row.customer_name},
    }


def list_services(engine: sa.Engine) -> Any:
    wanted = sa.and_(
        SERVICE.c.deleted_at.is_(None),
        SERVICE.c.status == request.args["status"],
        SERVICE.c.agent == int(request.args["agent"]),
    )
    rows = SERVICE_ROWS.where(wanted).order_by(SERVICE.c.happened.desc(), SERVICE.c.id.desc()).limit(PAGE)
    with engine.connect() as connection:
        found = [service_row(row) for row in connection.execute(rows)]
        total = connection.scalar(sa.select(sa.func.count()).select_from(SERVICE).where(wanted))
    return jsonify(rows=found, total=total)


def one_customer(engine: sa.Engine, record_id: int) -> Any:
    contracts = sa.select(CONTRACT).where(CONTRACT.c.customer == record_id, CONTRACT.c.deleted_at.is_(None))
    with engine.connect() as connection:
        row = connection.execute(sa.select(CUSTOMER).where(CUSTOMER.c.id == record_id)).one_or_none()
        if row is None:
            abort(404)
        found = connection.execute(contracts.order_by(CONTRACT.c.signed.desc(), CONTRACT.c.id.desc()).limit(PAGE)).all()
    listed = [
        {"id": each.id, "name": each.name, "amount": str(each.amount), "signed": each.signed.isoformat()}
        for each in found
    ]
    return jsonify(id=row.id, version=row.version, name=row.name, city=row.city, level=row.level, contracts=listed)


def create_service(engine: sa.Engine) -> Any:
    body = request.get_json()
    values = {
        "subject": body["subject"],
        "status": body["status"],
        "amount": Decimal(body["amount"]),
        "customer": body["customer"],
        "happened": date.fromisoformat(body["happened"]),
        "agent": body["agent"],
        "version": 1,
        "created_at": now(),
        "updated_at": now(),
    }
    with writing(engine) as connection:
        created = connection.execute(sa.insert(SERVICE).values(values).returning(SERVICE.c.id)).scalar_one()
    return jsonify(id=created), 201


def update_service(engine: sa.Engine, record_id: int) -> Any:
    body = request.get_json()
    change = (
        sa.update(SERVICE)
        .where(SERVICE.c.id == record_id, SERVICE.c.version == body["version"])
        .values(amount=Decimal(body["amount"]), version=SERVICE.c.version + 1, updated_at=now())
    )
    with writing(engine) as connection:
        changed = connection.execute(change).rowcount
    return (jsonify(id=record_id, version=body["version"] + 1), 200) if changed else abort(409)


def create_order(engine: sa.Engine) -> Any:
    body = request.get_json()
    lines = [
        {
            "item": line["item"],
            "quantity": Decimal(line["quantity"]),
            "price": Decimal(line["price"]),
            "_position": place,
        }
        for place, line in enumerate(body["lines"])
    ]
    for line in lines:
        line["amount"] = round(line["quantity"] * line["price"], 2)
    order = {
        "customer": body["customer"],
        "ordered": date.today(),
        "total": sum(line["amount"] for line in lines),
        "version": 1,
        "created_at": now(),
        "updated_at": now(),
    }
    with writing(engine) as connection:
        created = connection.execute(sa.insert(ORDER).values(order).returning(ORDER.c.id)).scalar_one()
        connection.execute(sa.insert(LINE), [{**line, "_record": created} for line in lines])
    return jsonify(id=created, total=str(order["total"])), 201


def sum_by_status(engine: sa.Engine) -> Any:
    asked = (
        sa.select(SERVICE.c.status, sa.func.count().label("count"), sa.func.sum(SERVICE.c.amount).label("amount"))
        .where(SERVICE.c.deleted_at.is_(None))
        .group_by(SERVICE.c.status)
    )
    with engine.connect() as connection:
        groups = [
            {"value": row.status, "count": row.count, "amount": str(row.amount)} for row in connection.execute(asked)
        ]
    return jsonify(groups=groups)


def search(engine: sa.Engine) -> Any:
    found = MATCHES[engine.dialect.name].bindparams(words=request.args["q"])
    rows = SERVICE_ROWS.where(SERVICE.c.deleted_at.is_(None), found)
    with engine.connect() as connection:
        ordered = rows.order_by(SERVICE.c.happened.desc(), SERVICE.c.id.desc()).limit(PAGE)
        return jsonify(rows=[service_row(row) for row in connection.execute(ordered)])


# The full-text indexes that the tables have anyway.
MATCHES = {
    "sqlite": sa.text(
        "bench_service_record.id IN (SELECT rowid FROM bench_service_record_words "
        "WHERE bench_service_record_words MATCH :words)"
    ),
    "postgresql": sa.text("bench_service_record.search_text @@ plainto_tsquery('simple', :words)"),
}


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
