"""What the text operations are in SQL: code points, empty text is null, ASCII letters only change case.

Each argument is written once wherever that is possible, so that nested calls do not grow.
"""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import func

from engine.expressions.nodes import Node
from engine.expressions.sql_fragments import Fragment, NotInSql, Sql, twice
from engine.expressions.sql_numbers import number
from engine.expressions.texts import DATE_PARTS, NUMBER_FORMAT, SPACES
from engine.expressions.types import TEXTS

if TYPE_CHECKING:
    from engine.expressions.sql_writer import Writer

TEXT = sa.Text()
MOST_POSITION = 10**9
_DATE_WORDS = {"YYYY": "YYYY", "MM": "MM", "DD": "DD", "HH": "HH24", "mm": "MI", "ss": "SS"}
_NUMBER = r"^[+-]?[0-9]{1,18}(?:\.[0-9]{1,12})?$"


def _filled(sql: Sql) -> Fragment:
    """Empty text is null."""
    return Fragment(func.nullif(sql, sa.literal("", TEXT), type_=TEXT))


def _postgresql_only(writer: Writer, node: Node) -> None:
    if writer.dialect == "sqlite":
        raise NotInSql(node.op)


def _or_empty(sql: Sql) -> Sql:
    return func.coalesce(sql, sa.literal("", TEXT), type_=TEXT)


def concat(writer: Writer, node: Node) -> Fragment:
    joined: Sql = sa.literal("", TEXT)
    for at, arg in enumerate(node.args):
        part = _or_empty(writer.fragment(arg).sql)
        joined = joined.concat(part) if at else part
    return _filled(joined)


def length(writer: Writer, node: Node) -> Fragment:
    inner = writer.fragment(node.args[0]).sql
    found = func.coalesce(func.length(inner, type_=sa.BigInteger()), sa.literal(0, sa.BigInteger()))
    return writer.as_number(found, most=10**9)


def left(writer: Writer, node: Node) -> Fragment:
    text, count = writer.fragment(node.args[0]).sql, _position(writer, node.args[1])
    if writer.dialect == "sqlite":
        return _filled(func.substr(text, 1, count, type_=TEXT))
    return _filled(func.left(text, count, type_=TEXT))


def right(writer: Writer, node: Node) -> Fragment:
    _postgresql_only(writer, node)
    return _filled(func.right(writer.fragment(node.args[0]).sql, _position(writer, node.args[1]), type_=TEXT))


def middle(writer: Writer, node: Node) -> Fragment:
    text, start, count = node.args
    positions = _position(writer, start), _position(writer, count)
    return _filled(func.substr(writer.fragment(text).sql, *positions, type_=TEXT))


def _position(writer: Writer, node: Node, least: int = 1) -> Sql:
    """The whole part of a number as a position or count; null below `least`."""
    below = sa.literal(least - 1, sa.Integer())
    if writer.dialect == "sqlite":
        bounded = writer.bounded(node, MOST_POSITION)
        return func.nullif(func.max(bounded, below), below, type_=sa.Integer())
    return func.nullif(func.greatest(writer.bounded(node, MOST_POSITION), below), below, type_=sa.Integer())


def replace(writer: Writer, node: Node) -> Fragment:
    _postgresql_only(writer, node)
    text, start, count, new = node.args
    texts = writer.fragment(text).sql, _or_empty(writer.fragment(new).sql)
    return _filled(func.pg_catalog.overlay(*texts, _position(writer, start), _position(writer, count, 0), type_=TEXT))


def substitute(writer: Writer, node: Node) -> Fragment:
    text, old, new = (writer.fragment(arg).sql for arg in node.args)
    return _filled(func.replace(text, _or_empty(old), _or_empty(new), type_=TEXT))


def upper(writer: Writer, node: Node) -> Fragment:
    return _cased(writer, node, "upper", ascii_lowercase, ascii_uppercase)


def lower(writer: Writer, node: Node) -> Fragment:
    return _cased(writer, node, "lower", ascii_uppercase, ascii_lowercase)


def _cased(writer: Writer, node: Node, function: str, old: str, new: str) -> Fragment:
    inner = writer.fragment(node.args[0]).sql
    if writer.dialect == "sqlite":
        return Fragment(getattr(func, function)(inner, type_=TEXT))
    return Fragment(func.translate(inner, sa.literal(old, TEXT), sa.literal(new, TEXT), type_=TEXT))


def trim(writer: Writer, node: Node) -> Fragment:
    return _filled(_trimmed(writer, node.args[0]))


def _trimmed(writer: Writer, node: Node) -> Sql:
    name = "trim" if writer.dialect == "sqlite" else "btrim"
    return getattr(func, name)(writer.fragment(node).sql, sa.literal(SPACES, TEXT), type_=TEXT)  # type: ignore[no-any-return]


def find(writer: Writer, node: Node) -> Fragment:
    needle, hay = node.args
    return writer.as_number(_found_at(writer, hay, needle), most=10**9)


def _found_at(writer: Writer, hay: Node, needle: Node) -> Sql:
    name = "instr" if writer.dialect == "sqlite" else "strpos"
    found = getattr(func, name)(writer.fragment(hay).sql, writer.fragment(needle).sql, type_=sa.BigInteger())
    return func.coalesce(found, sa.literal(0, sa.BigInteger()))


def contains(writer: Writer, node: Node) -> Fragment:
    return Fragment(_found_at(writer, *node.args) > sa.literal(0, sa.BigInteger()))


def starts_with(writer: Writer, node: Node) -> Fragment:
    hay, start = (writer.fragment(arg).sql for arg in node.args)
    if writer.dialect != "sqlite":
        return Fragment(func.coalesce(func.starts_with(hay, start, type_=sa.Boolean()), sa.false()))
    twice(start)
    return Fragment(func.coalesce(func.substr(hay, 1, func.length(start), type_=TEXT) == start, sa.false()))


def ends_with(writer: Writer, node: Node) -> Fragment:
    hay, end = (writer.fragment(arg).sql for arg in node.args)
    if writer.dialect != "sqlite":
        turned = func.starts_with(func.reverse(hay), func.reverse(end), type_=sa.Boolean())
        return Fragment(func.coalesce(turned, sa.false()))
    twice(end)
    return Fragment(func.coalesce(func.substr(hay, -func.length(end), type_=TEXT) == end, sa.false()))


def repeat(writer: Writer, node: Node) -> Fragment:
    _postgresql_only(writer, node)
    count = sa.literal(int(str(node.args[1].value)), sa.Integer())
    return _filled(func.repeat(writer.fragment(node.args[0]).sql, count, type_=TEXT))


def pad_left(writer: Writer, node: Node) -> Fragment:
    _postgresql_only(writer, node)
    text, size, char = node.args
    width = sa.literal(int(str(size.value)), sa.Integer())
    return Fragment(func.fx.pad_left(writer.fragment(text).sql, width, writer.fragment(char).sql, type_=TEXT))


def mask(writer: Writer, node: Node) -> Fragment:
    _postgresql_only(writer, node)
    text, first, last = node.args
    kept = [writer.bounded(each, MOST_POSITION) for each in (first, last)]
    return Fragment(func.fx.mask(writer.fragment(text).sql, *kept, type_=TEXT))


def split_part(writer: Writer, node: Node) -> Fragment:
    _postgresql_only(writer, node)
    text, separator = (writer.fragment(each).sql for each in node.args[:2])
    return _filled(func.split_part(text, separator, _position(writer, node.args[2]), type_=TEXT))


def to_number(writer: Writer, node: Node) -> Fragment:
    _postgresql_only(writer, node)
    digits = func.substring(sa.collate(_trimmed(writer, node.args[0]), "C"), sa.literal(_NUMBER, TEXT), type_=TEXT)
    return Fragment(sa.cast(digits, sa.Numeric()), 12)


# --- TEXT -----------------------------------------------------------------------------------------------------------


def text(writer: Writer, node: Node) -> Fragment:
    value = node.args[0]
    shape = str(node.args[1].value) if len(node.args) > 1 else None
    kind = value.type.kind
    if kind == "boolean":
        return Fragment(sa.case((writer.filter(value), sa.literal("是")), else_=sa.literal("否")))
    if kind in TEXTS:
        return writer.fragment(value)
    if kind == "number":
        return Fragment(_number_text(writer, value, shape))
    if kind == "date" and shape is None and writer.dialect == "sqlite":
        return writer.fragment(value)
    if kind not in ("date", "datetime") or writer.dialect == "sqlite":
        raise NotInSql("TEXT")
    day = writer.fragment(value).sql
    if kind == "datetime":
        day = func.timezone(sa.literal(writer.scope.zone, TEXT), day)
    default = "YYYY-MM-DD HH:mm:ss" if kind == "datetime" else "YYYY-MM-DD"
    return Fragment(func.to_char(day, sa.literal(_day_format(shape or default), TEXT), type_=TEXT))


def _day_format(shape: str) -> str:
    return "".join(_DATE_WORDS.get(part, f'"{part}"') for part in DATE_PARTS.findall(shape))


def _number_text(writer: Writer, node: Node, shape: str | None) -> Sql:
    value = writer.exact(node)
    if writer.dialect == "sqlite":
        if value.places or shape:
            raise NotInSql("TEXT")
        return sa.cast(value.sql, TEXT)
    match = NUMBER_FORMAT.fullmatch(shape) if shape else None
    if match is None:
        return sa.cast(func.trim_scale(value.sql), TEXT)
    places = max(0, len(match[2] or "") - 1)
    shown = value.sql * number(100) if match[3] else value.sql
    rounded: Sql = sa.cast(func.round(shown, sa.literal(places, sa.Integer()), type_=sa.Numeric()), TEXT)
    if match[1]:
        grouped = r"([0-9])(?=([0-9]{3})+" + (r"\.)" if places else "$)")
        rounded = func.regexp_replace(rounded, sa.literal(grouped), sa.literal(r"\1,"), sa.literal("g"), type_=TEXT)
    return rounded.concat(sa.literal("%", TEXT)) if match[3] else rounded
