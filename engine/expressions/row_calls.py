"""What do the aggregates ask of rows? `SUM(lines.amount)`, `SUM(lines[price > 0], price * 2)`, `COUNT(lines)`."""

from __future__ import annotations

from dataclasses import replace

from engine.expressions import names
from engine.expressions.checking import MOST_ROW_LEVELS, TRUE, Checking, hint, is_literal
from engine.expressions.names import RowsUse
from engine.expressions.nodes import Node, Type
from engine.expressions.operators import as_text, operation
from engine.expressions.syntax import Syntax
from engine.expressions.types import BOOLEAN, LISTS, NULL, ORDERED, QUOTIENT, TEXT, WHOLE, type_words

NUMERIC = frozenset({"SUM", "AVG", "MEDIAN"})
ORDERING = frozenset({"MIN", "MAX"})
NO_OPERAND = Node("literal", NULL)


def aggregate(checking: Checking, syntax: Syntax, name: str, rows: RowsUse) -> Node:
    """The node of an aggregate: args = rows, filter, operand and what the aggregate needs besides."""
    if checking.row_levels >= MOST_ROW_LEVELS:
        return checking.refuse(
            "FX032", syntax, what={"en": "aggregates within each other", "zh": "汇总嵌套层数"}, most=MOST_ROW_LEVELS
        )
    inner = checking.inside(rows.scope)
    if name == "SUMPRODUCT":
        return _sum_product(checking, inner, syntax, rows)
    filters = [inner.condition(part) for part in rows.filters]
    extra = list(syntax.parts[1:])
    if name == "LOOKUP":
        if len(extra) != 2:
            return _wrong(checking, syntax, name)
        filters.append(inner.condition(extra.pop(0)))
        name = "FIRST"
    operand = _operand(inner, syntax, name, rows, extra)
    if operand is None:
        return _wrong(checking, syntax, name)
    more = _more(checking, inner, syntax, name, extra)
    if more is None:
        return _wrong(checking, syntax, name)
    return _node(checking, syntax, name, (rows.source, _all(filters, syntax), operand, *more))


def _all(filters: list[Node], syntax: Syntax) -> Node:
    if not filters:
        return TRUE
    return filters[0] if len(filters) == 1 else operation("AND", tuple(filters), syntax)


def _operand(inner: Checking, syntax: Syntax, name: str, rows: RowsUse, extra: list[Syntax]) -> Node | None:
    """What is aggregated: the column behind the rows, else the next argument (taken off `extra`)."""
    column = names.resolve_column(inner, rows)
    if column is None and not extra:
        return NO_OPERAND if name == "COUNT" else None
    if name == "JOIN" and column is None:
        return as_text(inner, extra.pop(0), name)
    if column is not None:
        written = rows.column[0]
    else:
        written = extra.pop(0)
        column = inner.condition(written) if name in ("ANY", "ALL") else inner.check(written)
    if name == "JOIN" and column.type.kind in ("number", "date", "datetime", "boolean"):
        column = operation("TEXT", (column,), written)
    return _fitting(inner, written, name, column)


def _fitting(inner: Checking, written: Syntax, name: str, column: Node) -> Node:
    kind = column.type.kind
    wanted = ""
    if name in NUMERIC or name == "RANK":
        wanted = "" if kind in ("number", "null") else "number"
    elif name in ORDERING:
        wanted = "" if kind in ORDERED | {"choice", "stage"} else "number"
    elif name == "JOIN":
        wanted = "" if kind in ("text", "choice", "stage", "null") else "text"
    elif name in ("ANY", "ALL"):
        wanted = "" if kind in ("boolean", "null") else "boolean"
    elif kind in LISTS and name != "COUNT":
        wanted = "any"
    if not wanted:
        return column
    return inner.refuse("FX014", written, function=name, expected=type_words(wanted), got=type_words(kind))


def _more(
    checking: Checking, inner: Checking, syntax: Syntax, name: str, extra: list[Syntax]
) -> tuple[Node, ...] | None:
    """The arguments after the operand: JOIN's separator, FIRST/LAST's order key, RANK's number."""
    if name == "JOIN":
        separator = checking.check(extra[0]) if extra else Node("literal", TEXT, value="、")
        if not is_literal(separator):
            checking.refuse("FX022", extra[0], function=name, expected=hint("a text", "文本"))
        return (separator,) if len(extra) <= 1 else None
    if name in ("FIRST", "LAST"):
        if len(extra) > 1:
            return None
        return tuple(inner.check(part) for part in extra)
    if name == "RANK":
        return (checking.check(extra[0]),) if len(extra) == 1 else None
    return None if extra else ()


def _node(checking: Checking, syntax: Syntax, name: str, args: tuple[Node, ...]) -> Node:
    operand = args[2]
    results: dict[str, Type] = {
        "AVG": QUOTIENT, "MEDIAN": QUOTIENT, "COUNT": WHOLE, "COUNTDISTINCT": WHOLE, "RANK": WHOLE, "JOIN": TEXT,
        "ANY": BOOLEAN, "ALL": BOOLEAN,
    }  # fmt: skip
    found = Node("aggregate", results.get(name, operand.type), args, name, position=syntax.start)
    if name == "SUM" and operand.type.kind == "null":
        return replace(found, type=WHOLE)
    if found.type == BOOLEAN and name in ("FIRST", "LAST"):
        return operation("COALESCE", (found, Node("literal", BOOLEAN, value=False)), syntax)
    return found


def _sum_product(checking: Checking, inner: Checking, syntax: Syntax, rows: RowsUse) -> Node:
    """SUMPRODUCT(lines.a, lines.b) is SUM(lines, a * b)."""
    product: Node | None = None
    for part in syntax.parts:
        each = names.find_rows(checking, part)
        if each is None or not each.column or each.source.value != rows.source.value:
            return _wrong(checking, syntax, "SUMPRODUCT")
        column = names.resolve_column(inner, each)
        factor = _fitting(inner, part, "SUM", column) if column is not None else NO_OPERAND
        product = factor if product is None else operation("*", (product, factor), part)
    filters = [inner.condition(part) for part in rows.filters]
    return _node(checking, syntax, "SUM", (rows.source, _all(filters, syntax), product or NO_OPERAND))


def _wrong(checking: Checking, syntax: Syntax, name: str) -> Node:
    return checking.refuse("FX023", syntax, function=name)
