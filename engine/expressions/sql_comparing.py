"""How are two values made comparable in SQL, without leaving what indexes can serve and 64 bits can hold?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.expressions.nodes import Node
from engine.expressions.sql_fragments import MOST_INTEGER, Awkward, Fragment, Sql, twice
from engine.values import EXACT

if TYPE_CHECKING:
    from engine.expressions.sql_writer import Writer

Sides = tuple[Sql, Sql, Sql | None]
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


def sides(writer: Writer, left: Node, right: Node, operator: str) -> Sides:
    """Both sides of a comparison, and what must hold besides for them to be equal (None: nothing)."""
    one, other = writer.fragment(left), writer.fragment(right)
    if left.type.kind != "number" and right.type.kind != "number":
        return one.sql, other.sql, None
    if writer.dialect != "sqlite":
        return _integers(one, other).sql, _integers(other, one).sql, None
    if one.wide and not other.wide:
        one = _narrow(one)
    elif other.wide and not one.wide:
        other = _narrow(other)
    if one.wide or other.wide:
        raise Awkward(operator)
    if one.places != other.places:
        one, other = _levelled(writer, one, other), _levelled(writer, other, one)
    if one.places < other.places:
        coarse, also = _coarser(writer, other, one.places, operator)
        return one.sql, coarse, also
    if other.places < one.places:
        coarse, also = _coarser(writer, one, other.places, _FLIPPED[operator])
        return coarse, other.sql, also
    return one.sql, other.sql, None


def _integers(fragment: Fragment, beside: Fragment) -> Fragment:
    """A whole number that is written out beside an integer column is an integer too: so its index serves."""
    number = fragment.literal
    if number is None or not isinstance(beside.sql.type, sa.Integer) or number != int(number) or abs(number) > 2**62:
        return fragment
    return replace(fragment, sql=sa.literal(int(number), sa.BigInteger()))


def _narrow(fragment: Fragment) -> Fragment:
    if fragment.clamped is None:
        return fragment
    return replace(fragment, sql=fragment.clamped, most=MOST_INTEGER)


def _levelled(writer: Writer, fragment: Fragment, beside: Fragment) -> Fragment:
    """The number with as many decimals as the other, if 64 bits hold that."""
    try:
        return writer.scaled(fragment, beside.places) if fragment.places < beside.places else fragment
    except Awkward:
        return fragment


def _coarser(writer: Writer, finer: Fragment, places: int, operator: str) -> tuple[Sql, Sql | None]:
    """`finer` with fewer decimals, so that `x <operator> finer` stays what it is for every x with those decimals."""
    unit = 10 ** (finer.places - places)
    upwards = operator in ("<", ">=")
    if finer.literal is not None:
        raw = int(EXACT.scaleb(finer.literal, finer.places))
        found = -(-raw // unit) if upwards else raw // unit
        also = None if operator != "=" else sa.true() if raw % unit == 0 else sa.false()
        return sa.literal(found, sa.BigInteger()), also
    twice(finer.sql)
    size = sa.literal_column(str(unit), sa.BigInteger())
    over = ((finer.sql % size) + size) % size
    if operator == "=":
        return (finer.sql - over) // size, over == sa.literal_column("0")
    if not upwards:
        return (finer.sql - over) // size, None
    under = (size - over) % size
    return (finer.sql + under) // size, None
