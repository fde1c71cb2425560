"""Writes one Python function for a whole expression: what the fast evaluator runs.

The function is built as a tree, never as text, out of our own typed tree: names are counted here, constants, paths
and operations are handed in under such names, and the only attributes are those of ATTRIBUTES. Nothing that somebody
wrote into a definition, no word, number or field name, becomes part of the code.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Context, Decimal
from functools import partial
from types import MappingProxyType

from engine.expressions.generating_choices import SPECIAL
from engine.expressions.leaves import Surroundings, in_vocabulary, path_of, read_leaf
from engine.expressions.limits import characters
from engine.expressions.nodes import Moment, Node, RowValues, Type, Values
from engine.expressions.numbers import last_digit
from engine.expressions.operations import OPERATIONS, Operation
from engine.expressions.python_trees import (
    MOMENT,
    NULL,
    Known,
    Piece,
    Strict,
    any_of,
    assigned,
    attribute,
    is_null,
    name,
    negated,
    truth,
)
from engine.expressions.rows import AGGREGATE_FUNCTIONS, PER_ROW
from engine.values import EXACT

ATTRIBUTES = frozenset({"value", "row", "record", "zone", "calendar"})
Inner = Callable[..., object]

_ARITHMETIC: Mapping[str, tuple[ast.operator, Callable[..., object]]] = MappingProxyType({
    "+": (ast.Add(), EXACT.add),
    "-": (ast.Sub(), EXACT.subtract),
    "*": (ast.Mult(), EXACT.multiply),
})  # fmt: skip
_ROUNDINGS: Mapping[str, Callable[..., Decimal]] = MappingProxyType({
    word: Context(prec=1100, rounding=rounding, traps=[]).quantize
    for word, rounding in (
        ("ROUND", ROUND_HALF_UP), ("ROUNDUP", ROUND_UP), ("ROUNDDOWN", ROUND_DOWN), ("ROUNDEVEN", ROUND_HALF_EVEN),
    )
})  # fmt: skip
# Never null on arguments that are not.
_TOTAL = frozenset({
    "+", "-", "*", "NEGATE", "PLUSSECONDS", "MINUSSECONDS", "SECONDSBETWEEN", "ROUND", "ROUNDUP", "ROUNDDOWN",
    "ROUNDEVEN", "INT", "ABS", "SIGN", "POWER", "CLAMP", "TIERSUM", "YEAR", "MONTH", "DAY", "QUARTER", "HOUR",
    "MINUTE", "SECOND", "WEEKDAY", "ISOWEEKNUM", "DAYS", "DATEDIF", "HOURS", "MINUTES", "DAYS360",
})  # fmt: skip
_TOTAL_LOOSE = frozenset({"SUM", "COUNT", "COUNTOF", "LEN", "FIND"})
_TOTAL_AGGREGATES = frozenset({"SUM", "COUNT", "COUNTDISTINCT", "ANY", "ALL"})
# Gives the same under every decimal context.
_WITHOUT_CONTEXT = frozenset({
    "literal", "field", "me", "today", "now", "is_new", "asked", "settings", "=", "<>", "<", "<=", ">", ">=", "IN",
    "AND", "OR", "NOT", "XOR", "IF", "IFS", "SWITCH", "COALESCE", "ISEMPTY", "N0", "/", "DIVIDE", "MIN", "MAX",
    "CLAMP", "TIER", "HAS", "HASANY", "HASALL", "CONCAT", "LEN", "UPPER", "LOWER", "TRIM", "STARTSWITH", "ENDSWITH",
    "CONTAINS", "YEAR", "MONTH", "DAY", "QUARTER",
})  # fmt: skip
MOST_EXPLICIT = 4  # so many operations that bring a context along cost less than setting one
MOST_KEPT = 200_000  # characters of texts in between that variables may keep until the function ends


@dataclass
class Generated:
    """The code of one function, and what it calls and compares with, under the names it knows them by."""

    level: int  # how many records are around
    explicit: bool = False  # operations on numbers bring their context along
    frugal: bool = False  # no variable keeps what an operation gives
    slots: dict[str, object] = field(default_factory=dict)
    variables: dict[tuple[object, ...], str] = field(default_factory=dict)

    def piece(self, node: Node, known: Known) -> Piece:
        """The code of a node."""
        special = SPECIAL.get(node.op)
        if self.frugal and node.op in OPERATIONS and node.op != "IF":
            return self.loose(node, known)
        if special is not None:
            return special(self, node, known)
        if node.op not in OPERATIONS:
            return self._leaf(node, known)
        return self.loose(node, known) if OPERATIONS[node.op].nulls else self._strict(node, known)

    def slot(self, value: object) -> ast.expr:
        """The name under which the function finds `value`."""
        word = f"k{len(self.slots)}"
        self.slots[word] = value
        return name(word)

    def variable(self, *key: object) -> str:
        """The variable of what is called `key`; a new one without a key."""
        return self.variables.setdefault(key or (len(self.variables),), f"v{len(self.variables)}")

    def call(self, function: Callable[..., object], args: Iterable[ast.expr]) -> ast.expr:
        """A call of `function`."""
        return ast.Call(self.slot(function), list(args), [])

    def nullable(self, before: Strict, value: ast.expr) -> Piece:
        """`value`, which may turn out to be null, after the checks of its arguments."""
        word, checks = self.variable(), before.checks
        check = is_null(assigned(word, value))
        shorter = Piece(checks, value).whole
        return Piece((*checks, check), name(word), before.present | {word}, before.read, shorter)

    def arguments(self, args: Iterable[Node], known: Known) -> Strict:
        """The arguments of what is null when one of them is."""
        pieces: list[Piece] = []
        for arg in args:
            pieces.append(self.piece(arg, known))
            known = known.passed(pieces[-1].present)
        return Strict(pieces)

    def loose(self, node: Node, known: Known) -> Piece:
        """An operation that says itself what becomes of nulls."""
        pieces: list[Piece] = []
        for arg in node.args:
            pieces.append(self.piece(arg, known))
            known = known.after(pieces[-1].read)
        operation = OPERATIONS[node.op]
        value = self.call(operation.apply, [*_around(operation), *(piece.whole for piece in pieces)])
        before = Strict([Piece((), value, read=piece.read) for piece in pieces])
        if node.type.kind == "boolean" or node.op in _TOTAL_LOOSE:
            return before.piece(value)
        return self.nullable(before, value)

    def _strict(self, node: Node, known: Known) -> Piece:
        operation, before = OPERATIONS[node.op], self.arguments(node.args, known)
        value = self._inlined(node, before.values)
        if value is None:
            value = self.call(operation.python, [*_around(operation), *before.values])
        if operation.planned:  # a company may have no calendar
            before = Strict([Piece((is_null(attribute("moment", "calendar")),), NULL), *before.pieces])
        return before.piece(value) if node.op in _TOTAL else self.nullable(before, value)

    def _inlined(self, node: Node, values: Sequence[ast.expr]) -> ast.expr | None:
        """The code of what needs no call of ours."""
        if node.op in _ARITHMETIC:
            sign, method = _ARITHMETIC[node.op]
            return self.call(method, values) if self.explicit else ast.BinOp(values[0], sign, values[1])
        if node.op == "NEGATE":
            return self.call(EXACT.minus, values) if self.explicit else ast.UnaryOp(ast.USub(), values[0])
        step = _rounding_step(node)
        return None if step is None else self.call(_ROUNDINGS[node.op], [values[0], self.slot(step)])

    # --- leaves and rows --------------------------------------------------------------------------------------------

    def field(self, node: Node, known: Known) -> Piece:
        """A value of a record, in the vocabulary of types."""
        kind = node.type.kind
        read = ast.Call(attribute(f"r{node.depth}", "value"), [self.slot(path_of(node))], [])
        if kind == "boolean":
            return Piece((), truth(read))
        word = self.variable("field", node.depth, path_of(node), kind)
        if kind in ("text", "choice", "stage"):
            return _read(word, read, known, negated)
        if kind in ("date", "datetime", "time", "duration"):
            return _read(word, read, known, is_null)
        usual, mended = (Decimal, _as_number) if kind == "number" else (int, partial(_in_vocabulary, node.type))
        other = ast.Compare(self.call(type, [name(word)]), [ast.IsNot()], [self.slot(usual)])
        mend = is_null(assigned(word, self.call(mended, [name(word)])))
        return _read(word, read, known, is_null, ast.BoolOp(ast.And(), [other, mend]))

    def _leaf(self, node: Node, known: Known) -> Piece:
        word = self.variable(node.op, node.value, node.type.kind)
        found = _read(word, self.call(partial(_of_moment, node), [MOMENT]), known, is_null)
        if node.op not in ("today", "now", "is_new"):
            return found
        value = name(word) if word in known.read else assigned(word, self.call(partial(_of_moment, node), [MOMENT]))
        return Piece((), value, read=found.read)

    def aggregate(self, node: Node, _: Known) -> Piece:
        """A function over the rows of a record."""
        records = [name(f"r{at}") for at in range(self.level)]
        value = self.call(_over_rows(node, self.level), [MOMENT, *records])
        if node.value in _TOTAL_AGGREGATES:
            return Piece((), value)
        return self.nullable(Strict([]), value)


def _read(word: str, value: ast.expr, known: Known, null: Callable[[ast.expr], ast.expr], *further: ast.expr) -> Piece:
    """What is read once and kept in a variable."""
    only = frozenset({word})
    if word in known.present:
        return Piece((), name(word), read=only)
    if word in known.read:
        return Piece((null(name(word)),), name(word), only, only)
    return Piece((any_of((null(assigned(word, value)), *further)),), name(word), only, only)


def _around(operation: Operation) -> list[ast.expr]:
    if operation.zoned:
        return [attribute("moment", "zone")]
    return [attribute("moment", "calendar")] if operation.planned else []


def _rounding_step(node: Node) -> Decimal | None:
    """The unit that a rounding to usual, known places leaves."""
    if node.op not in _ROUNDINGS or not isinstance(node.args[1].value, Decimal):
        return None
    return last_digit(int(node.args[1].value))


def _of_moment(node: Node, moment: Moment) -> object:
    return read_leaf(node, Surroundings((), moment))


def _in_vocabulary(type_: Type, value: object) -> object:
    return in_vocabulary(value, type_)


def _as_number(value: object) -> object:
    return Decimal(value) if isinstance(value, int) else value


# --- functions ------------------------------------------------------------------------------------------------------


def generate(node: Node) -> tuple[Callable[[Values, Moment], object], bool]:
    """The function of an expression, and whether it needs the context of exact numbers around it."""
    needs = _needs(node)
    explicit = len(needs) <= MOST_EXPLICIT and all(op in _ARITHMETIC or op == "NEGATE" for op in needs)
    code = Generated(2, explicit, _kept(node) > MOST_KEPT)
    found: ast.stmt = ast.Return(code.piece(node, Known()).whole)
    if _reads_around(node):
        return _compiled(code, ["values", "moment"], [_unpacked(code), found]), not explicit
    return _compiled(code, ["r0", "moment"], [found]), not explicit


def _needs(node: Node) -> list[str]:
    """The operations whose result depends on the decimal context."""
    own = [] if node.op in _WITHOUT_CONTEXT or _rounding_step(node) is not None else [node.op]
    return own + [op for arg in node.args for op in _needs(arg)]


def _kept(node: Node) -> int:
    """How many characters all operations that give texts may give together."""
    own = characters(node) if node.type.kind == "text" and node.op in OPERATIONS else 0
    return own + sum(map(_kept, node.args))


def _reads_around(node: Node) -> bool:
    """Whether it may read more than the innermost record."""
    return node.op == "aggregate" or node.depth > 0 or any(map(_reads_around, node.args))


def _unpacked(code: Generated) -> ast.stmt:
    """r0, r1 = the row and its record, or the record and nothing."""
    values = name("values")
    is_row = ast.Compare(code.call(type, [values]), [ast.Is()], [code.slot(RowValues)])
    row = ast.Tuple([attribute("values", "row"), attribute("values", "record")], ast.Load())
    target = ast.Tuple([ast.Name("r0", ast.Store()), ast.Name("r1", ast.Store())], ast.Store())
    return ast.Assign([target], ast.IfExp(is_row, row, ast.Tuple([values, ast.Constant(None)], ast.Load())))


def _compiled(code: Generated, parameters: Sequence[str], body: list[ast.stmt]) -> Inner:
    arguments = ast.arguments([], [ast.arg(word) for word in parameters], None, [], [], None, [])
    function = ast.FunctionDef("formula", arguments, body, [])
    names: dict[str, object] = {"__builtins__": {}, **code.slots}
    exec(compile(ast.fix_missing_locations(ast.Module([function], [])), "<formula>", "exec"), names)  # noqa: S102
    made: Inner = names["formula"]  # type: ignore[assignment]
    return made


def _inner(node: Node, level: int) -> Inner:
    """The function of what is asked of a row: (moment, row, records around it) -> value."""
    code = Generated(level, frugal=_kept(node) > MOST_KEPT)
    value = code.piece(node, Known()).whole
    return _compiled(code, ["moment", *(f"r{at}" for at in range(level))], [ast.Return(value)])


def _over_rows(node: Node, level: int) -> Inner:
    """The function of an aggregate: (moment, records) -> value."""
    source, where, operand, *further = node.args
    word = str(node.value)
    function, path, depth = AGGREGATE_FUNCTIONS[word], path_of(source), source.depth
    keeps = None if where.op == "literal" and where.value is True else _inner(where, level + 1)
    every = word == "COUNT" and operand.op == "literal"
    column = None if every else _inner(operand, level + 1)
    per_row = word in PER_ROW
    extra = _inner(further[0], level + per_row) if further else None

    def value(moment: Moment, *records: Values) -> object:
        rows = records[depth].rows(path)
        if keeps is not None:
            rows = [row for row in rows if keeps(moment, row, *records)]
        values = [True for _ in rows] if column is None else [column(moment, row, *records) for row in rows]
        if extra is None:
            return function(values, [])
        around = [(row, *records) for row in rows] if per_row else [records]
        return function(values, [extra(moment, *each) for each in around])

    return value
