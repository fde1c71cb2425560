"""How does a tree become SQL? Leaves from the SqlScope, operations from their table, rows as correlated sub-selects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func

from engine.expressions import sql_rows
from engine.expressions.nodes import Node, Path, SqlScope
from engine.expressions.operations import OPERATIONS
from engine.expressions.sql_evaluated import evaluated
from engine.expressions.sql_fragments import (
    FIELD_MOST,
    MOST_INTEGER,
    Awkward,
    Fragment,
    NotInSql,
    Sql,
    twice,
)
from engine.expressions.sql_operations import plain_compare, plain_equal, plain_within
from engine.expressions.types import WHOLE, places_of
from engine.values import EXACT

NULL: Sql = sa.literal_column("NULL")  # not sa.null(), which turns `= NULL` into IS NULL
Given = Callable[[Node], Sql]
"""Makes the bound parameter of a "given" node (lifting.py)."""


class Writer:
    """Writes the nodes of one expression for one scope.

    With `native` an operation that SQLite has no SQL for raises NotInSql, instead of going to the registered function.
    """

    most_integer = MOST_INTEGER

    def __init__(self, scope: SqlScope, given: Given | None = None, *, native: bool = False) -> None:
        self.scope = scope
        self.given = given
        self.native = native
        self.dialect = scope.dialect

    def filter(self, node: Node) -> Sql:
        """The condition where null counts as false (WHERE, CASE WHEN): plain, so that indexes serve it."""
        if node.op == "literal":
            return sa.true() if node.value else sa.false()
        if node.op == "AND":
            return sa.and_(sa.true(), *(self.filter(arg) for arg in node.args))
        if node.op == "OR":
            return sa.or_(sa.false(), *(self.filter(arg) for arg in node.args))
        if node.op == "field":
            return self._field(node).sql
        plain = self._plain(node)
        return self.condition(node) if plain is None else plain

    def _plain(self, node: Node) -> Sql | None:
        """The comparison with null for false; None when it is none, or has no SQL of its own."""
        try:
            if node.op in ("<", "<=", ">", ">="):
                return plain_compare(self, node)
            if node.op == "IN":
                return plain_within(self, node)
            return plain_equal(self, node) if node.op == "=" else None
        except NotInSql:
            return None

    def condition(self, node: Node) -> Sql:
        """The condition, true or false everywhere."""
        if node.op == "literal":
            return self.filter(node)
        found = self.fragment(node).sql
        if node.op in ("field", "me", "asked", "settings", "IF", "IFS", "SWITCH", "COALESCE"):
            return func.coalesce(found, sa.false(), type_=sa.Boolean())
        return found

    def fragment(self, node: Node) -> Fragment:
        """The value of `node`."""
        leaves = {
            "literal": self._literal, "field": self._field, "me": self._me, "today": self._moment, "now": self._moment,
            "is_new": self._moment, "rule": self._rule, "given": self._given, "settings": self._setting,
            "asked": self._asked, "kept": self._kept,
        }  # fmt: skip
        if node.op in leaves:
            return leaves[node.op](node)
        if node.op == "aggregate":
            return sql_rows.aggregate(self, node)
        try:
            return self._operation(node)
        except Awkward:
            if self.dialect != "sqlite":
                raise
        except NotInSql:
            if self.dialect != "sqlite" or self.native:
                raise
        return evaluated(self, node)

    def _operation(self, node: Node) -> Fragment:
        operation = OPERATIONS.get(node.op)
        if operation is None or operation.sql is None:
            raise NotInSql(node.op)
        found = operation.sql(self, node)
        if found.wide and self.dialect == "sqlite":
            raise Awkward(node.op)
        return found

    def inside(self, scope: SqlScope) -> Writer:
        """A writer for the rows of a row source."""
        return Writer(scope, self.given, native=self.native)

    # --- leaves -----------------------------------------------------------------------------------------------

    def _literal(self, node: Node) -> Fragment:
        value = node.value
        if isinstance(value, bool):
            return Fragment(sa.true() if value else sa.false())
        if isinstance(value, Decimal):
            places = max(0, -int(value.as_tuple().exponent))
            return self._number(value, places)
        if value is None:
            return Fragment(self.null_of(node))
        return Fragment(self.bind(value))

    def null_of(self, node: Node) -> Sql:
        """NULL; on PostgreSQL of the type that its surroundings need to choose a function."""
        type_ = self.type_of(node)
        return NULL if self.dialect == "sqlite" or isinstance(type_, sa.types.NullType) else sa.cast(NULL, type_)

    def type_of(self, node: Node) -> sa.types.TypeEngine[Any]:
        """What the raw value of `node` is to the database."""
        if self.dialect == "sqlite":
            kinds: dict[str, sa.types.TypeEngine[Any]] = {"number": sa.BigInteger(), "boolean": sa.Boolean()}
            return kinds.get(node.type.kind, sa.Text())
        types: dict[str, sa.types.TypeEngine[Any]] = {
            "number": sa.Numeric(), "boolean": sa.Boolean(), "date": sa.Date(), "time": sa.Time(),
            "datetime": sa.DateTime(timezone=True), "duration": sa.BigInteger(), "null": sa.types.NullType(),
            "link": sa.BigInteger(), "person": sa.BigInteger(), "department": sa.BigInteger(), "file": sa.BigInteger(),
        }  # fmt: skip
        return types.get(node.type.kind, sa.Text())

    def bind(self, value: object) -> Sql:
        """A bound parameter that is no number."""
        if isinstance(value, datetime):
            if self.dialect == "sqlite":
                return sa.literal(value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), sa.Text())
            return sa.literal(value, sa.DateTime(timezone=True))
        if isinstance(value, date):
            return (
                sa.literal(value.isoformat(), sa.Text()) if self.dialect == "sqlite" else sa.literal(value, sa.Date())
            )
        if isinstance(value, str):
            return sa.literal(value, sa.Text())
        if isinstance(value, int):
            return sa.literal(value, sa.BigInteger())
        raise NotInSql(type(value).__name__)

    def _number(self, value: Decimal, places: int) -> Fragment:
        if self.dialect != "sqlite":
            return Fragment(sa.literal(value, sa.Numeric()), places, value)
        raw = int(EXACT.scaleb(value, places))
        if abs(raw) > MOST_INTEGER:  # in the registered function's own form of a wide number
            return Fragment(sa.type_coerce(sa.literal(str(raw), sa.Text()), sa.BigInteger()), places, value, abs(raw))
        return Fragment(sa.literal(raw, sa.BigInteger()), places, value, abs(raw))

    def _field(self, node: Node) -> Fragment:
        column, places = self.scope.column(_path(node), node.depth)
        return self._raw(node, column, places)

    def _raw(self, node: Node, sql: Sql, places: int) -> Fragment:
        if node.type.kind != "number":
            return Fragment(sql)
        if self.dialect == "sqlite":
            return Fragment(sa.type_coerce(sql, sa.BigInteger()), places, most=FIELD_MOST)
        return Fragment(sa.type_coerce(sql, sa.Numeric()) if isinstance(sql.type, sa.types.NullType) else sql, places)

    def _me(self, node: Node) -> Fragment:
        return self._raw(node, self.scope.me(_path(node)), places_of(node.type))

    def _setting(self, node: Node) -> Fragment:
        return self._raw(node, *self.scope.setting(_path(node)))

    def _asked(self, node: Node) -> Fragment:
        return self._raw(node, *self.scope.asked(str(node.value), node.type))

    def _kept(self, node: Node) -> Fragment:
        column: Sql = node.value.c.value  # type: ignore[attr-defined]
        return self._raw(node, column, 0)

    def _moment(self, node: Node) -> Fragment:
        return Fragment(self.scope.moment(node.op))

    def _rule(self, node: Node) -> Fragment:
        return Fragment(func.coalesce(self.scope.rule(str(node.value)), sa.false(), type_=sa.Boolean()))

    def _given(self, node: Node) -> Fragment:
        if self.given is None:
            raise NotInSql(node.op)
        return Fragment(self.given(node), node.type.places or 0, most=10**12 if node.type.kind == "number" else 0)

    # --- what operations ask for --------------------------------------------------------------------------------

    def exact(self, node: Node) -> Fragment:
        """The value for native arithmetic: `numeric` on PostgreSQL; Awkward on SQLite beyond 64 bits."""
        if node.type.kind == "boolean":
            return Fragment(self.condition(node))
        found = self.fragment(node)
        if self.dialect == "sqlite":
            if found.wide:
                raise Awkward(node.op)
            return found
        if node.type.kind == "number" and not isinstance(found.sql.type, sa.Numeric):
            return replace(found, sql=sa.cast(found.sql, sa.Numeric()))
        return found

    def as_operand(self, node: Node) -> Fragment:
        """The value for an aggregate or a result: a condition is true or false, a number may be wide."""
        if node.type.kind == "boolean":
            return Fragment(self.condition(node))
        found = self.fragment(node)
        if self.dialect != "sqlite" and node.type.kind == "number" and not isinstance(found.sql.type, sa.Numeric):
            return replace(found, sql=sa.cast(found.sql, sa.Numeric()))
        return found

    def once(self, node: Node, build: Callable[[Node], Sql]) -> Sql:
        """What is built of a value that is written several times: a sub-select has it once."""
        held = sa.select(self.exact(node).sql.label("value")).correlate_except(None).subquery()
        built = build(Node("kept", node.type, value=held))
        return sa.type_coerce(sa.select(built).correlate_except(held).scalar_subquery(), built.type)

    def as_number(self, sql: Sql, most: int = 0) -> Fragment:
        """A whole number that the database computes as an integer."""
        if self.dialect == "sqlite":
            return Fragment(sa.type_coerce(sql, sa.BigInteger()), most=most)
        return Fragment(sql if isinstance(sql.type, sa.Numeric) else sa.cast(sql, sa.Numeric()))

    def scaled(self, fragment: Fragment, places: int) -> Fragment:
        """The number with `places` decimals; on PostgreSQL numbers are what they are."""
        if self.dialect != "sqlite" or fragment.places == places:
            return fragment
        if fragment.literal is not None:
            found = self._number(fragment.literal, places)
        else:
            unit = 10 ** (places - fragment.places)
            found = Fragment(fragment.sql * sa.literal(unit, sa.BigInteger()), places, most=fragment.most * unit)
        if found.wide:
            raise Awkward("*")
        return found

    def whole(self, node: Node) -> Fragment:
        """The whole part downwards of the number `node`."""
        inner = self.exact(node)
        if self.dialect != "sqlite":
            return Fragment(func.floor(inner.sql, type_=sa.Numeric()))
        if not inner.places:
            return inner
        twice(inner.sql)
        unit = sa.literal(10**inner.places, sa.BigInteger())
        over = (inner.sql % unit + unit) % unit
        return Fragment((inner.sql - over) // unit, most=inner.most // 10**inner.places + 1)

    def bounded(self, node: Node, limit: int) -> Sql:
        """The whole part downwards within ±limit, as an integer, so that no cast or date arithmetic can overflow."""
        if isinstance(node.value, Decimal) and node.op == "literal":
            floor = int(node.value.to_integral_value("ROUND_FLOOR"))
            return sa.literal(max(-limit, min(limit, floor)), sa.Integer())
        if self.dialect != "sqlite":
            return func.fx.whole(self.exact(node).sql, sa.literal(limit, sa.Integer()), type_=sa.Integer())
        low, high = sa.literal(-limit, sa.BigInteger()), sa.literal(limit, sa.BigInteger())
        try:
            return func.min(func.max(self.whole(node).sql, low), high, type_=sa.BigInteger())
        except Awkward:
            bounds = (Node("literal", WHOLE, value=Decimal(each)) for each in (-limit, limit))
            return evaluated(self, Node("CLAMP", WHOLE, (Node("INT", WHOLE, (node,)), *bounds))).sql

    def ordered(self, text: Sql) -> Sql:
        """A text that compares by code points."""
        return text if self.dialect == "sqlite" else sa.collate(text, "C")

    def day(self, iso: str) -> Sql:
        """A date as a bound parameter."""
        return self.bind(date.fromisoformat(iso))

    def held(self, node: Node) -> sa.Select[Any]:
        """The values that a field with several values holds, as a select."""
        if node.op == "literal" and not node.value:
            return sa.select(NULL.label("value")).where(sa.false())
        if node.op == "me":
            members = self.scope.mine(_path(node))
        elif node.op == "field":
            members = self.scope.members(_path(node), node.depth)
        else:
            raise NotInSql(node.op)
        return members.element if isinstance(members, sa.ScalarSelect) else members  # type: ignore[return-value]


def _path(node: Node) -> Path:
    return node.value if isinstance(node.value, tuple) else ()
