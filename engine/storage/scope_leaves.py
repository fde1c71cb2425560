"""What all scopes of a statement answer alike: the reader, the moment, the settings, the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, case, cast, func, literal_column, null, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from engine.catalog.forms import Form
from engine.expressions.nodes import Path, Type
from engine.storage.shapes import PERSON
from engine.storage.sql_parts import kind_at, unusable

if TYPE_CHECKING:
    from engine.storage.sql_scope import FormScope, Surroundings

Alias = FromClause


class Leaves:
    """The part of a scope that does not depend on which row it stands for."""

    __slots__ = ()
    if TYPE_CHECKING:

        @property
        def around(self) -> Surroundings:
            """What all scopes of the statement share."""

        def beside(self, form: Form, source: Alias) -> FormScope:
            """A scope of another form that is read with the same rights."""

    @property
    def dialect(self) -> str:
        """'sqlite' or 'postgresql'."""
        return self.around.tables.dialect

    @property
    def zone(self) -> str:
        """The company's time zone."""
        return self.around.catalog.company.time_zone

    def moment(self, which: str) -> ColumnElement[Any]:
        """'today', 'now' or 'is_new'."""
        return self.around.parameters.moment(which)

    def has_reader(self) -> bool:
        """Whether there is a reader at all: without one `me` is null."""
        return self.around.rights is not None

    def me(self, path: Path) -> ColumnElement[Any]:
        """The reader's id, or a value below the reader."""
        if not path:
            return self.around.parameters.person()
        kind, decimals = kind_at(self.around.catalog, PERSON, path)
        return self.around.parameters.below("me", path, kind, decimals)

    def mine(self, path: Path) -> ColumnElement[Any]:
        """A sub-select of the values of a field with several values below the reader."""
        listed = self.around.parameters.listed("me", path)
        if self.dialect == "sqlite":
            words = func.json_each(func.coalesce(listed, literal_column("'[]'"))).table_valued("value")
            return select(words.c.value).scalar_subquery()
        words = func.jsonb_array_elements_text(cast(listed, JSONB())).table_valued("value")
        kind, _ = kind_at(self.around.catalog, PERSON, path)
        value = words.c.value if kind == "choices" else func.int8(words.c.value)
        return select(value).scalar_subquery()

    def setting(self, path: Path) -> tuple[ColumnElement[Any], int]:
        """A value of the settings: a sub-select that depends on no row, so that the database asks it once."""
        forms = self.around.catalog.forms.values()
        form = next((each for each in forms if each.single and path and path[0] in each.fields), None)
        if form is None:
            raise unusable("settings")
        alias = self.around.alias(self.around.tables.forms[form.id])
        found, decimals = self.beside(form, alias).column(path, 0)
        query = select(found).select_from(alias).where(alias.c.deleted_at.is_(None)).order_by(alias.c.id)
        chosen = query.limit(literal_column("1")).correlate_except(alias).scalar_subquery()
        return type_coerce(chosen, found.type), decimals

    def asked(self, name: str, type_: Type) -> tuple[ColumnElement[Any], int]:
        """An answer of an action's dialog as a parameter."""
        places = (12 if type_.places is None else type_.places) if type_.kind == "number" else 0
        return self.around.parameters.below("asked", (name,), type_.kind, places), places

    def work_days(self) -> FromClause:
        """The calendar: day, is_work, position."""
        return self.around.alias(self.around.tables.system.calendar)


def withheld(column: ColumnElement[Any], rule: ColumnElement[bool] | None) -> ColumnElement[Any]:
    """The column, empty where its reader may not see it."""
    return column if rule is None else type_coerce(case((rule, column), else_=null()), column.type)
