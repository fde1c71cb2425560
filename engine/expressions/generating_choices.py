"""The code of conditions, comparisons and choices: what looks at nulls itself, and what only one branch of is asked."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.expressions.nodes import Node
from engine.expressions.numbers import ZERO, divide_by
from engine.expressions.python_trees import (
    NO_VARS,
    NOTHING,
    NULL,
    Known,
    Piece,
    Strict,
    all_of,
    any_of,
    assigned,
    name,
    negated,
    truth,
)

if TYPE_CHECKING:
    from engine.expressions.generating import Generated

Special = Callable[["Generated", Node, Known], Piece]

_SIGNS: Mapping[str, ast.cmpop] = MappingProxyType({"<": ast.Lt(), "<=": ast.LtE(), ">": ast.Gt(), ">=": ast.GtE()})
_LOGIC = frozenset({"=", "<>", "<", "<=", ">", ">=", "IN", "AND", "OR", "NOT", "XOR", "ISEMPTY", "field"})
_NEVER_EMPTY_TEXT = frozenset({"number", "date", "datetime", "boolean", "duration"})


def literal(code: Generated, node: Node, _: Known) -> Piece:
    """A value that stands in the expression."""
    if node.value is None:
        return NOTHING
    return Piece((), ast.Constant(node.value) if isinstance(node.value, bool) else code.slot(node.value))


# --- comparisons ----------------------------------------------------------------------------------------------------


def ordered(code: Generated, node: Node, known: Known) -> Piece:
    """< <= > >=: false with a null."""
    before = code.arguments(node.args, known)
    left, right = before.values
    compared = ast.Compare(left, [_SIGNS[node.op]], [right])
    value = all_of([negated(any_of(before.checks)), compared]) if before.checks else compared
    return Piece((), value, read=before.read)


def equal(code: Generated, node: Node, known: Known) -> Piece:
    """= and <>: a null equals a null."""
    left = code.piece(node.args[0], known)
    # every check comes before every value: without checks of its own the left side is read after those of the right
    right = code.piece(node.args[1], known.after(left.read) if left.checks else known)
    same = node.op == "="
    sign = ast.Eq() if same else ast.NotEq()
    if left.checks and right.checks:
        return Piece((), ast.Compare(left.whole, [sign], [right.whole]), read=left.read | right.read)
    compared = ast.Compare(left.value, [sign], [right.value])
    checks = (*left.checks, *right.checks)
    if not checks:
        return Piece((), compared, read=left.read | right.read)
    read = left.read if left.checks else right.read
    value = all_of([negated(any_of(checks)), compared]) if same else any_of([*checks, compared])
    return Piece((), value, read=read)


def within(code: Generated, node: Node, known: Known) -> Piece:
    """Whether a value is one of those listed."""
    value, *options = node.args
    if any(option.op != "literal" for option in options):
        return code.loose(node, known)
    piece = code.piece(value, known)
    listed = code.slot(tuple(option.value for option in options))
    return Piece((), ast.Compare(piece.whole, [ast.In()], [listed]), read=piece.read)


def is_empty(code: Generated, node: Node, known: Known) -> Piece:
    """Whether there is nothing."""
    if node.args[0].type.kind not in _NEVER_EMPTY_TEXT:
        return code.loose(node, known)
    piece = code.piece(node.args[0], known)
    return Piece((), any_of(piece.checks), read=piece.read) if piece.checks else Piece((), ast.Constant(value=False))


# --- conditions -----------------------------------------------------------------------------------------------------


def every(code: Generated, node: Node, known: Known) -> Piece:
    """AND."""
    return _joined(code, node, known, all_of)


def some(code: Generated, node: Node, known: Known) -> Piece:
    """OR."""
    return _joined(code, node, known, any_of)


def _joined(code: Generated, node: Node, known: Known, join: Callable[[Sequence[ast.expr]], ast.expr]) -> Piece:
    pieces: list[Piece] = []
    for arg in node.args:
        pieces.append(code.piece(arg, known))
        known = known.after(pieces[-1].read)
    value = join([piece.whole for piece in pieces])
    certain = all(arg.op in _LOGIC for arg in node.args)
    return Piece((), value if certain else truth(value), read=pieces[0].read)


def negation(code: Generated, node: Node, known: Known) -> Piece:
    """NOT."""
    piece = code.piece(node.args[0], known)
    return Piece((), negated(piece.whole), read=piece.read)


# --- choices --------------------------------------------------------------------------------------------------------


def choose(code: Generated, node: Node, known: Known) -> Piece:
    """IF and IFS."""
    return _choice(code, node.args, known)


def _choice(code: Generated, args: Sequence[Node], known: Known) -> Piece:
    if len(args) < 2:
        return code.piece(args[0], known) if args else NOTHING
    test = code.piece(args[0], known)
    known = known.after(test.read)
    then, otherwise = code.piece(args[1], known), _choice(code, args[2:], known)
    return _either(code, test, then, otherwise)


def _either(code: Generated, test: Piece, then: Piece, otherwise: Piece) -> Piece:
    read = test.read | (then.read & otherwise.read)
    if not then.checks and not otherwise.checks:
        return Piece((), ast.IfExp(test.whole, then.value, otherwise.value), read=read)
    return code.nullable(Strict([Piece((), NULL, read=read)]), ast.IfExp(test.whole, then.whole, otherwise.whole))


def switch(code: Generated, node: Node, known: Known) -> Piece:
    """The value of the first key that equals."""
    if len(node.args) < 3:
        return _choice(code, node.args[1:], known)
    value = code.piece(node.args[0], known)
    asked = code.variable()
    return _switch(code, assigned(asked, value.whole), asked, node.args[1:], known.after(value.read), value)


def _switch(
    code: Generated, subject: ast.expr, asked: str, args: Sequence[Node], known: Known, value: Piece | None = None
) -> Piece:
    if len(args) < 2:
        return _choice(code, args, known)
    key = code.piece(args[0], known)
    read = NO_VARS if value is None else value.read
    test = Piece((), ast.Compare(subject, [ast.Eq()], [key.whole]), read=key.read | read)
    known = known.after(test.read)
    then = code.piece(args[1], known)
    return _either(code, test, then, _switch(code, name(asked), asked, args[2:], known))


def coalesce(code: Generated, node: Node, known: Known) -> Piece:
    """The first value that there is."""
    return _first(code, node.args, known)


def _first(code: Generated, args: Sequence[Node], known: Known) -> Piece:
    piece = code.piece(args[0], known)
    if not piece.checks or len(args) == 1:
        return piece
    rest = _first(code, args[1:], known.after(piece.read))
    test = any_of(piece.checks)
    if not rest.checks:
        return Piece((), ast.IfExp(test, rest.value, piece.value), read=piece.read)
    return code.nullable(Strict([Piece((), NULL, read=piece.read)]), ast.IfExp(test, rest.whole, piece.value))


def zero_if_empty(code: Generated, node: Node, known: Known) -> Piece:
    """N0."""
    piece = code.piece(node.args[0], known)
    if not piece.checks:
        return piece
    return Piece((), ast.IfExp(any_of(piece.checks), code.slot(ZERO), piece.value), read=piece.read)


# --- quotients ------------------------------------------------------------------------------------------------------


def quotient(code: Generated, node: Node, known: Known) -> Piece:
    """/ and DIVIDE: null for an empty part; for a divisor of zero null, or what is given instead."""
    before = code.arguments(node.args[:2], known)
    over, under = before.values
    instead = code.piece(node.args[2], known.passed(before.present)) if len(node.args) > 2 else NOTHING
    if node.args[1].op == "literal" and node.args[1].value:
        return before.piece(code.call(divide_by, [over, under]))
    divisor = code.variable()
    value = ast.IfExp(assigned(divisor, under), code.call(divide_by, [over, name(divisor)]), instead.whole)
    return code.nullable(before, value) if instead.checks else before.piece(value)


SPECIAL: Mapping[str, Special] = MappingProxyType({
    "literal": literal,
    "field": lambda code, node, known: code.field(node, known),
    "aggregate": lambda code, node, known: code.aggregate(node, known),
    "<": ordered, "<=": ordered, ">": ordered, ">=": ordered,
    "=": equal, "<>": equal, "IN": within, "ISEMPTY": is_empty,
    "AND": every, "OR": some, "NOT": negation,
    "IF": choose, "IFS": choose, "SWITCH": switch, "COALESCE": coalesce, "N0": zero_if_empty,
    "/": quotient, "DIVIDE": quotient,
})  # fmt: skip
