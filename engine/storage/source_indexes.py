"""Which columns must rows be found by, because formulas aggregate them? The key of a relation, on both its sides; and
for rows of a link, the link together with the column that the formula's condition compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.catalog.catalog import Catalog
from engine.catalog.forms import Field, Form, Related
from engine.expressions.nodes import Expression, Node
from engine.storage.shapes import has_column, is_polymorphic

_Columns = tuple[tuple[str, bool], ...]
_UNFIT = ("long_text", "rich_text", "choices", "address")


def source_indexes(catalog: Catalog) -> Mapping[str, tuple[_Columns, ...]]:
    """The columns of each index wanted, by form."""
    found: dict[str, dict[_Columns, None]] = {}
    for form in catalog.forms.values():
        for related in form.related.values():
            if related.match is not None:
                _note(found, catalog.forms[related.form], (related.field,))
                _note(found, form, (related.own,))
        for formula in _formulas(form):
            for related, column in _filtered(form, formula.node):
                _note(found, catalog.forms[related.form], (related.field, column))
    return {form_id: tuple(each) for form_id, each in found.items()}


def _formulas(form: Form) -> Iterator[Expression]:
    for field in form.fields.values():
        for each in (field, *field.fields.values()):
            if each.formula is not None:
                yield each.formula


def _filtered(form: Form, node: Node) -> Iterator[tuple[Related, str]]:
    """(row source, column) of each equality with a fixed value in the condition of an aggregate."""
    if node.op == "aggregate":
        source, where = node.args[:2]
        path = source.value if isinstance(source.value, tuple) else ()
        related = form.related.get(path[0]) if len(path) == 1 else None
        if related is not None and related.lines is None:
            yield from ((related, column) for column in _compared(where))
    for arg in node.args:
        yield from _filtered(form, arg)


def _compared(where: Node) -> Iterator[str]:
    if where.op == "AND":
        for arg in where.args:
            yield from _compared(arg)
    elif where.op == "=":
        fields = [arg for arg in where.args if arg.op == "field" and arg.depth == 0]
        literals = [arg for arg in where.args if arg.op == "literal"]
        if len(fields) == len(literals) == 1 and isinstance(fields[0].value, tuple) and len(fields[0].value) == 1:
            yield str(fields[0].value[0])


def _note(found: dict[str, dict[_Columns, None]], form: Form, names: tuple[str, ...]) -> None:
    columns = [_column(form, name) for name in names]
    if all(columns) and columns != ["id"]:
        found.setdefault(form.id, {})[tuple((str(name), False) for name in columns)] = None


def _column(form: Form, name: str) -> str | None:
    field: Field | None = form.fields.get(name)
    if field is None:
        return name if name in ("id", "created_by", "updated_by") else None
    fit = has_column(field) and not is_polymorphic(field) and field.type not in _UNFIT
    return field.column if fit else None
