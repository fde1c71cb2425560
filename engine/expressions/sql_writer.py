"""How does a tree become SQL? Leaves from the SqlScope, operations from their table, rows as correlated sub-selects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, func

from engine.expressions import sql_rows
from engine.expressions.nodes import Node, SqlScope
from engine.expressions.operations import OPERATIONS
from engine.expressions.sql_operations import (
    Fragment,
    NotInSql,
    plain_compare,
    plain_equal,
    plain_within,
)
from engine.expressions.types import places_of

Sql = ColumnElement[Any]
MOST_INTEGER = 2**63 - 1
NULL: Sql = sa.literal_column("NULL")  # not sa.null(), which turns `= NULL` into IS NULL


Given = Callable[[Node], Sql]
"""Makes the bound parameter of a "given" node (lifting.py)."""


class Writer:
    """Writes the nodes of one expression for one scope."""

    def __init__(self, scope: SqlScope, given: Given | None = None) -> None:
        self.scope = scope
        self.given = given
        self.dialect = scope.dialect

    def filter(self, node: Node) -> Sql:
        """The condition where null counts as false (WHERE, CASE WHEN): plain, so that indexes serve it."""
        if node.op == "literal":
            return sa.true() if node.value else sa.false()
        if node.op == "AND":
            return sa.and_(sa.true(), *(self.filter(arg) for arg in node.args))
        if node.op == "OR":
            return sa.or_(sa.false(), *(self.filter(arg) for arg in node.args))
        if node.op in ("<", "<=", ">", ">="):
            return plain_compare(self, node)
        if node.op == "IN":
            return plain_within(self, node)
        if node.op == "=" and (plain := plain_equal(self, node)) is not None:
            return plain
        if node.op == "field":
            return self._field(node).sql
        return self.condition(node)

    def condition(self, node: Node) -> Sql:
        """The condition, true or false everywhere."""
        if node.op in ("literal", "rule"):
            return self.fragment(node).sql if node.op == "rule" else self.filter(node)
        found = self.fragment(node).sql
        if node.op in ("field", "me", "asked", "IF", "IFS", "SWITCH", "COALESCE"):
            return func.coalesce(found, sa.false())
        return found

    def fragment(self, node: Node) -> Fragment:
        """The value of `node`."""
        leaves = {
            "literal": self._literal, "field": self._field, "me": self._me, "today": self._moment, "now": self._moment,
            "rule": self._rule, "given": self._given,
        }  # fmt: skip
        if node.op in leaves:
            return leaves[node.op](node)
        if node.op == "aggregate":
            return sql_rows.aggregate(self, node)
        operation = OPERATIONS.get(node.op)
        if operation is None or operation.sql is None:
            raise NotInSql(node.op)
        return operation.sql(self, node)

    def inside(self, scope: SqlScope) -> Writer:
        """A writer for the rows of a row source."""
        return Writer(scope, self.given)

    # --- leaves -----------------------------------------------------------------------------------------------

    def _literal(self, node: Node) -> Fragment:
        value = node.value
        if isinstance(value, bool):
            return Fragment(sa.true() if value else sa.false())
        if isinstance(value, Decimal):
            places = max(0, -int(value.as_tuple().exponent))
            return Fragment(self._number(value, places), places, value)
        if value is None:
            return Fragment(self._null(node.type.kind))
        return Fragment(self.bind(value))

    def _null(self, kind: str) -> Sql:
        """NULL; on PostgreSQL of the type that its surroundings need to choose a function."""
        types: dict[str, sa.types.TypeEngine[Any]] = {
            "number": sa.Numeric(), "text": sa.Text(), "boolean": sa.Boolean(), "date": sa.Date(),
            "datetime": sa.DateTime(timezone=True),
        }  # fmt: skip
        return sa.cast(NULL, types[kind]) if self.dialect != "sqlite" and kind in types else NULL

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

    def _number(self, value: Decimal, places: int) -> Sql:
        if self.dialect != "sqlite":
            return sa.literal(value, sa.Numeric())
        raw = int(value.scaleb(places))
        if abs(raw) <= MOST_INTEGER:
            return sa.literal(raw, sa.BigInteger())
        # As approximate as SQLite's own arithmetic is from here on; float() of text knows infinity, of int it fails.
        return sa.literal(float(str(raw)), sa.Float())

    def _field(self, node: Node) -> Fragment:
        path = node.value if isinstance(node.value, tuple) else ()
        column, places = self.scope.column(path, node.depth)
        if node.type.kind == "number":
            raw = sa.BigInteger() if self.dialect == "sqlite" else sa.Numeric()
            return Fragment(sa.type_coerce(column, raw), places)
        return Fragment(column)

    def _me(self, node: Node) -> Fragment:
        path = node.value if isinstance(node.value, tuple) else ()
        return Fragment(self.scope.me(path), places_of(node.type))

    def _moment(self, node: Node) -> Fragment:
        return Fragment(self.scope.moment(node.op))

    def _rule(self, node: Node) -> Fragment:
        return Fragment(self.scope.rule(str(node.value)))

    def _given(self, node: Node) -> Fragment:
        if self.given is None:
            raise NotInSql(node.op)
        return Fragment(self.given(node), node.type.places or 0)

    # --- what operations ask for --------------------------------------------------------------------------------

    def scaled(self, fragment: Fragment, places: int) -> Sql:
        """The number with `places` decimals; on PostgreSQL numbers are what they are."""
        if self.dialect != "sqlite" or fragment.places == places:
            return fragment.sql
        if fragment.literal is not None:
            return self._number(fragment.literal, places)
        return fragment.sql * sa.literal(10 ** (places - fragment.places), sa.BigInteger())

    def whole(self, node: Node) -> Sql:
        """The whole part downwards of the number `node`."""
        if isinstance(node.value, Decimal) and node.op == "literal":
            return sa.literal(int(node.value.to_integral_value("ROUND_FLOOR")), sa.BigInteger())
        number = self.fragment(node)
        if self.dialect != "sqlite":
            return func.floor(number.sql, type_=sa.Numeric())
        if not number.places:
            return number.sql
        unit = sa.literal(10**number.places, sa.BigInteger())
        over = (number.sql % unit + unit) % unit
        return (number.sql - over) // unit

    def bounded(self, number: Sql, limit: int) -> Sql:
        """`number` within ±limit, so that no cast or date arithmetic can overflow."""
        low, high = sa.literal(-limit, sa.BigInteger()), sa.literal(limit, sa.BigInteger())
        if self.dialect == "sqlite":
            return func.min(func.max(number, low, type_=sa.BigInteger()), high, type_=sa.BigInteger())
        kept = func.least(func.greatest(number, low, type_=sa.Numeric()), high, type_=sa.Numeric())
        return sa.case((number.is_not(None), kept), else_=sa.null())  # least() passes over nulls

    def ordered(self, text: Sql) -> Sql:
        """A text that compares by code points."""
        return text if self.dialect == "sqlite" else sa.collate(text, "C")

    def day(self, iso: str) -> Sql:
        """A date as a bound parameter."""
        return self.bind(date.fromisoformat(iso))

    def held(self, node: Node) -> sa.Select[Any]:
        """The values that a field with several values holds, as a select."""
        if node.op != "field" or not isinstance(node.value, tuple):
            raise NotInSql(node.op)
        members = self.scope.members(node.value, node.depth)
        return members.element if isinstance(members, sa.ScalarSelect) else members  # type: ignore[return-value]
