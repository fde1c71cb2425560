"""The expressions of fields: conditions, defaults, checks, formulas, choices of links and options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from engine.catalog.build_access import build_field_access
from engine.catalog.field_types import FIELD_TYPES
from engine.catalog.forms import Check, Choice, Field
from engine.catalog.notes import Compiler, entries_of, text_of, texts_of
from engine.catalog.scopes import FormScope, LinesScope
from engine.catalog.world import World
from engine.expressions import compile_literal
from engine.expressions.nodes import Expression
from engine.problems import Problem, ProblemsFound
from engine.source.tree import Item


def compile_fields(world: World, form_id: str) -> dict[str, Field]:
    """All fields of the form with their expressions."""
    form = world.forms[form_id]
    item = world.item(form_id).map["fields"]
    compiler = Compiler(world.notes, FormScope(world, form_id))
    fields = {}
    for field in form.fields.values():
        entry = item.map.get(field.id)
        if entry is None:
            continue  # the number and the state of approvals, which the engine adds
        compiled = _compile(world, form_id, field, entry, compiler)
        if field.fields:
            rows = Compiler(world.notes, FormScope(world, form_id), LinesScope(world, form, field.id))
            columns = {
                column.id: _compile(world, form_id, column, entry.map["fields"].map[column.id], rows)
                for column in field.fields.values()
            }
            compiled = replace(compiled, fields=columns, columns=_line_columns(world, field, entry))
        fields[field.id] = compiled
    return fields


def _line_columns(world: World, field: Field, entry: Item) -> tuple[str, ...]:
    written = entry.map.get("columns")
    if written is None:
        return tuple(field.fields)
    for word in written.list:
        if word.text not in field.fields:
            world.notes.unknown("C103", word, word.text, field.fields, form=field.id)
    return tuple(word.text for word in written.list if word.text in field.fields)


def _compile(world: World, form_id: str, field: Field, entry: Item, compiler: Compiler) -> Field:
    formula = _formula(field, entry, compiler)
    return replace(
        field,
        required=compiler.condition(entry.map.get("required")),
        visible=compiler.condition(entry.map.get("visible")),
        read_only=compiler.condition(entry.map.get("read_only")),
        freeze=compiler.condition(entry.map.get("freeze")),
        default=_default(world, field, entry, compiler),
        formula=formula,
        compute=_compute(entry, formula),
        checks=tuple(_checks(compiler, entry)),
        choices=tuple(_choices(world, form_id, field, entry, compiler)),
        where=_where(world, form_id, field, entry, compiler),
        fill=_fill(world, form_id, field, entry, compiler),
        access=build_field_access(world, form_id, entry.map.get("access")),
        columns=_picker(world, field, entry),
    )


def _formula(field: Field, entry: Item, compiler: Compiler) -> Expression | None:
    written = entry.map.get("formula")
    if written is None:
        return None
    return compiler.expression(written, FIELD_TYPES[field.type].expression_type(field).kind)


def _compute(entry: Item, formula: Expression | None) -> str:
    """As written; what is left out is settled by compute_modes.py when all forms are known."""
    return (text_of(entry, "compute") if formula is not None else None) or "stored"


def _default(world: World, field: Field, entry: Item, compiler: Compiler) -> Expression | None:
    written = entry.map.get("default")
    return compile_value(world, field, written, compiler) if written is not None else None


def compile_value(world: World, field: Field, item: Item, compiler: Compiler) -> Expression | None:
    """A value for `field`: with = in front an expression, else the literal that the field's type reads."""
    field_type = FIELD_TYPES[field.type]
    wanted = field_type.expression_type(field)
    if isinstance(item.value, str) and item.value.startswith("="):
        return compiler.expression(item, wanted.kind, skip=1)
    raw: object = [entry.text for entry in item.list] if isinstance(item.value, tuple) else item.value
    try:
        value = field_type.parse(field, raw)
        return compile_literal(Decimal(value) if type(value) is int and wanted.kind == "number" else value, wanted)
    except ProblemsFound as found:
        world.notes.problems += [_literal_problem(problem, field, item) for problem in found.problems]
        return None


def _literal_problem(problem: Problem, field: Field, item: Item) -> Problem:
    text = {language: problem.message(language) for language in ("en", "zh")}
    return Problem("C111", {"where": field.id, "reason": problem.message()}, item.at, text=text)


def _checks(compiler: Compiler, entry: Item) -> Iterator[Check]:
    for text, message in entries_of(entry.map.get("check")):
        holds = compiler.text(text, message.place, "boolean")
        if holds is not None:
            yield Check(holds, texts_of(message) or {"en": text})


def _choices(world: World, form_id: str, field: Field, entry: Item, compiler: Compiler) -> Iterator[Choice]:
    """The options with their conditions, which those of a shared list have in the scope of each field that uses it."""
    written = entry.map.get("choices")
    if written is not None and isinstance(written.value, str):
        shared = world.full_id(written.value, form_id.partition(".")[0])
        written = world.resolved.definitions[shared].item.map["options"]
    for choice in field.choices:
        option = written.map.get(choice.id) if written is not None else None
        where = compiler.condition(option.map.get("where")) if option is not None else None
        yield replace(choice, where=where)


def _where(world: World, form_id: str, field: Field, entry: Item, compiler: Compiler) -> Expression | None:
    """In the scope of the target's records; `this` is the record (or row) that chooses."""
    written = entry.map.get("where")
    if written is None or not field.to:
        return None
    chooser = compiler.row_scope or compiler.scope
    for target in field.to[1:]:
        Compiler(world.notes, chooser, FormScope(world, target)).condition(written)
    return Compiler(world.notes, chooser, FormScope(world, field.to[0])).condition(written)


def _fill(world: World, form_id: str, field: Field, entry: Item, compiler: Compiler) -> Mapping[str, tuple[str, ...]]:
    """Targets beside the link, paths behind it, types that fit."""
    written = entry.map.get("fill")
    beside = compiler.row_scope or compiler.scope
    for target, path in field.fill.items():
        item = written.map[target] if written is not None else entry
        filled = beside.find(target)
        if filled is None:
            world.notes.unknown("C103", Item("", item.place), target, tuple(beside.names()), form=beside.label())
        elif len(field.to) == 1:
            compiler.text(".".join(path), item.at, filled.type.kind)
    return field.fill


def _picker(world: World, field: Field, entry: Item) -> tuple[str, ...]:
    written = entry.map.get("columns")
    if written is None or not field.to or field.fields:
        return field.columns
    target = FormScope(world, field.to[0])
    for word in written.list:
        if target.find(word.text) is None:
            world.notes.unknown("C103", word, word.text, tuple(target.names()), form=field.to[0])
    return tuple(word.text for word in written.list)
