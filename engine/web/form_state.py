"""What the form page shows: sections, inputs with their state, and the definition that the browser computes with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.catalog.forms import Field, Form, Section
from engine.problems import Problem
from engine.services.browser import browser_formulas, formula_order
from engine.services.views_of_records import RecordView
from engine.web.answers import label, language
from engine.web.form_values import seen_fields
from engine.web.inputs import NUMBER_TYPES, WIDE_KINDS, kind_of

_SPANS = {1: "f12", 2: "f6", 3: "f4", 4: "f3"}
_LOCAL = frozenset({"today", "now", "is_new"})

Formula = Any  # a compiled expression of the catalog: its tree goes to the browser as JSON, nothing is computed here


@dataclass(frozen=True, slots=True)
class Block:
    """A grid of fields, or one table of lines with the totals that stand under it."""

    fields: tuple[str, ...] = ()
    lines: str = ""
    totals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormSection:
    """A section of the page. `pointer` says where its definition stands: "sections/terms", "tabs/terms"."""

    section: Section
    blocks: tuple[Block, ...]
    pointer: str


@dataclass(frozen=True, slots=True)
class Messages:
    """What is wrong, by pointer ("amount", "lines/2/price"); `general` belongs to no input of the page."""

    at: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    general: tuple[str, ...] = ()

    def of(self, pointer: str) -> tuple[str, ...]:
        """The sentences for one input."""
        return self.at.get(pointer, ())


def messages_of(problems: Iterable[Problem], known: Iterable[str]) -> Messages:
    """Sorts problems to the inputs of the page."""
    names, at, general = frozenset(known), dict[str, tuple[str, ...]](), list[str]()
    for problem in problems:
        text = " ".join(filter(None, (problem.message(language()), problem.advice(language()))))
        if problem.pointer.split("/", 1)[0] in names:
            at[problem.pointer] = (*at.get(problem.pointer, ()), text)
        else:
            general.append(text)
    return Messages(at, tuple(dict.fromkeys(general)))


def sections_of(form: Form, seen: Iterable[str]) -> tuple[FormSection, ...]:
    """The page's sections with the fields that the reader sees; tabs of fields follow as sections of their own.

    Totals of lines stand under their lines, also when the definition gave them the next section for themselves.
    """
    known = frozenset(seen)
    placed = placed_sections(form)
    named = [(pointer, each, [name for name in each.fields if name in known]) for pointer, each in placed.items()]
    order = [name for _, _, names in named for name in names]
    totals = {name: _totals(form, name, order) for name in order if form.fields[name].type == "lines"}
    under = frozenset(total for each in totals.values() for total in each)
    made = (
        FormSection(each, _blocks(form, [name for name in names if name not in under], totals), pointer)
        for pointer, each, names in named
    )
    return tuple(each for each in made if each.blocks)


def placed_sections(form: Form) -> dict[str, Section]:
    """The sections of the page by pointer; a tab of fields is one too."""
    tabs = {
        f"tabs/{each.id}": Section(each.id, each.label, each.fields, when=each.when)
        for each in form.page.tabs
        if each.fields
    }
    return {f"sections/{each.id}": each for each in form.page.sections} | tabs


def _blocks(form: Form, names: list[str], totals: Mapping[str, tuple[str, ...]]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    grid: list[str] = []
    for name in names:
        if form.fields[name].type != "lines":
            grid.append(name)
            continue
        if grid:
            blocks.append(Block(fields=tuple(grid)))
        blocks.append(Block(lines=name, totals=totals[name]))
        grid = []
    return (*blocks, Block(fields=tuple(grid))) if grid else tuple(blocks)


def _totals(form: Form, lines: str, order: list[str]) -> tuple[str, ...]:
    """Computed numbers right after the lines on the page, made from them or from such totals."""
    found: list[str] = []
    for name in order[order.index(lines) + 1 :]:
        definition = form.fields[name]
        if definition.type not in NUMBER_TYPES or definition.formula is None:
            break
        if not _made_from(definition.formula, lines, found):
            break
        found.append(name)
    return tuple(found)


def _made_from(formula: Formula, lines: str, totals: list[str]) -> bool:
    return any(ref.path[0] == lines or ref.rows == (lines,) or ref.path[0] in totals for ref in formula.references)


def grand_total(form: Form, totals: Sequence[str]) -> str:
    """Which of the totals is the one in large type: the page's first figure among them, else the last sum of money."""
    figure = next((name for name in form.page.figures if name in totals), None)
    money = [name for name in totals if form.fields[name].type == "money"]
    return figure or (money[-1] if money else totals[-1] if totals else "")


def span(section: Section, definition: Field) -> str:
    """The columns of the grid that a field takes."""
    return "f12" if kind_of(definition) in WIDE_KINDS else _SPANS.get(section.columns, "f6")


# --- choices of links ----------------------------------------


# --- what the browser computes with ----------------------------------------


def browser_definition(view: RecordView, more: Mapping[str, object]) -> dict[str, object]:
    """Fields, behaviour and formulas of the form as JSON; expressions that need the server are named "server"."""
    seen = frozenset(seen_fields(view))
    formulas = browser_formulas(view.form, seen)
    fields = {
        name: _browser_field(view, view.form.fields[name], _Browser(seen, formulas))
        for name in view.form.fields
        if name in seen
    }
    sections = {
        pointer: _expression(each.when, seen, None)
        for pointer, each in placed_sections(view.form).items()
        if each.when is not None
    }
    order = formula_order(view.form)
    return {"fields": fields, "order": order, "sections": sections, "new": view.id is None, **more}


@dataclass(frozen=True, slots=True)
class _Browser:
    """What the browser knows of a record: the fields it sees, the formulas it computes; or of a row of `row_of`."""

    seen: frozenset[str]
    formulas: Mapping[str, object]
    row_of: Field | None = None


def _browser_field(view: RecordView, definition: Field, at: _Browser) -> dict[str, object]:
    described: dict[str, object] = {
        "type": definition.type,
        "kind": kind_of(definition),
        "label": label(definition.label),
        "places": definition.places,
        "grouped": definition.grouped,
        "fill": list(definition.fill),
        "fixed": definition.id in view.read_only,
    }
    for word in ("visible", "required", "read_only"):
        expression = getattr(definition, word)
        if expression is not None:
            described[word] = _expression(expression, at.seen, at.row_of)
    if definition.formula is not None:
        described["formula"] = at.formulas[f"{at.row_of.id}.{definition.id}" if at.row_of else definition.id]
    if any(choice.where is not None for choice in definition.choices) or definition.where is not None:
        described["depends"] = True
    if definition.type == "lines":
        described["rows"] = {
            name: _browser_field(view, inner, replace(at, row_of=definition))
            for name, inner in definition.fields.items()
        }
    return described


def _expression(expression: Formula, seen: frozenset[str], row_of: Field | None) -> Any:
    return expression.node.to_json() if _is_local(expression, seen, row_of) else "server"


def _is_local(expression: Formula, seen: frozenset[str], row_of: Field | None) -> bool:
    if not expression.volatile <= _LOCAL:
        return False
    return all(_is_at_hand(reference, seen, row_of) for reference in expression.references)


def _is_at_hand(reference: Any, seen: frozenset[str], row_of: Field | None) -> bool:
    """Whether the browser holds the value: a field of the record, of a row of its lines, or around the row."""
    if reference.rows is not None:
        return len(reference.path) <= 1 and len(reference.rows) == 1 and reference.rows[0] in seen
    if len(reference.path) != 1:
        return False
    own = row_of.fields if row_of is not None and not reference.outer else seen
    return reference.path[0] in own
