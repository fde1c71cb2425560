"""What does each engine make of one expression? Python twice, the two databases, the browser's interpreter."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from engine.expressions import Expression, NotInSql, Values, compile_closure, compile_expression, evaluate
from engine.expressions.nodes import Node
from engine.expressions.parser import parse
from engine.expressions.syntax import Syntax
from engine.expressions.types import type_words
from engine.expressions.words import to_words
from engine.problems import ProblemsFound
from engine.runtime.trial import Trial
from engine.storage.trial import Shape, answer_in_sql, ask_postgresql, find_shape, memory_engine

BACKENDS = ("python", "sqlite", "postgres", "js")
_INTERPRETER = Path(__file__).resolve().parent.parent.parent / "frontend" / "src" / "formula.js"
_SECONDS = 20
_SCRIPT = """
import { readFileSync } from "node:fs";
const { file, node, record, moment } = JSON.parse(readFileSync(0, "utf8"));
const { evaluate } = await import(file);
const reads = ({ values, rows }) => ({
  value: (path) => Object.hasOwn(values, path.join(".")) ? values[path.join(".")] : null,
  rows: (source) => (Object.hasOwn(rows, source.join(".")) ? rows[source.join(".")] : []).map(reads),
});
const at = { ...moment, meValues: reads({ values: moment.me_values, rows: {} }),
  settings: reads({ values: moment.settings, rows: {} }) };
process.stdout.write(JSON.stringify(evaluate(node, reads(record), at) ?? null));
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one engine says; `missing` by language when it could not be asked, and why."""

    backend: str
    value: object = None
    missing: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the expression as written, and its value."""

    text: str
    value: object


def compile_tried(text: str, trial: Trial) -> tuple[Expression, Mapping[str, str]]:
    """The checked expression and what the type of its value is called. Raises ProblemsFound (FX…)."""
    expression = compile_expression(text, trial.scope)
    return expression, type_words(expression.type.kind)


def ask_all(expression: Expression, trial: Trial, backends: tuple[str, ...], database: str | None) -> list[Answer]:
    """One answer per back end, in their order; with several of them Python is asked by its second evaluator too."""
    asked: dict[str, Callable[[], object]] = {
        "python": lambda: evaluate(expression, trial.record, trial.moment),
        "closures": lambda: compile_closure(expression)(trial.record, trial.moment),
        "sqlite": lambda: answer_in_sql(expression, trial.record, trial.moment, memory_engine()),
        "postgres": lambda: _on_postgresql(expression, trial, database),
        "js": lambda: _in_browser(expression, trial),
    }
    wanted = [name for backend in backends for name in (backend, *(["closures"] * (backend == "python")))]
    names = wanted if len(backends) > 1 else list(backends)
    return [_answer(name, asked[name]) for name in names]


def _answer(backend: str, ask: Callable[[], object]) -> Answer:
    try:
        return Answer(backend, as_shown(ask()))
    except _Missing as missing:
        return Answer(backend, missing=missing.why)
    except OverflowError:
        why = {"en": "A number is too large for this engine.", "zh": "数字对该引擎来说过大。"}
        return Answer(backend, missing=why)
    except NotInSql as refused:
        return Answer(backend, missing={language: refused.problem.message(language) for language in ("en", "zh")})
    except ProblemsFound as found:
        return Answer(backend, missing={language: found.problems[0].message(language) for language in ("en", "zh")})


class _Missing(Exception):
    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.why = MappingProxyType({"en": en, "zh": zh})


def as_shown(value: object) -> object:
    """A value as every engine can say it: numbers without trailing zeros, ISO dates, ids, true and false."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (Decimal, int)):
        text = format(Decimal(value), "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text in ("-0", "") else text
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [as_shown(each) for each in value] or None
    return str(value)


def _on_postgresql(expression: Expression, trial: Trial, database: str | None) -> object:
    if not database:
        raise _Missing(
            "PostgreSQL needs an address: --database postgresql://… or WEFT_DATABASE.",
            "PostgreSQL 需要地址：--database postgresql://… 或 WEFT_DATABASE。",
        )
    try:
        return ask_postgresql(expression, trial.record, trial.moment, database)
    except ConnectionError as error:
        raise _Missing(f"PostgreSQL cannot be asked: {error}", f"无法使用 PostgreSQL：{error}") from None


# --- the browser's interpreter --------------------------------------------------------------------------------------


def _in_browser(expression: Expression, trial: Trial) -> object:
    node = shutil.which("node")
    if node is None:
        raise _Missing("JavaScript needs Node: no program 'node' was found.", "JavaScript 需要 Node：找不到程序 node。")
    if not _INTERPRETER.is_file():
        raise _Missing(
            "The browser's interpreter is not here: it comes with the source (frontend/src).",
            "这里没有浏览器解释器：它在源代码中（frontend/src）。",
        )
    moment = trial.moment
    question = {
        "file": _INTERPRETER.as_uri(),
        "node": expression.node.to_json(),
        "record": _snapshot(find_shape(expression.node), trial.record),
        "moment": {
            "now": as_shown(moment.now), "zone": moment.zone.key, "me": moment.me, "isNew": moment.is_new,
            "calendar": to_json() if (to_json := getattr(moment.calendar, "to_json", None)) is not None else None,
            "me_values": _outside(moment.me_values), "settings": _outside(moment.settings),
        },
    }  # fmt: skip
    done = subprocess.run(  # noqa: S603 - the machine's Node runs our own script
        [node, "--input-type=module", "-e", _SCRIPT],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        reason = next((line for line in done.stderr.splitlines() if "Error" in line), "node failed").strip()
        raise _Missing(reason, reason)
    found = json.loads(done.stdout)
    return as_shown(Decimal(found)) if expression.type.kind == "number" and isinstance(found, str) else found


def _snapshot(shape: Shape, record: Values) -> dict[str, object]:
    """The values that the expression reads, in wire form."""
    return {
        "values": {".".join(path): _wire(record.value(path)) for path in shape.fields},
        "rows": {
            ".".join(source): [_snapshot(inner, row) for row in record.rows(source)]
            for source, inner in shape.rows.items()
        },
    }


def _outside(values: Values | None) -> dict[str, object]:
    known = getattr(values, "values", None) or {}
    return {name: _wire(value) for name, value in known.items()}


def _wire(value: object) -> object:
    return value if isinstance(value, (bool, int)) else as_shown(value)


# --- the parts of an expression -------------------------------------------------------------------------------------


def evaluated_parts(expression: Expression, trial: Trial) -> Iterator[Part]:
    """Every part that has a value of its own outside rows, innermost first, written-out values left out."""
    text = expression.text
    for written in dict.fromkeys(text[each.start : each.end] for each in _inner_first(parse(text))):
        try:
            part = compile_expression(written, trial.scope)
        except ProblemsFound:
            continue  # rows, or a name that has a meaning only inside them
        if part.node.op != "literal":
            yield Part(written, as_shown(evaluate(part, trial.record, trial.moment)))


def in_words(expression: Expression, language: str) -> str:
    """The expression as a sentence, fields called by their names in it."""
    return to_words(expression.node, _Names(), language)


class _Names:
    """Labels for somebody who knows the names of the fields."""

    def field(self, node: Node) -> str | None:
        return _path(node) or str(node.value)

    def rows(self, node: Node) -> str | None:
        return _path(node)

    def inside(self, source: Node) -> _Names:
        return self

    def option(self, node: Node, value: object) -> str | None:
        return None if value is None else str(value)


def _path(node: Node) -> str:
    path = ".".join(node.value) if isinstance(node.value, tuple) else ""
    return ".".join(filter(None, (node.op, path))) if node.op in ("me", "settings") else path


def _inner_first(syntax: Syntax) -> Iterator[Syntax]:
    parts = syntax.parts[:1] if syntax.kind == "filter" else syntax.parts
    for part in parts:
        yield from _inner_first(part)
    if syntax.kind in ("name", "member", "call", "binary", "unary", "in"):
        yield syntax
