"""Lists of effects in definitions: what they set, create, update, lock, tell and start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as with_default
from decimal import Decimal

from engine.catalog.build_who import WhoBuilder
from engine.catalog.compile_fields import compile_value
from engine.catalog.effect_scopes import FlowScope, RelatedRowScope, RowScope, TargetScope
from engine.catalog.effects import EFFECT_KINDS, Effect
from engine.catalog.forms import Field, Form
from engine.catalog.notes import Compiler, entries_of, words_of
from engine.catalog.templates import compile_template
from engine.catalog.workflows import Step
from engine.catalog.world import World
from engine.expressions import compile_literal
from engine.expressions.nodes import Expression, Path, Scope, Type
from engine.problems import near_name
from engine.source.tree import Item
from engine.values import empty

_CHINESE = re.compile("[\u3400-\u9fff]")
WHOLE_RECORD = ("record", "this")


@dataclass(frozen=True, slots=True)
class EffectBuilder:
    """Reads the effects that stand on `form`; `asked` are the answers of an action's dialog."""

    world: World
    form: Form
    asked: Mapping[str, Field] = with_default(default_factory=empty)

    def effects(self, item: Item | None) -> tuple[Effect, ...]:
        """The effects in order; what is wrong is noted and left out."""
        found = (self._effect(entry) for entry in words_of(item))
        return tuple(each for each in found if each is not None)

    def _effect(self, item: Item) -> Effect | None:
        kinds = [key for key in EFFECT_KINDS if key in item.map]
        changes = [key for key in kinds if key in ("create", "update")]
        kind = changes[0] if len(changes) == 1 and set(kinds) <= {"set", *changes} else (kinds or [""])[0]
        if not kind or (kind not in ("create", "update") and len(kinds) != 1):
            self.world.notes.add("WF052", item.place, known=", ".join(EFFECT_KINDS))
            return None
        effect = self._found(kind, item, item.map[kind])
        if effect is None:
            return None
        return replace(effect, when=self._compiler(effect).condition(item.map.get("when")))

    def _found(self, kind: str, item: Item, written: Item) -> Effect | None:
        match kind:
            case "set":
                return Effect("set", written.place, values=self._values(self.form, written, self._plain()))
            case "create":
                return self._create(item, written)
            case "update":
                return self._update(item, written)
            case "lock" | "unlock":
                return self._lock(kind, written)
            case "notify":
                return self._notify(written)
            case "webhook":
                body = {name: self._said(entry) for name, entry in entries_of(written.map.get("body"))}
                values = {name: each for name, each in body.items() if each is not None}
                return Effect("webhook", written.place, name=written.map["url_ref"].text, values=values)
            case "start":
                return self._start(item, written)
        return self._number(written)

    def _said(self, item: Item) -> Expression | None:
        """A value for nobody's field: with = in front an expression, else as it is written."""
        if isinstance(item.value, str) and item.value.startswith("="):
            return self._plain().expression(item, skip=1)
        if isinstance(item.value, bool):
            return compile_literal(item.value, Type("boolean"))
        if isinstance(item.value, int):
            return compile_literal(Decimal(item.value), Type("number", 0))
        return compile_literal(item.text, Type("text"))

    def _start(self, item: Item, written: Item) -> Effect | None:
        name, rows = self.world.full_id(written.text, self.form.app), self._rows(item)
        if "for" not in item.map:
            return Effect("start", written.at, form=self.form.id, name=name)
        found = self.way(item.map["for"], rows)
        if found is None:
            return None
        steps, target = found
        self.check_called(name, target.id, item.map["for"])
        return Effect("start", written.at, form=target.id, name=name, path=steps, rows=rows)

    def _number(self, written: Item) -> Effect | None:
        field = self.form.fields.get(written.text)
        if field is None:
            self.world.notes.unknown("C103", written, written.text, self.form.fields, form=self.form.id)
        elif field.type != "serial":
            self.world.notes.add("WF097", written.at, field=written.text)
        return Effect("number", written.at, name=written.text)

    def check_called(self, workflow: str, form_id: str, written: Item) -> None:
        """WF094 when a workflow is for records of another form than those it is started on."""
        definition = self.world.of_kind("workflow").get(workflow)
        if definition is not None:
            wanted = self.world.full_id(definition.item.map["of"].text, workflow.partition(".")[0])
            if wanted != form_id:
                values = {"workflow": workflow, "form": wanted, "path": written.text, "other": form_id}
                self.world.notes.add("WF094", written.at, **values)

    def _create(self, item: Item, written: Item) -> Effect | None:
        target = self.world.forms.get(self.world.full_id(written.text, self.form.app))
        if target is None:
            self.world.notes.unknown("C104", written, written.text, self.world.forms)
            return None
        rows = self._rows(item)
        compiler = self._row_compiler(rows, None)
        key = tuple(word.text for word in words_of(item.map.get("key")))
        for word in words_of(item.map.get("key")):
            if word.text not in target.fields:
                self.world.notes.unknown("C103", word, word.text, target.fields, form=target.id)
        if not key:
            self.world.notes.add("WF054", written.place, form=target.id)
        values = self._values(target, item.map.get("set"), compiler)
        self._check_required(target, values, written)
        return Effect("create", written.place, form=target.id, key=key, rows=rows, values=values)

    def _check_required(self, target: Form, values: Mapping[str, Expression], written: Item) -> None:
        """What a created record must have and gets nowhere."""
        for field in target.fields.values():
            required = field.required is not None and field.required.constant is True
            if required and field.id not in values and field.default is None and field.formula is None:
                self.world.notes.add("WF055", written.at, form=target.id, field=field.id)

    def _update(self, item: Item, written: Item) -> Effect | None:
        rows = self._rows(item)
        found = self.way(written, rows)
        if found is None:
            return None
        steps, target = found
        compiler = self._row_compiler(rows, steps[0] if len(steps) == 1 else None)
        values = self._values(target, item.map.get("set"), compiler)
        return Effect("update", written.place, form=target.id, path=steps, rows=rows, values=values)

    def way(self, written: Item, rows: Path) -> tuple[Path, Form] | None:
        """The links of a path from the record, or from each of its `rows`, and the form at its end; else WF053."""
        path = tuple(written.text.split("."))
        steps = path[len(rows) :] if rows and path[: len(rows)] == rows else path
        scope: Scope | None = self._row_scope(rows, None) if rows else FlowScope(self.world, self.form.id)
        target = None
        for step in steps:
            symbol = scope.find(step) if scope is not None else None
            if symbol is None or symbol.type.kind != "link" or symbol.type.form is None:
                names = scope.names() if scope is not None else ()
                near = near_name(step, names)
                self.world.notes.add("WF053", written.at, path=written.text, near=near)
                return None
            scope, target = symbol.scope, self.world.forms[symbol.type.form]
        if target is None:
            self.world.notes.add("WF053", written.at, path=written.text, near="")
            return None
        return steps, target

    def call(self, step: Step, item: Item) -> Step:
        """What a call leads to, gives and takes. `for: parts` means every record of a related list, `for:
        lines.contract` what the rows link to, `for: contract` what the record links to.
        """
        written = item.map.get("for")
        if written is None:
            return step
        first = written.text.split(".")[0]
        related, field = self.form.related.get(first), self.form.fields.get(first)
        rows: Path = (first,) if related is not None or (field is not None and field.type == "lines") else ()
        if related is not None and related.lines is None and written.text == first:
            found: tuple[Path, Form] | None = ((), self.world.forms[related.form])
        else:
            found = self.way(written, rows)
        if found is None:
            return replace(step, target=tuple(written.text.split(".")))
        steps, target = found
        self.check_called(step.calls, target.id, written)
        back = Compiler(self.world.notes, FlowScope(self.world, target.id))
        return replace(
            step,
            rows=rows,
            target=steps,
            given=self._values(target, item.map.get("in"), self._row_compiler(rows, None)),
            taken=self._values(self.form, item.map.get("out"), back),
        )

    def _lock(self, kind: str, written: Item) -> Effect:
        words = [word for word in words_of(written) if word.text not in WHOLE_RECORD]
        for word in words:
            if word.text not in self.form.fields:
                self.world.notes.unknown("C103", word, word.text, self.form.fields, form=self.form.id)
        return Effect(kind, written.place, fields=tuple(word.text for word in words))

    def _notify(self, written: Item) -> Effect:
        text = written.map["text"]
        entries = text.map or {"zh" if _CHINESE.search(text.text) else "en": text}
        texts = {name: compile_template(self.world, self.form.id, entry) for name, entry in entries.items()}
        return Effect(
            "notify",
            written.place,
            who=WhoBuilder(self.world, self._plain()).people(written.map.get("to")),
            texts=texts,
            channels=tuple(word.text for word in words_of(written.map.get("channels"))),
        )

    def _rows(self, item: Item) -> Path:
        """The lines or related list of `for_each`."""
        written = item.map.get("for_each")
        if written is None:
            return ()
        field = self.form.fields.get(written.text)
        if (field is None or field.type != "lines") and written.text not in self.form.related:
            known = [each.id for each in self.form.fields.values() if each.type == "lines"]
            self.world.notes.unknown("C103", written, written.text, [*known, *self.form.related], form=self.form.id)
            return ()
        return (written.text,)

    def _values(self, target: Form, item: Item | None, compiler: Compiler) -> Mapping[str, Expression]:
        values: dict[str, Expression] = {}
        for name, entry in entries_of(item):
            field = target.fields.get(name)
            if field is None:
                near = near_name(name, target.fields)
                self.world.notes.add("C103", entry.place, name=name, form=target.id, near=near)
                continue
            value = compile_value(self.world, field, entry, compiler)
            if value is not None:
                values[name] = value
        return values or empty()

    def _plain(self) -> Compiler:
        return Compiler(self.world.notes, FlowScope(self.world, self.form.id, asked=self.asked))

    def _compiler(self, effect: Effect) -> Compiler:
        target = effect.path[0] if effect.kind == "update" and len(effect.path) == 1 else None
        return self._row_compiler(effect.rows, target)

    def _row_compiler(self, rows: Path, target: str | None) -> Compiler:
        record = TargetScope(self.world, self.form.id, None if rows else target, self.asked)
        return Compiler(self.world.notes, record, self._row_scope(rows, target) if rows else None)

    def _row_scope(self, rows: Path, target: str | None) -> Scope:
        name = rows[0]
        if name in self.form.fields:
            return RowScope(self.world, self.form, name, target)
        related = self.form.related[name]
        if related.lines is not None:
            return RowScope(self.world, self.world.forms[related.form], related.lines, target)
        return RelatedRowScope(self.world, related.form, target)
