"""What a form's definition asks of every record, compiled once: closures of its expressions and what they read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from engine.catalog.catalog import Catalog
from engine.catalog.forms import Check, Field, Form, FormCheck
from engine.catalog.stages import StageSet, StageTask
from engine.expressions import compile_closure
from engine.expressions.nodes import Expression, Moment, Node, Path, Values

Closure = Callable[[Values, Moment], object]
T = TypeVar("T")

TREE_SOURCES = frozenset({"below", "above"})
PEOPLE_FORMS = {
    "user": "people.person",
    "users": "people.person",
    "department": "people.department",
    "departments": "people.department",
}
MANY_TYPES = frozenset({"links", "users", "departments"})
CHOICES = frozenset({"choice", "choices"})
LINK_TYPES = frozenset({"link", "links", *PEOPLE_FORMS})
FILE_TYPES = frozenset({"file", "image", "signature"})


@dataclass(frozen=True, slots=True)
class FieldProgram:
    """One field at work. `key` is its id, "lines.price" for a field of lines; None = the definition does not say."""

    field: Field
    key: str
    lines: str | None
    default: Closure | None
    formula: Closure | None
    required: Closure | None
    visible: Closure | None
    read_only: Closure | None
    checks: tuple[tuple[Closure, Check], ...]
    choice_rules: Mapping[str, Closure]
    where: Closure | None
    rollup: bool
    sources: frozenset[str]
    matched: frozenset[str] = frozenset()  # fields of the record that decide which rows of its relations are read

    @property
    def on_reading(self) -> bool:
        """Whether the field has no column and its formula is evaluated whenever another expression reads it."""
        return self.formula is not None and self.field.compute == "read" and not self.rollup

    @property
    def stored_formula(self) -> bool:
        """Whether the field has a column that a formula fills."""
        return self.formula is not None and self.field.compute != "read"


@dataclass(frozen=True, slots=True)
class FormProgram:
    """One form at work.

    fields     by key, header and lines
    order      keys of the stored formulas in the order to compute, those over other forms' records (`rollup`) among
    them
    frozen     closures of `freeze:` by field key
    reads      paths below each link ("order", "lines.item") that any expression reads
    copies     paths below each link that are read when it is chosen: fills, titles
    """

    form: Form
    fields: Mapping[str, FieldProgram]
    order: tuple[str, ...]
    reads: Mapping[str, frozenset[Path]]
    copies: Mapping[str, frozenset[Path]]
    checks: tuple[tuple[Closure, FormCheck], ...]
    frozen: Mapping[str, Closure]
    stage_sets: Mapping[str, tuple[tuple[Closure | None, StageSet], ...]]
    # the fields that one step or another has anything to do with, so that wide forms cost no more than they ask for
    links: tuple[FieldProgram, ...] = ()
    filling: tuple[FieldProgram, ...] = ()
    starting: tuple[FieldProgram, ...] = ()
    conditional: tuple[FieldProgram, ...] = ()
    asked: tuple[FieldProgram, ...] = ()

    @property
    def header(self) -> Iterator[FieldProgram]:
        """The programs of the form's own fields."""
        return (program for program in self.fields.values() if program.lines is None)

    def of_lines(self, lines: str) -> Iterator[FieldProgram]:
        """The programs of the fields of one kind of lines."""
        return (program for program in self.fields.values() if program.lines == lines)

    def formulas_after(self, changed: Iterable[str]) -> tuple[str, ...]:
        """The keys of `order` that read, directly or through each other, any of `changed`;
        rollups are not among them.
        """
        touched = {name.split(".")[0] for name in changed} | set(changed)
        found = []
        for key in self.order:
            if not self.fields[key].rollup and self.fields[key].sources & touched:
                found.append(key)
                touched |= {key, key.split(".")[0]}
        return tuple(found)


@dataclass(frozen=True)
class ProgramBook:
    """The programs of one catalog, compiled when first asked for."""

    catalog: Catalog
    _programs: dict[str, FormProgram] = field(default_factory=dict)
    _ranks: dict[tuple[str, str], int] = field(default_factory=dict)
    _closures: dict[int, tuple[Expression, Closure]] = field(default_factory=dict)
    _remembered: dict[str, object] = field(default_factory=dict)

    def of(self, form_id: str) -> FormProgram:
        """The program of a form of the catalog."""
        if form_id not in self._programs:
            self._programs[form_id] = _build_program(self.catalog, self.catalog.forms[form_id])
        return self._programs[form_id]

    def rank(self, form_id: str, key: str) -> int:
        """The place of a formula over other records in the order of computing."""
        if not self._ranks:
            found = [each for dependents in self.catalog.dependents.values() for each in dependents]
            self._ranks.update({(each.form, each.field): each.rank for each in found})
        return self._ranks.get((form_id, key), 0)

    def closure(self, expression: Expression) -> Closure:
        """The closure of an expression outside the fields (actions, stage tasks)."""
        known = self._closures.get(id(expression))
        if known is None:
            # the expression is kept beside its closure so that its id is not given to another one
            known = self._closures[id(expression)] = (expression, compile_closure(expression))
        return known[1]

    def remembered(self, name: str, build: Callable[[], T]) -> T:
        """What `build` made of the catalog when it was first asked for."""
        if name not in self._remembered:
            self._remembered[name] = build()
        return cast(T, self._remembered[name])

    def task_closure(self, task: StageTask) -> Closure | None:
        """The condition under which a task counts as done, if it has one."""
        return None if task.done_when is None else self.closure(task.done_when)


def link_target(definition: Field) -> str:
    """The (first) form a link, person or department field leads to."""
    return PEOPLE_FORMS.get(definition.type) or (definition.to[0] if definition.to else "")


def is_link(definition: Field) -> bool:
    """Whether the field holds records of another form."""
    return definition.type in LINK_TYPES


def _build_program(catalog: Catalog, form: Form) -> FormProgram:
    fields: dict[str, FieldProgram] = {}
    for definition in form.fields.values():
        fields[definition.id] = _build_field(form, definition, None)
        for inner in definition.fields.values():
            fields[f"{definition.id}.{inner.id}"] = _build_field(form, inner, definition.id)
    sets = {
        field_id: tuple((_compile(each.when), each) for each in stage_sets)
        for (form_id, field_id), stage_sets in catalog.stage_sets.items()
        if form_id == form.id
    }
    return FormProgram(
        form=form,
        fields=fields,
        order=tuple(key for key in form.formula_order if key in fields and fields[key].stored_formula),
        reads=_paths_read(catalog, form),
        copies=_paths_copied(form),
        checks=tuple((compile_closure(check.holds), check) for check in form.checks),
        frozen={
            key: compile_closure(each.field.freeze) for key, each in fields.items() if each.field.freeze is not None
        },
        stage_sets=sets,
        links=tuple(each for each in fields.values() if is_link(each.field)),
        filling=tuple(each for each in fields.values() if each.field.fill),
        starting=tuple(
            each for each in fields.values() if each.default or each.key == form.owner or each.field.type == "boolean"
        ),
        conditional=tuple(each for each in fields.values() if each.visible or each.required or each.read_only),
        asked=tuple(each for each in fields.values() if each.required or each.checks or each.field.type in CHOICES),
    )


def _build_field(form: Form, definition: Field, lines: str | None) -> FieldProgram:
    return FieldProgram(
        field=definition,
        key=definition.id if lines is None else f"{lines}.{definition.id}",
        lines=lines,
        default=_compile(definition.default),
        formula=_compile(definition.formula),
        required=_compile(definition.required),
        visible=_compile(definition.visible),
        read_only=_compile(definition.read_only),
        checks=tuple((compile_closure(check.holds), check) for check in definition.checks),
        choice_rules={each.id: compile_closure(each.where) for each in definition.choices if each.where is not None},
        where=_compile(definition.where),
        # In rows of lines such formulas are computed in Python, like the rest of the row.
        rollup=lines is None and definition.formula is not None and reads_other_records(form, definition.formula),
        sources=_sources_below(form, definition.formula, lines) | (matched := _matched(form, definition.formula)),
        matched=matched,
    )


def _compile(expression: Expression | None) -> Closure | None:
    return None if expression is None else compile_closure(expression)


def reads_other_records(form: Form, expression: Expression) -> bool:
    """Whether an expression aggregates rows that are not lines of its own record."""
    return any(not _is_own_lines(form, source) for source in row_sources(expression.node))


def reads_beyond(form: Form, expression: Expression) -> bool:
    """Whether an expression aggregates rows that no link of theirs ties to this very record: a declared relation, rows
    behind a link.
    """
    tied = {name for name, related in form.related.items() if related.match is None} | TREE_SOURCES
    sources = (source for source in row_sources(expression.node) if not _is_own_lines(form, source))
    return any(len(source) > 1 or source[0] not in tied for source in sources)


def row_sources(node: Node) -> Iterator[Path]:
    """The row sources that a tree aggregates, as paths from the record or row they are asked of."""
    if node.op == "rows" and isinstance(node.value, tuple):
        yield _after_header(node.value)
    for arg in node.args:
        yield from row_sources(arg)


def _after_header(path: Path) -> Path:
    return path[1:] if path and path[0] in ("header", "this") else path


def _is_own_lines(form: Form, source: Path) -> bool:
    return len(source) == 1 and source[0] in form.fields and form.fields[source[0]].type == "lines"


def _sources_below(form: Form, expression: Expression | None, lines: str | None) -> frozenset[str]:
    """The field keys of the same record that decide a value, also through formulas computed on reading."""
    found: set[str] = set()
    todo = set(_sources(expression, lines))
    while todo:
        key = todo.pop()
        found.add(key)
        outer, _, name = key.rpartition(".")
        fields = form.fields[outer].fields if outer in form.fields else form.fields
        definition = fields.get(name)
        if definition is not None and definition.formula is not None and definition.compute == "read":
            todo |= _sources(definition.formula, outer or None) - found
    return frozenset(found)


def _sources(expression: Expression | None, lines: str | None) -> frozenset[str]:
    """The field keys of the same record that an expression reads."""
    if expression is None:
        return frozenset()
    found = set()
    for reference in expression.references:
        if reference.rows:
            found |= {reference.rows[0], f"{reference.rows[0]}.{reference.path[0]}"}
        elif reference.outer:
            found.add(reference.path[0])
        elif reference.path[0] in ("header", "this") and len(reference.path) > 1:
            found.add(reference.path[1])
        else:
            found.add(reference.path[0] if lines is None else f"{lines}.{reference.path[0]}")
    return frozenset(found)


def _matched(form: Form, expression: Expression | None) -> frozenset[str]:
    """The fields of the record that the declared relations named in an expression compare with; "id" for itself."""
    if expression is None:
        return frozenset()
    sources = {(reference.rows or reference.path)[0] for reference in expression.references}
    matches = [form.related[name] for name in sources if name in form.related and name not in form.fields]
    outer = {each.path[0] for rel in matches if rel.match for each in rel.match.references if each.outer}
    return frozenset(outer | {rel.own for rel in matches if rel.match})


def _paths_read(catalog: Catalog, form: Form) -> Mapping[str, frozenset[Path]]:
    reads: dict[str, set[Path]] = {}
    for lines, expression in _expressions_of(catalog, form):
        sources = set(row_sources(expression.node))
        for reference in expression.references:
            rows = reference.rows
            if (rows is not None and not _is_own_lines(form, rows)) or _after_header(reference.path) in sources:
                continue  # what other records' rows are made of comes with them
            place = lines if rows is None else rows[0]
            _note_path(form, None if reference.outer else place, reference.path, reads)
    return {key: frozenset(paths) for key, paths in reads.items()}


def _paths_copied(form: Form) -> Mapping[str, frozenset[Path]]:
    reads: dict[str, set[Path]] = {}
    for key, definition in _all_fields(form):
        for path in definition.fill.values():
            lines = key.split(".")[0] if "." in key else None
            _note_path(form, lines, path, reads)
    for part in form.title.parts:
        if not isinstance(part, str):
            _note_path(form, None, part, reads)
    return {key: frozenset(paths) for key, paths in reads.items()}


def _note_path(form: Form, lines: str | None, path: Path, reads: dict[str, set[Path]]) -> None:
    if path and path[0] in ("header", "this"):
        path, lines = path[1:], None
    if len(path) < 2:
        return
    inside = form.fields[lines].fields if lines is not None and lines in form.fields else form.fields
    definition = inside.get(path[0])
    if definition is None:
        definition, lines = form.fields.get(path[0]), None
    if definition is not None and is_link(definition):
        reads.setdefault(path[0] if lines is None else f"{lines}.{path[0]}", set()).add(path[1:])


def _all_fields(form: Form) -> Iterator[tuple[str, Field]]:
    for name, definition in form.fields.items():
        yield name, definition
        for inner in definition.fields.values():
            yield f"{name}.{inner.id}", inner


def _expressions_of(catalog: Catalog, form: Form) -> Iterator[tuple[str | None, Expression]]:
    for key, definition in _all_fields(form):
        lines = key.split(".")[0] if "." in key else None
        own = (
            definition.required,
            definition.visible,
            definition.read_only,
            definition.default,
            definition.freeze,
            None if definition.formula is None or reads_other_records(form, definition.formula) else definition.formula,
            *(check.holds for check in definition.checks),
            *(choice.where for choice in definition.choices),
        )
        yield from ((lines, expression) for expression in own if expression is not None)
    yield from ((None, check.holds) for check in form.checks)
    for (form_id, _), stage_sets in catalog.stage_sets.items():
        if form_id != form.id:
            continue
        for each in stage_sets:
            if each.when is not None:
                yield None, each.when
            tasks = (task for stage in each.stages.values() for task in stage.tasks.values())
            yield from ((None, task.done_when) for task in tasks if task.done_when is not None)
