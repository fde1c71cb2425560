"""What records are called: the titles of many records of a form in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from engine.catalog.catalog import Catalog
from engine.catalog.field_types import FIELD_TYPES
from engine.catalog.forms import Field, Form
from engine.expressions.nodes import Moment, Path
from engine.problems import ProblemsFound
from engine.storage.conditions import among, ids_value
from engine.storage.database import Database
from engine.storage.outputs import output_of
from engine.storage.parameters import Parameters
from engine.storage.rights import Rights
from engine.storage.shapes import is_many, targets
from engine.storage.sql_scope import FormScope, Surroundings, joined, root_scope

DEEPEST = 3
Part = str | tuple[Path, Field | None]
"""A piece of text, or a path and the field at its end."""


@dataclass(frozen=True, slots=True)
class Titling:
    """A built statement (id, then one column per path) and how a row becomes a title."""

    select: Select[Any]
    parameters: Parameters
    parts: tuple[str | int, ...]  # a text, or the number of a column
    fields: tuple[Field | None, ...]

    def title(self, row: Any, language: str) -> str:
        """The title; parts that are empty leave no double spaces."""
        texts = [
            part if isinstance(part, str) else _text(self.fields[part], row[part + 1], language) for part in self.parts
        ]
        return " ".join("".join(texts).split())


def fetch_titles(
    connection: Connection,
    database: Database,
    catalog: Catalog,
    rights: Rights | None,
    moment: Moment,
    form_id: str,
    ids: Iterable[int],
    *,
    deleted: bool = True,
) -> Mapping[int, str]:
    """The titles of the records among `ids` that the reader sees, those in the recycle bin only with `deleted`.

    Parts the reader may not see are left out.
    """
    wanted = list(ids)
    if not wanted or form_id not in catalog.forms or (rights is not None and rights.see(form_id) is None):
        return {}
    shape = ("titles", form_id, rights.key if rights is not None else None, deleted)
    titling: Titling = database.statements.get(
        shape, lambda: _titling(database, catalog, rights, form_id, deleted=deleted)
    )
    values = titling.parameters.values(moment, None)
    if rights is not None and "me" in values:
        values["me"] = rights.person
    values["ids"] = ids_value(wanted, database.dialect)
    language = catalog.company.language
    return {row[0]: titling.title(row, language) or f"#{row[0]}" for row in connection.execute(titling.select, values)}


def title_parts(catalog: Catalog, form: Form, prefix: Path = (), deep: int = 0) -> Iterator[Part]:
    """A form's title with links in it replaced by the titles of what they lead to."""
    for part in form.title.parts:
        if isinstance(part, str):
            yield part
            continue
        field = field_at(catalog, form, part)
        target = targets(field)[0] if field is not None and len(targets(field)) == 1 and not is_many(field) else None
        if target in catalog.forms and deep < DEEPEST:
            yield from title_parts(catalog, catalog.forms[str(target)], (*prefix, *part), deep + 1)
        else:
            yield (*prefix, *part), field


def field_at(catalog: Catalog, form: Form, path: Path) -> Field | None:
    """The field at the end of a path; None for system fields."""
    for name in path[:-1]:
        leads_to = targets(form.fields[name]) if name in form.fields else ()
        if len(leads_to) != 1 or leads_to[0] not in catalog.forms:
            return None
        form = catalog.forms[leads_to[0]]
    return form.fields.get(path[-1])


def _titling(database: Database, catalog: Catalog, rights: Rights | None, form_id: str, *, deleted: bool) -> Titling:
    parameters = Parameters(database.dialect)
    around = Surroundings(catalog, database.tables, parameters, rights)
    scope = root_scope(around, form_id, as_reader=rights is not None)
    columns: list[Any] = []
    parts: list[str | int] = []
    fields: list[Field | None] = []
    for part in title_parts(catalog, catalog.forms[form_id]):
        if isinstance(part, str):
            parts.append(part)
            continue
        column = _column(scope, part[0])
        if column is not None:
            parts.append(len(columns))
            columns.append(column)
            fields.append(part[1])
    # the rule may lead through links, whose joins have to be known before the tables are named
    rules = [scope.visible_rows()] if rights is not None else []
    if not deleted:
        rules.append(scope.source.c.deleted_at.is_(None))
    statement = select(scope.source.c.id, *columns).select_from(joined(scope))
    statement = statement.where(among(scope.source.c.id, "ids", database.dialect), *rules)
    return Titling(statement, parameters, tuple(parts), tuple(fields))


def _column(scope: FormScope, path: Path) -> Any | None:
    try:
        return output_of(scope, path).sql
    except ProblemsFound:
        return None


def _text(field: Field | None, value: object, language: str) -> str:
    if value is None or value == ():
        return ""
    return str(value) if field is None else FIELD_TYPES[field.type].to_text(field, value, language)
