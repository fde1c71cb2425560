"""What comparisons, conditions and choices are in SQL, for SQLite and PostgreSQL: the same answers as the Python.

Conditions come out two-valued; `plain_*` leave null for false, which is what WHERE and CASE need and indexes like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import func

from engine.expressions.nodes import Node
from engine.expressions.sql_comparing import sides
from engine.expressions.sql_fragments import Awkward, Fragment, NotInSql, Sql, is_simple
from engine.expressions.sql_numbers import aligned
from engine.expressions.types import BOOLEAN, LISTS, TEXTS

if TYPE_CHECKING:
    from engine.expressions.sql_writer import Writer

__all__ = ["Fragment", "NotInSql"]


# --- comparisons ------------------------------------------------------------------------------------------------


def _total(condition: Sql) -> Fragment:
    return Fragment(func.coalesce(condition, sa.false(), type_=sa.Boolean()))


def plain_equal(writer: Writer, node: Node) -> Sql | None:
    """`a = b` where one side is known not to be null; else None."""
    if "boolean" in (arg.type.kind for arg in node.args):
        return _plain_truth(writer, node)
    if not any(_never_null(writer, arg) for arg in node.args):
        return None
    left, right, also = sides(writer, node.args[0], node.args[1], "=")
    return left == right if also is None else sa.and_(left == right, also)


def _plain_truth(writer: Writer, node: Node) -> Sql | None:
    """`open = TRUE` is `open`, `open = FALSE` is `not open`; an empty condition is false."""
    for literal, other in (node.args, reversed(node.args)):
        if literal.op == "literal":
            return writer.filter(other) if literal.value else sa.not_(writer.condition(other))
    return None


def _never_null(writer: Writer, node: Node) -> bool:
    if node.op == "me":
        return not node.value and writer.scope.has_reader()
    return node.op in ("given", "today", "now") or (node.op == "literal" and node.value is not None)


def equal(writer: Writer, node: Node) -> Fragment:
    plain = plain_equal(writer, node)
    if plain is not None:
        return _total(plain)
    left, right = node.args
    if "boolean" in (left.type.kind, right.type.kind):
        return Fragment(writer.condition(left) == writer.condition(right))
    for one, other in ((left, right), (right, left)):
        if one.op == "literal" and one.value is None:
            return is_empty(writer, Node("ISEMPTY", BOOLEAN, (other,)))
    left_sql, right_sql, also = sides(writer, left, right, "=")
    if also is None:
        return Fragment(left_sql.is_not_distinct_from(right_sql))
    same = func.coalesce(sa.and_(left_sql == right_sql, also), sa.false(), type_=sa.Boolean())
    return Fragment(sa.or_(same, sa.and_(left_sql.is_(None), right_sql.is_(None))))


def differs(writer: Writer, node: Node) -> Fragment:
    return Fragment(sa.not_(equal(writer, node).sql))


def plain_compare(writer: Writer, node: Node) -> Sql:
    """`a < b`, null when one of them is."""
    left, right, _ = sides(writer, node.args[0], node.args[1], node.op)
    if node.args[0].type.kind in TEXTS:
        left = writer.ordered(left)
    comparisons = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
    return comparisons[node.op]


def compare(writer: Writer, node: Node) -> Fragment:
    return _total(plain_compare(writer, node))


def plain_within(writer: Writer, node: Node) -> Sql:
    """`a IN (…)` for the options that are literals, OR the others one by one."""
    value, *options = node.args
    literals = [option for option in options if option.op == "literal" and option.value is not None]
    if value.type.kind == "boolean":
        literals = []
    others = [Node("=", BOOLEAN, (value, option)) for option in options if option not in literals]
    if len(others) + bool(literals) > 1 and others and not _once(writer, value):
        if writer.dialect == "sqlite":
            raise Awkward(node.op)
        return writer.once(value, lambda kept: plain_within(writer, Node("IN", BOOLEAN, (kept, *options))))
    conditions = [writer.filter(each) for each in others]
    if literals:
        (left, *rights), _, _ = aligned(writer, (value, *literals))
        conditions.append(left.in_(rights))
    return sa.or_(sa.false(), *conditions) if len(conditions) != 1 else conditions[0]


def _once(writer: Writer, node: Node) -> bool:
    """Whether the value may be written several times."""
    return node.op == "kept" or is_simple(writer.fragment(node).sql) or _size(node) <= _REPEATED


_REPEATED = 12


def _size(node: Node) -> int:
    weight = _REPEATED if node.op == "aggregate" or node.op == "field" and len(node.value or ()) > 1 else 1  # type: ignore[arg-type]
    return weight + sum(_size(arg) for arg in node.args)


def within(writer: Writer, node: Node) -> Fragment:
    return _total(plain_within(writer, node))


# --- logic ------------------------------------------------------------------------------------------------------


def every(writer: Writer, node: Node) -> Fragment:
    return Fragment(sa.and_(sa.true(), *(writer.condition(arg) for arg in node.args)))


def some(writer: Writer, node: Node) -> Fragment:
    return Fragment(sa.or_(sa.false(), *(writer.condition(arg) for arg in node.args)))


def negation(writer: Writer, node: Node) -> Fragment:
    return Fragment(sa.not_(writer.condition(node.args[0])))


def either(writer: Writer, node: Node) -> Fragment:
    left, right = (writer.condition(arg) for arg in node.args)
    return Fragment(left != right)


def choose(writer: Writer, node: Node) -> Fragment:
    """IF and IFS: (condition, value …[, otherwise])."""
    tests = [writer.filter(test) for test in node.args[: len(node.args) // 2 * 2 : 2]]
    return _case(writer, tests, node.args[1::2], node.args[-1] if len(node.args) % 2 else None)


def switch(writer: Writer, node: Node) -> Fragment:
    """CASE x WHEN … where every key is written out, else key by key."""
    value, *rest = node.args
    keys, values = rest[: len(rest) // 2 * 2 : 2], tuple(rest[1::2])
    otherwise = rest[-1] if len(rest) % 2 else None
    plain = value.type.kind != "boolean" and all(key.op == "literal" and key.value is not None for key in keys)
    if plain and keys:
        (subject, *tests), _, _ = aligned(writer, (value, *keys))
        return _case(writer, tests, values, otherwise, subject)
    if len(keys) > 1 and not _once(writer, value):
        if writer.dialect == "sqlite":
            raise Awkward(node.op)
        return Fragment(writer.once(value, lambda kept: switch(writer, Node("SWITCH", node.type, (kept, *rest))).sql))
    tests = [writer.filter(Node("=", BOOLEAN, (value, key))) for key in keys]
    return _case(writer, tests, values, otherwise)


def _case(
    writer: Writer, tests: list[Sql], values: tuple[Node, ...], otherwise: Node | None, subject: Sql | None = None
) -> Fragment:
    found, places, most = aligned(writer, (*values, *((otherwise,) if otherwise else ())))
    last = found[len(tests)] if otherwise else sa.null()
    if not tests:
        return Fragment(last, places, most=most)
    pairs = list(zip(tests, found[: len(tests)], strict=True))
    cases = sa.case(*pairs, else_=last) if subject is None else sa.case(*pairs, value=subject, else_=last)
    return Fragment(cases, places, most=most)


def coalesce(writer: Writer, node: Node) -> Fragment:
    values, places, most = aligned(writer, node.args)
    if len(values) == 1:
        return Fragment(values[0], places, most=most)
    return Fragment(func.coalesce(*values, type_=writer.type_of(node)), places, most=most)


def is_empty(writer: Writer, node: Node) -> Fragment:
    inner = node.args[0]
    if inner.type.kind in LISTS:
        return Fragment(sa.not_(sa.exists(writer.held(inner))))
    if inner.type.kind == "boolean":
        return Fragment(sa.false())
    return Fragment(writer.fragment(inner).sql.is_(None))


# --- fields with several values -----------------------------------------------------------------------------------


def has(writer: Writer, node: Node) -> Fragment:
    """HAS, HASANY, HASALL; what is wanted may be such a field itself."""
    holder, *wanted = node.args
    found = [_holds(writer, holder, each, node.op) for each in wanted]
    return Fragment(sa.and_(*found) if node.op == "HASALL" else sa.or_(*found))


def _holds(writer: Writer, holder: Node, wanted: Node, name: str) -> Sql:
    held = writer.held(holder)
    if wanted.type.kind not in LISTS:
        if wanted.type.kind == "null" or (wanted.op == "literal" and wanted.value is None):
            return sa.false() if name == "HAS" else _of_nothing(name)
        one = writer.fragment(wanted).sql
        found: Sql = func.coalesce(one.in_(held), sa.false(), type_=sa.Boolean())
        return found if name != "HASALL" or _never_null(writer, wanted) else sa.or_(one.is_(None), found)
    other = writer.held(wanted).subquery()
    column = other.c[0]
    if name == "HASALL":
        return sa.not_(sa.exists(sa.select(column).where(column.not_in(held)).correlate_except(other)))
    return sa.exists(sa.select(column).where(column.in_(held)).correlate_except(other))


def _of_nothing(name: str) -> Sql:
    return sa.true() if name == "HASALL" else sa.false()


def count_of(writer: Writer, node: Node) -> Fragment:
    held = writer.held(node.args[0]).subquery()
    return writer.as_number(sa.select(func.count()).select_from(held).scalar_subquery(), most=10**7)
