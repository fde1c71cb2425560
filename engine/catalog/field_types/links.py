"""What points at other records: links, people, departments, files; and the lines that live in a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.types import TypeEngine

from engine.catalog.field_types.base import FieldType, is_blank, wrong
from engine.catalog.field_types.columns import BigId
from engine.catalog.forms import Field
from engine.expressions.nodes import Type

_MOST_ID = 2**63 - 1
_TO_ONE = frozenset({"to", "on_delete", "inverse", "where", "fill", "columns"})


def parse_id(field: Field, raw: object) -> int:
    """The record id that `raw` gives: 7, "7", {"id": 7}."""
    value = raw.get("id") if isinstance(raw, dict) else raw
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value.strip()) < 20:
        value = int(value.strip())
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _MOST_ID:
        raise wrong(field, raw, "a record", "一条记录")
    return value


@dataclass(frozen=True)
class LinkType(FieldType):
    """A link to one record: its id; to one of several forms: (form, id)."""

    target: str = ""

    def expression_type(self, field: Field) -> Type:
        """A link to the only form it leads to."""
        form = field.to[0] if len(field.to) == 1 else None
        return Type(self.expression_kind, form=form)

    def column_type(self, field: Field) -> TypeEngine[Any] | None:
        """The id; several targets get a second column from storage."""
        return BigId()

    def parse(self, field: Field, raw: object) -> object:
        """The id, or (form, id) when the link may lead to several forms."""
        if is_blank(raw):
            return None
        if len(field.to) <= 1:
            return parse_id(field, raw)
        return self._one_of_several(field, raw)

    def _one_of_several(self, field: Field, raw: object) -> tuple[str, int]:
        form: object = None
        value = raw
        if isinstance(raw, dict):
            form = raw.get("form")
        elif isinstance(raw, (list, tuple)) and len(raw) == 2:
            form, value = raw
        elif isinstance(raw, str) and ":" in raw:
            form, _, value = raw.partition(":")
        if form not in field.to:
            raise wrong(field, raw, "a form and a record", "表单和记录")
        return str(form), parse_id(field, value)

    def to_wire(self, field: Field, value: object) -> object:
        """The id, or {"form", "id"}; titles are added by the caller."""
        if isinstance(value, tuple):
            return {"form": value[0], "id": value[1]}
        return value


@dataclass(frozen=True)
class LinksType(FieldType):
    """Links to several records: their ids in the order chosen; kept in a table of their own."""

    target: str = ""

    def expression_type(self, field: Field) -> Type:
        """Several records of the form."""
        return Type(self.expression_kind, form=field.to[0] if len(field.to) == 1 else None)

    def column_type(self, field: Field) -> TypeEngine[Any] | None:
        """None: a table of its own."""
        return None

    def parse(self, field: Field, raw: object) -> object:
        """The ids; a text may hold several, separated by commas."""
        if is_blank(raw):
            return ()
        entries: object = raw.split(",") if isinstance(raw, str) else raw
        if isinstance(entries, (int, dict)):
            entries = [entries]
        if not isinstance(entries, (list, tuple)):
            raise wrong(field, raw, "a list of records", "记录列表")
        return tuple(dict.fromkeys(parse_id(field, entry) for entry in entries if not is_blank(entry)))

    def to_wire(self, field: Field, value: object) -> object:
        """A list of ids."""
        return list(value) if isinstance(value, (list, tuple)) else []

    def to_text(self, field: Field, value: object, language: str) -> str:
        """The ids; titles are for the caller."""
        return ", ".join(str(entry) for entry in value) if isinstance(value, (list, tuple)) else ""


@dataclass(frozen=True)
class FileType(FieldType):
    """A file, or several with `many: true`: ids of uploaded files."""

    def expression_type(self, field: Field) -> Type:
        """A file or files."""
        return Type("files" if field.many else "file")

    def column_type(self, field: Field) -> TypeEngine[Any] | None:
        """The file's id; None for several."""
        return None if field.many else BigId()

    def parse(self, field: Field, raw: object) -> object:
        """The id, or the ids."""
        if field.many:
            return LinksType(self.name, "link", "files", "file").parse(field, raw)
        if isinstance(raw, (list, tuple)) and len(raw) == 1:
            raw = raw[0]
        return None if is_blank(raw) else parse_id(field, raw)

    def to_wire(self, field: Field, value: object) -> object:
        """The id, or a list of ids."""
        if field.many:
            return list(value) if isinstance(value, (list, tuple)) else []
        return value

    def to_text(self, field: Field, value: object, language: str) -> str:
        """Names are for the caller; here ids."""
        return (
            ", ".join(str(entry) for entry in value)
            if isinstance(value, (list, tuple))
            else super().to_text(field, value, language)
        )


@dataclass(frozen=True)
class LinesType(FieldType):
    """Rows that live and die with their record."""

    def expression_type(self, field: Field) -> Type:
        """Rows; the scope says of what."""
        return Type("rows")

    def column_type(self, field: Field) -> TypeEngine[Any] | None:
        """None: a table of its own."""
        return None

    def parse(self, field: Field, raw: object) -> object:
        """The rows as they came: the caller parses each cell by its own field."""
        if is_blank(raw):
            return []
        if not isinstance(raw, (list, tuple)) or not all(isinstance(row, dict) for row in raw):
            raise wrong(field, raw, "a list of rows", "明细列表")
        return [dict(row) for row in raw]

    def to_text(self, field: Field, value: object, language: str) -> str:
        """How many rows."""
        count = len(value) if isinstance(value, (list, tuple)) else 0
        if not count:
            return ""
        return f"{count} 行" if language == "zh" else f"{count} rows"


_PEOPLE = frozenset({"on_delete", "inverse", "where", "fill", "columns"})
PERSON_FORM, DEPARTMENT_FORM = "people.person", "people.department"
TYPES: tuple[FieldType, ...] = (
    LinkType("link", "link", "link", "link", _TO_ONE | {"tree"}),
    LinksType("links", "link", "links", "links", frozenset({"to", "inverse", "where", "columns"})),
    LinkType("user", "people", "person", "user", _PEOPLE | {"tree"}, target=PERSON_FORM),
    LinksType("users", "people", "people", "users", frozenset({"where", "inverse"}), target=PERSON_FORM),
    LinkType("department", "people", "department", "department", _PEOPLE | {"tree"}, target=DEPARTMENT_FORM),
    LinksType(
        "departments", "people", "departments", "departments", frozenset({"where", "inverse"}), target=DEPARTMENT_FORM
    ),
    FileType("file", "file", "file", "file", frozenset({"many"})),
    FileType("image", "file", "file", "image", frozenset({"many"})),
    FileType("signature", "file", "file", "signature"),
    LinesType("lines", "lines", "rows", "lines", frozenset({"fields", "columns"})),
)
