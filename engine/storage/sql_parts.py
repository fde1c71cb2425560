"""Small pieces of SQL and facts about names that scopes are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Numeric,
    Select,
    Table,
    Text,
    and_,
    func,
    literal,
    select,
    type_coerce,
)

from engine.catalog.catalog import Catalog
from engine.catalog.field_types.columns import IsoDate, IsoTime, ScaledDecimal, UtcDateTime
from engine.catalog.forms import Field, Form
from engine.catalog.names import ENTERED
from engine.expressions.nodes import ALL_DEPARTMENTS, Path
from engine.problems import Problem, ProblemsFound
from engine.storage.shapes import DEPARTMENT, PERSON, is_many, is_polymorphic, places, targets
from engine.storage.tables import RECORD, TARGET, Tables


def unusable(name: str) -> ProblemsFound:
    """The one answer to a name that does not exist or may not be used."""
    return ProblemsFound([Problem("R101", {"name": name})])


def entered_stage(form: Form, name: str) -> Field | None:
    """The stage field when `name` is the moment its stage was entered."""
    field = form.fields.get(name.removesuffix(ENTERED)) if name.endswith(ENTERED) and name not in form.fields else None
    return field if field is not None and field.type == "stage" else None


def raw_column(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """The column without its Python conversion: what expressions calculate and compare with."""
    if isinstance(column.type, ScaledDecimal):
        return type_coerce(column, BigInteger() if dialect == "sqlite" else Numeric())
    if dialect == "sqlite" and isinstance(column.type, (IsoDate, UtcDateTime, IsoTime)):
        return type_coerce(column, Text())
    return column


def words_of(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """A sub-select of the words in a JSON array."""
    if dialect == "sqlite":
        words = func.json_each(func.coalesce(column, literal("[]"))).table_valued("value")
    else:
        words = func.jsonb_array_elements_text(column).table_valued("value")
    return select(words.c.value).correlate_except(words).scalar_subquery()


def tree_ids(
    alias: Callable[[Table], FromClause], table: Table, link: str, direction: str, record: FromClause, name: str
) -> Select[Any]:
    """The ids below (or above) the record in `record` along a link of the table to itself, its own included."""
    first = select(record.c.id.label("id"))
    if direction == "above":
        first = select(record.c.id.label("id"), record.c[link].label("up"))
    tree = first.correlate(record).cte(f"tree_{name}", recursive=True, nesting=True)
    each = alias(table)
    if direction == "above":
        tree = tree.union(select(each.c.id, each.c[link]).where(each.c.id == tree.c.up))
    else:
        tree = tree.union(select(each.c.id).where(each.c[link] == tree.c.id))
    return select(tree.c.id)


def points_at(
    tables: Tables, form: Form, link: Field, table: FromClause, target: tuple[str, ColumnElement[Any]]
) -> ColumnElement[bool]:
    """Records of `form` in `table` whose `link` leads to the target (its form, its id)."""
    form_id, record_id = target
    if is_many(link):
        pairs = tables.many[form.id, link.id]
        holders = select(pairs.c[RECORD]).where(pairs.c[TARGET] == record_id)
        return table.c.id.in_(holders.correlate_except(pairs))
    leads: ColumnElement[bool] = table.c[link.column] == record_id
    return and_(leads, table.c[f"{link.column}_form"] == form_id) if is_polymorphic(link) else leads


def kind_at(catalog: Catalog, form_id: str, path: Path) -> tuple[str, int]:
    """The expression kind and decimals of a path."""
    if path in ((), ("id",)):
        return "link", 0
    if path[-1] == ALL_DEPARTMENTS:
        return "departments", 0
    own = catalog.forms[form_id].fields[path[0]]
    if len(path) > 1:
        return kind_at(catalog, targets(own)[0], path[1:])
    if targets(own):
        return {PERSON: "person", DEPARTMENT: "department"}.get(targets(own)[0], "link"), 0
    if own.type in ("number", "money", "percent", "rating", "integer"):
        return "number", places(own)
    return {"month": "date"}.get(own.type, own.type), 0
