"""Values given by hand for an expression that somebody wants to try: their types, their scope, their records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

from engine.catalog.catalog import Catalog
from engine.catalog.forms import Field, Form
from engine.catalog.scopes import FormScope
from engine.expressions import Expression, Moment, Node, RowValues, Scope, Symbol, Type, compile_expression, evaluate
from engine.expressions.nodes import Path
from engine.expressions.types import NULL
from engine.problems import Location, Problem, ProblemsFound, near_name
from engine.values import empty

Raw = object
"""None, bool, int, str, Quoted, or lists and maps of these."""

_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,12})?%?\Z", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?\Z", re.ASCII)
_TYPES: Mapping[str, Type] = MappingProxyType({
    "number": Type("number"), "integer": Type("number", 0), "money": Type("number", 2), "percent": Type("number", 4),
    "text": Type("text"), "boolean": Type("boolean"), "date": Type("date"), "datetime": Type("datetime"),
    "duration": Type("duration"), "choice": Type("choice"), "choices": Type("choices"), "link": Type("link"),
    "person": Type("person"), "department": Type("department"), "rows": Type("rows"),
})  # fmt: skip


class Quoted(str):
    """A text that stood in quotes: it is a text whatever it looks like."""


@dataclass(frozen=True)
class Given:
    """`name=value` or `name:type=value` as it was asked for."""

    name: str
    raw: Raw
    kind: str | None = None


@dataclass(frozen=True)
class Record:
    """Values by path, rows by source; what was not given is computed by the field's formula or default."""

    values: Mapping[str, object] = field(default_factory=empty)
    sources: Mapping[str, Sequence[Record]] = field(default_factory=empty)
    formulas: Mapping[str, Expression] = field(default_factory=empty)
    moment: Moment | None = None
    header: tuple[Record, ...] = ()

    def value(self, path: Path) -> object:
        """The value at `path`."""
        name = ".".join(path)
        if path[0] == "header" and self.header:
            return self.header[0].value(path[1:])
        if name in self.values or name not in self.formulas or self.moment is None:
            return self.values.get(name)
        around = RowValues(self, self.header[0]) if self.header else self
        return evaluate(self.formulas[name], around, self.moment)

    def rows(self, source: Path) -> Sequence[Record]:
        """The rows of a source."""
        return self.sources.get(".".join(source), ())


@dataclass(frozen=True)
class Names:
    """A scope of names that somebody made up."""

    symbols: Mapping[str, Symbol]
    of: str = "--set"

    def find(self, name: str) -> Symbol | None:
        """The symbol called `name`."""
        return self.symbols.get(name)

    def names(self) -> Iterable[str]:
        """All names."""
        return self.symbols

    def label(self) -> str:
        """What the scope is called in messages."""
        return self.of

    def stages(self, path: Path, operator: str, stage: str) -> tuple[str, ...] | None:
        """There are none."""
        return None


@dataclass(frozen=True)
class Trial:
    """What an expression is tried on."""

    scope: Scope
    record: Record
    moment: Moment


# --- without a form: types are guessed ------------------------------------------------------------------------------


def free_trial(given: Iterable[Given], moment: Moment) -> Trial:
    """Names and values as given."""
    symbols: dict[str, Symbol] = {}
    values: dict[str, object] = {}
    sources: dict[str, Sequence[Record]] = {}
    for each in given:
        if isinstance(each.raw, list) and (each.kind == "rows" or any(isinstance(row, dict) for row in each.raw)):
            symbols[each.name], sources[each.name] = _rows(each)
            continue
        type_ = _wanted(each) or _guess(each.raw)
        if each.name == "me":
            moment = replace(moment, me=_whole(each, each.raw))
            continue
        values[each.name] = _convert(each, each.raw, type_)
        symbols[each.name] = _symbol(each.name, type_, (values[each.name],))
    return Trial(Names(symbols), Record(values, sources), moment)


def _rows(given: Given) -> tuple[Symbol, Sequence[Record]]:
    maps = [row for row in given.raw if isinstance(row, dict)] if isinstance(given.raw, list) else []
    columns = dict.fromkeys(name for row in maps for name in row)
    types = {name: _common([_guess(row.get(name)) for row in maps]) for name in columns}
    records = [
        Record({name: _convert(given, row.get(name), types[name]) for name in columns if name in row}) for row in maps
    ]
    inner = {name: _symbol(name, types[name], [each.value((name,)) for each in records]) for name in columns}
    return Symbol(given.name, Type("rows", form=given.name), Names(inner, given.name)), records


def _symbol(name: str, type_: Type, values: Iterable[object]) -> Symbol:
    if type_.kind == "null":
        return Symbol(name, NULL, node=Node("literal", NULL))
    if type_.kind == "number" and type_.places is None:
        type_ = replace(type_, places=max((places_of_value(value) for value in values), default=0))
    return Symbol(name, type_)


def places_of_value(value: object) -> int:
    """The decimals that a number is written with."""
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _common(types: Sequence[Type]) -> Type:
    known = [each for each in types if each.kind != "null"]
    if not known:
        return NULL
    return known[0] if all(each.kind == known[0].kind for each in known) else Type("text")


def _wanted(given: Given) -> Type | None:
    if given.kind is None:
        return None
    if given.kind not in _TYPES:
        raise _wrong(given.name, given.kind, f"one of {', '.join(_TYPES)}", f"{'、'.join(_TYPES)} 之一")
    return _TYPES[given.kind]


def _guess(raw: Raw) -> Type:
    if raw is None or raw == "":
        return NULL
    if isinstance(raw, bool):
        return Type("boolean")
    if isinstance(raw, int):
        return Type("number")
    if isinstance(raw, list):
        return Type("choices")
    text = "" if isinstance(raw, Quoted) else str(raw)
    kinds = ((_NUMBER, "number"), (_DAY, "date"), (_MOMENT, "datetime"))
    return Type(next((kind for pattern, kind in kinds if pattern.match(text)), "text"))


# --- on a form: types are those of its fields -----------------------------------------------------------------------


def form_trial(catalog: Catalog, form_id: str, given: Iterable[Given], moment: Moment) -> Trial:
    """The scope of the form; a name may be a path behind links, `settings.x` or `me.x`."""
    form = catalog.forms.get(form_id)
    if form is None:
        raise ProblemsFound([Problem("C104", {"name": form_id, "near": near_name(form_id, catalog.forms)})])
    scope = FormScope(catalog, form_id)
    values: dict[str, object] = {}
    outside: dict[str, dict[str, object]] = {"me": {}, "settings": {}}
    rows: list[tuple[str, Given]] = []
    for each in given:
        symbol = scope.find(each.name)
        if each.name == "me":
            moment = replace(moment, me=_whole(each, each.raw))
        elif symbol is not None and symbol.type.kind == "rows":
            rows.append((each.name, each))
        else:
            node = _leaf(compile_expression(each.name, scope, at=Location("--set", 1, 1)).node)
            path = ".".join(node.value) if isinstance(node.value, tuple) else each.name
            outside.get(node.op, values)[path] = _convert(each, each.raw, node.type)
    moment = replace(moment, me_values=Record(outside["me"]), settings=Record(outside["settings"]))
    sources: dict[str, Sequence[Record]] = {}
    record = Record(values, sources, _formulas(form.fields), moment)
    for name, each in rows:  # the rows know their record, which has the rows
        sources[name] = _form_rows(scope, form, name, each, record)
    return Trial(scope, record, moment)


def _form_rows(scope: Scope, form: Form, name: str, given: Given, header: Record) -> Sequence[Record]:
    symbol = scope.find(name)
    rows = symbol.scope if symbol is not None else None
    maps = [row for row in given.raw if isinstance(row, dict)] if isinstance(given.raw, list) else []
    lines = form.fields.get(name)
    formulas = _formulas(lines.fields) if lines is not None else empty()
    found = []
    for row in maps:
        values: dict[str, object] = {}
        for column, raw in row.items():
            if rows is not None:
                node = _leaf(compile_expression(column, rows, at=Location("--set", 1, 1)).node)
                values[column] = _convert(given, raw, node.type)
        found.append(Record(values, {}, formulas, header.moment, (header,) if lines is not None else ()))
    return found


def _formulas(fields: Mapping[str, Field]) -> Mapping[str, Expression]:
    """What a new record computes by itself."""
    found = {each.id: each.formula or each.default for each in fields.values()}
    return {name: formula for name, formula in found.items() if formula is not None}


def _leaf(node: Node) -> Node:
    """The field itself, where an empty number counts as 0."""
    while node.op not in ("field", "me", "settings", "asked") and node.args:
        node = node.args[0]
    return node


# --- values ---------------------------------------------------------------------------------------------------------


def _convert(given: Given, raw: Raw, type_: Type) -> object:
    """The value of `raw` as the type has it."""
    if raw is None or raw == "" or type_.kind == "null":
        return None
    text = ("true" if raw else "false") if isinstance(raw, bool) else str(raw)
    match type_.kind:
        case "number":
            return _number(given, text)
        case "boolean":
            return _boolean(given, text)
        case "date" | "datetime":
            return _instant(given, text, type_.kind)
        case "duration" | "link" | "person" | "department" | "file":
            return _whole(given, text)
        case "choices" | "people" | "departments" | "links" | "files":
            entries = raw if isinstance(raw, list) else [raw]
            return tuple(str(each) if type_.kind == "choices" else _whole(given, each) for each in entries)
    return _option(given, text, type_)


def _option(given: Given, text: str, type_: Type) -> str:
    if type_.options is not None and text not in type_.options:
        values = {
            "value": text, "name": given.name, "options": ", ".join(type_.options),
            "near": near_name(text, type_.options),
        }  # fmt: skip
        raise ProblemsFound([Problem("FX018", values)])
    return text


def _number(given: Given, text: str) -> Decimal:
    if not _NUMBER.match(text):
        raise _wrong(given.name, text, "a number such as 12.50 or 5%", "数字，例如 12.50 或 5%")
    return Decimal(text.rstrip("%")).scaleb(-2) if text.endswith("%") else Decimal(text)


def _boolean(given: Given, text: str) -> bool:
    if text.lower() not in ("true", "false", "是", "否"):
        raise _wrong(given.name, text, "true or false", "true 或 false")
    return text.lower() in ("true", "是")


def _instant(given: Given, text: str, kind: str) -> date | datetime:
    try:
        if kind == "date":
            return date.fromisoformat(text)
        found = datetime.fromisoformat(text)
    except ValueError:
        shape = "2024-01-31" if kind == "date" else "2024-01-31T08:00:00Z"
        raise _wrong(given.name, text, f"written {shape}", f"写作 {shape}") from None
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC)


def _whole(given: Given, raw: Raw) -> int:
    text = str(raw)
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
        raise _wrong(given.name, text, "a whole number", "整数")
    return int(text)


def _wrong(name: str, value: str, en: str, zh: str) -> ProblemsFound:
    values = {"label": name, "expected": MappingProxyType({"en": en, "zh": zh}), "value": value}
    return ProblemsFound([Problem("V102", values)])
