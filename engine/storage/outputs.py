"""Which columns a page has, and what becomes of them in Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Date, Integer, Text, case, null, type_coerce

from engine.catalog.field_types.columns import BigId, IsoDate, IsoTime, ScaledDecimal, UtcDateTime, WordList
from engine.catalog.forms import Field
from engine.expressions import NotInSql
from engine.expressions.nodes import Path
from engine.problems import Problem, ProblemsFound
from engine.storage.cursors import SortKey
from engine.storage.shapes import SYSTEM_FIELDS, column_type, has_column, is_computed, is_polymorphic, places, targets
from engine.storage.sql_parts import entered_stage, unusable
from engine.storage.sql_scope import FormScope
from engine.storage.tables import AS_OF, STALE


@dataclass(frozen=True, slots=True)
class Output:
    """One column of a page. A link to one of several forms takes two: the second has no name and goes in front."""

    name: str
    sql: ColumnElement[Any]
    form_of: str | None = None

    def take(self, row: tuple[Any, ...], at: int) -> Any:
        """The value; (form, id) of a link to one of several forms, whose form stands in the next column."""
        if self.form_of is None or row[at] is None:
            return row[at]
        return row[at + 1], row[at]


def outputs_of(scope: FormScope, names: Iterable[str] | None) -> tuple[list[Output], dict[str, ColumnElement[bool]]]:
    """The columns for these fields (None: all that the reader may see), and the rules of fields seen only sometimes."""
    outputs: list[Output] = []
    rules: dict[str, ColumnElement[bool]] = {}
    for name in _visible(scope) if names is None else names:
        if name in (STALE, AS_OF):
            outputs.append(Output(name, scope.source.c[name]))
            continue
        if name in SYSTEM_FIELDS and name not in scope.form.fields:
            if name not in ("id", "version"):
                outputs.append(Output(name, scope.source.c[name]))
            continue
        if "." in name or entered_stage(scope.form, name) is not None:
            outputs.append(output_of(scope, tuple(name.split("."))))
            continue
        own = scope.field(name)
        rule = scope.field_rule(own.id)
        if rule is not None:
            rules[name] = rule.label(f"sees_{len(rules)}")
        for column in own.fields:
            inner = scope.field_rule(f"{own.id}.{column}")
            if inner is not None:
                rules[f"{name}.{column}"] = inner.label(f"sees_{len(rules)}")
        outputs += _field_outputs(scope, own, name, rule)
    return outputs, rules


def output_of(scope: FormScope, path: Path) -> Output:
    """One column for a field, system field or link path, with its Python type."""
    name = ".".join(path)
    raw, decimals = scope.column(path, 0)
    return Output(name, type_coerce(raw, _result_type(scope, path, decimals)).label(None))


def sort_key(scope: FormScope, name: str, *, descending: bool) -> SortKey:
    """The column to sort by."""
    path = tuple(name.split("."))
    if len(path) == 1 and name in SYSTEM_FIELDS and name not in scope.form.fields:
        column = scope.source.c[name]
        return SortKey(column, descending, bool(column.nullable))
    if len(path) == 1:
        own = scope.field(name)
        if has_column(own) and scope.field_rule(own.id) is None:
            if own.type in ("choices", "lines"):
                raise unusable(name)
            column = scope.source.c[own.column]
            return SortKey(column, descending, bool(column.nullable))
    raw, decimals = scope.column(path, 0)
    return SortKey(type_coerce(raw, _result_type(scope, path, decimals)), descending, nullable=True)


def fits(keys: Sequence[SortKey], cursor: tuple[object, ...]) -> None:
    """R110 when the values of a cursor are not of the types of its columns."""
    for key, value in zip(keys, cursor, strict=True):
        wanted = next((python for sql, python in _PYTHON if isinstance(key.sql.type, sql)), str)
        if value is None:
            if not key.nullable:
                raise ProblemsFound([Problem("R110")])
        elif type(value) is not wanted or (isinstance(value, datetime) and value.tzinfo is None):
            raise ProblemsFound([Problem("R110")])


_PYTHON: tuple[tuple[type, type], ...] = (
    (ScaledDecimal, Decimal),
    (UtcDateTime, datetime),
    (IsoDate, date),
    (IsoTime, time),
    (Boolean, bool),
    (BigId, int),
    (Integer, int),
    (BigInteger, int),
    (Date, date),
    (Text, str),
)


def _visible(scope: FormScope) -> list[str]:
    allowed = None
    if scope.as_reader and scope.around.rights is not None:
        right = scope.around.rights.see(scope.form.id)
        allowed = right.fields if right is not None else frozenset()
    return [
        field.id
        for field in scope.form.fields.values()
        if (has_column(field) or is_computed(field)) and (allowed is None or field.id in allowed)
    ]


def _field_outputs(scope: FormScope, own: Field, name: str, rule: ColumnElement[bool] | None) -> list[Output]:
    if is_computed(own):
        try:
            return [Output(name, output_of(scope, (name,)).sql)]
        except NotInSql:
            return []
    if not has_column(own):
        return []
    column = scope.source.c[own.column]
    outputs = [Output(name, _guarded(column, rule), own.column if is_polymorphic(own) else None)]
    if is_polymorphic(own):
        outputs.append(Output("", _guarded(scope.source.c[f"{own.column}_form"], rule)))
    return outputs


def _guarded(column: ColumnElement[Any], rule: ColumnElement[bool] | None) -> ColumnElement[Any]:
    return column if rule is None else type_coerce(case((rule, column), else_=null()), column.type)


def _result_type(scope: FormScope, path: Path, decimals: int) -> Any:
    """The Python-side type at the end of a path."""
    form = scope.form
    for name in path[:-1]:
        own = form.fields[name]
        form = scope.around.catalog.forms[targets(own)[0]]
    name = path[-1]
    if name == "owner" and name not in form.fields and form.owner:
        name = form.owner
    if name not in form.fields:
        return UtcDateTime() if name.endswith("_at") or entered_stage(form, name) else BigId()
    last = form.fields[name]
    if is_computed(last) and last.formula is not None:
        return kind_type(last, decimals)
    kind = column_type(last)
    return ScaledDecimal(max(decimals, places(last))) if isinstance(kind, ScaledDecimal) else kind


def kind_type(field: Field, decimals: int) -> Any:
    """The Python-side type of a value computed on reading."""
    kind = field.formula.type.kind if field.formula is not None else "text"
    kinds = {
        "number": ScaledDecimal(decimals),
        "boolean": Boolean(),
        "date": IsoDate(),
        "datetime": UtcDateTime(),
        "time": IsoTime(),
        "duration": BigInteger(),
        "choices": WordList(),
        "text": Text(),
    }
    return kinds.get(kind, BigId() if kind in ("person", "department", "link", "file") else Text())
