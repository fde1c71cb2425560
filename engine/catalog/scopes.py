"""What names mean on a form: its fields, the other side of its links, its rows, its stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Protocol

from engine.catalog.field_types import FIELD_TYPES
from engine.catalog.field_types.links import PERSON_FORM
from engine.catalog.forms import Field, Form, Related
from engine.catalog.names import ENTERED, SYSTEM_FIELDS
from engine.catalog.stage_scope import OptionScope, StageScope, stage_ids
from engine.catalog.stages import StageSet
from engine.expressions import compile_expression
from engine.expressions.nodes import Expression, Node, Path, Scope, Symbol, Type

_SYSTEM_TYPES: Mapping[str, Type] = {
    "id": Type("number", 0),
    "version": Type("number", 0),
    "created_at": Type("datetime"),
    "updated_at": Type("datetime"),
    "created_by": Type("person", form=PERSON_FORM),
    "updated_by": Type("person", form=PERSON_FORM),
}
_BOOLEAN = Type("boolean")
_ACCESS_WORDS = {"own": "own", "team": "team", "same_department": "department", "department": "department"}


class Definitions(Protocol):
    """Where scopes look forms up: a Catalog, or the half-built forms of a builder."""

    @property
    def forms(self) -> Mapping[str, Form]:
        """Forms by id."""

    @property
    def stage_sets(self) -> Mapping[tuple[str, str], tuple[StageSet, ...]]:
        """Stage sets by (form id, field id)."""


class FormScope:
    """Names on the form `form_id`: own and system fields, related lists, `below`/`above` of a tree, `me`, `settings`.

    With `access` also the words of access rules.
    """

    def __init__(
        self,
        definitions: Definitions,
        form_id: str,
        *,
        access: bool = False,
        asked: Mapping[str, Field] = MappingProxyType({}),
    ) -> None:
        self.definitions = definitions
        self.form = definitions.forms[form_id]
        self.access = access
        self.asked = asked

    def find(self, name: str) -> Symbol | None:
        """The symbol called `name`."""
        field = self.form.fields.get(name)
        if field is not None:
            return field_symbol(self.definitions, self.form, field)
        if name in _SYSTEM_TYPES:
            type_ = _SYSTEM_TYPES[name]
            return Symbol(name, type_, _form_scope(self.definitions, type_.form))
        related = self.form.related.get(name)
        if related is not None:
            return self._rows(related)
        if name == "asked" and self.asked:
            return Symbol("asked", Type("rows"), AskedScope(self.asked))
        return (
            self._tree_rows(name)
            or self._entered(name)
            or self._word(name)
            or _outside(self.definitions, self.form, name)
        )

    def names(self) -> Iterable[str]:
        """The names offered in near-name hints."""
        return (*self.form.fields, *SYSTEM_FIELDS, *self.form.related)

    def label(self) -> str:
        """The form's id."""
        return self.form.id

    def stages(self, path: Path, operator: str, stage: str) -> tuple[str, ...] | None:
        """The ids for which the stage field at `path` meets the comparison."""
        return _stages(self, self.definitions, path, operator, stage)

    def stage_field(self, name: str) -> tuple[str, str] | None:
        """(form id, field id) when `name` is a stage field here."""
        field = self.form.fields.get(name)
        return (self.form.id, name) if field is not None and field.type == "stage" else None

    def _rows(self, related: Related) -> Symbol:
        scope: Scope
        form = related.form
        if related.lines is not None:
            scope = LinesScope(self.definitions, self.definitions.forms[related.form], related.lines)
            form = f"{related.form}.{related.lines}"
        else:
            scope = FormScope(self.definitions, related.form)
        return Symbol(related.name, Type("rows", form=form), scope)

    def _tree_rows(self, name: str) -> Symbol | None:
        if name in ("below", "above") and self.form.tree is not None:
            return Symbol(name, Type("rows", form=self.form.id), FormScope(self.definitions, self.form.id))
        return None

    def _entered(self, name: str) -> Symbol | None:
        field = self.form.fields.get(name.removesuffix(ENTERED)) if name.endswith(ENTERED) else None
        return Symbol(name, Type("datetime")) if field is not None and field.type == "stage" else None

    def _word(self, name: str) -> Symbol | None:
        if not self.access:
            return None
        if name in _ACCESS_WORDS:
            return Symbol(name, _BOOLEAN, node=Node("rule", _BOOLEAN, value=_ACCESS_WORDS[name]))
        if name in ("always", "never"):
            return Symbol(name, _BOOLEAN, node=Node("literal", _BOOLEAN, value=name == "always"))
        return None


class LinesScope:
    """Names on a row of lines: its columns, `id`, and `header`, the record it belongs to."""

    def __init__(self, definitions: Definitions, form: Form, lines: str) -> None:
        self.definitions = definitions
        self.form = form
        self.lines = form.fields[lines]

    def find(self, name: str) -> Symbol | None:
        """The symbol called `name`."""
        field = self.lines.fields.get(name)
        if field is not None:
            return field_symbol(self.definitions, self.form, field)
        if name == "id":
            return Symbol("id", Type("number", 0))
        if name == "header":
            return Symbol("header", Type("link", form=self.form.id), FormScope(self.definitions, self.form.id))
        return _outside(self.definitions, self.form, name)

    def names(self) -> Iterable[str]:
        """The columns and `header`."""
        return (*self.lines.fields, "header")

    def label(self) -> str:
        """form.lines."""
        return f"{self.form.id}.{self.lines.id}"

    def stages(self, path: Path, operator: str, stage: str) -> tuple[str, ...] | None:
        """As on the forms behind links."""
        return _stages(self, self.definitions, path, operator, stage)

    def stage_field(self, name: str) -> tuple[str, str] | None:
        """Lines have no stages."""
        return None


class AskedScope:
    """What an action's dialog asked: `asked.reason`."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields = fields

    def find(self, name: str) -> Symbol | None:
        """The field of the dialog."""
        field = self.fields.get(name)
        return Symbol(name, FIELD_TYPES[field.type].expression_type(field)) if field is not None else None

    def names(self) -> Iterable[str]:
        """The dialog's fields."""
        return tuple(self.fields)

    def label(self) -> str:
        """What the dialog is called in messages."""
        return "asked"

    def stages(self, path: Path, operator: str, stage: str) -> tuple[str, ...] | None:
        """Dialogs have no stages."""
        return None


def field_symbol(definitions: Definitions, form: Form, field: Field) -> Symbol:
    """The symbol of a field: its type, and what stands behind its dot."""
    type_ = FIELD_TYPES[field.type].expression_type(field)
    if field.type == "lines":
        return Symbol(field.id, Type("rows", form=f"{form.id}.{field.id}"), LinesScope(definitions, form, field.id))
    if field.type == "stage":
        kinds = {each.id: each.type for each in form.fields.values()}
        sets = definitions.stage_sets.get((form.id, field.id), ())
        return Symbol(field.id, type_, StageScope(field, sets, kinds))
    if field.type == "choice" and any(choice.value is not None for choice in field.choices):
        return Symbol(field.id, type_, OptionScope(field, type_))
    if type_.kind in ("link", "person", "department"):
        return Symbol(field.id, type_, _form_scope(definitions, field.to[0] if len(field.to) == 1 else None))
    if field.blank_zero:
        zero = Node("N0", type_, (Node("field", type_, value=(field.id,)),))
        return Symbol(field.id, type_, node=zero)
    return Symbol(field.id, type_)


def _form_scope(definitions: Definitions, form_id: str | None) -> FormScope | None:
    return FormScope(definitions, form_id) if form_id in definitions.forms and form_id is not None else None


def _outside(definitions: Definitions, form: Form, name: str) -> Symbol | None:
    """`me` and `settings`: the person, and the single form of the app."""
    if name in ("me", "我"):
        return Symbol("me", Type("person", form=PERSON_FORM), _form_scope(definitions, PERSON_FORM))
    if name in ("settings", "设置"):
        single = next((each.id for each in definitions.forms.values() if each.single and each.app == form.app), None)
        return Symbol("settings", Type("link", form=single), _form_scope(definitions, single)) if single else None
    return None


def _stages(scope: Scope, definitions: Definitions, path: Path, operator: str, stage: str) -> tuple[str, ...] | None:
    for name in path[:-1]:
        symbol = scope.find(name)
        if symbol is None or symbol.scope is None:
            return None
        scope = symbol.scope
    found = scope.stage_field(path[-1]) if isinstance(scope, (FormScope, LinesScope)) else None
    return stage_ids(definitions.stage_sets.get(found, ()), operator, stage) if found is not None else None


def compile_filter(catalog: Definitions, form_id: str, text: str) -> Expression:
    """The condition that a reader's filter writes on the form. Raises ProblemsFound (FX…)."""
    return compile_expression(text, FormScope(catalog, form_id), want="boolean")
