"""The fast evaluator: an expression compiled once into nested Python functions over the same operation table."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, getcontext, setcontext

from engine.expressions.leaves import Surroundings, in_vocabulary, path_of, read_leaf, surroundings
from engine.expressions.nodes import Expression, Moment, Node, Values
from engine.expressions.operations import OPERATIONS, Operation
from engine.expressions.rows import AGGREGATE_FUNCTIONS, PER_ROW
from engine.values import EXACT

Closure = Callable[[Surroundings], object]


def compile_closure(expression: Expression) -> Callable[[Values, Moment], object]:
    """A function that gives the value of `expression`, the same as `evaluate` does."""
    inner = _closure(expression.node)

    def value(values: Values, moment: Moment) -> object:
        before = getcontext()
        if before is EXACT:
            return inner(surroundings(values, moment))
        setcontext(EXACT)  # a copy of it, as localcontext makes one, costs as much as a small formula
        try:
            return inner(surroundings(values, moment))
        finally:
            setcontext(before)

    return value


def _closure(node: Node) -> Closure:
    if node.op == "aggregate":
        return _aggregate(node)
    if node.op not in OPERATIONS:
        return _leaf(node)
    args = [_closure(arg) for arg in node.args]
    if node.op == "IF":
        return _if(*args)
    if len(args) == 2 and node.args[1].op == "literal" and node.op not in ("AND", "OR"):
        operation = OPERATIONS[node.op]
        if not (operation.zoned or operation.planned):
            return _with_constant(operation, args[0], node.args[1].value)
    if node.op in ("AND", "OR"):
        return _logic(node.op, args)
    operation = OPERATIONS[node.op]
    if operation.zoned or operation.planned:
        return _with_moment(operation, args)
    return _call(operation, args)


def _leaf(node: Node) -> Closure:
    if node.op == "literal":
        constant = node.value
        return lambda around: constant
    if node.op == "field":
        return _number_field(node) if node.type.kind == "number" else _field(node)
    return lambda around: read_leaf(node, around)


def _field(node: Node) -> Closure:
    path, depth, type_ = path_of(node), node.depth, node.type
    return lambda around: in_vocabulary(around.records[depth].value(path), type_)


def _number_field(node: Node) -> Closure:
    path, depth = path_of(node), node.depth

    def value(around: Surroundings) -> object:
        found = around[0][depth].value(path)
        return Decimal(found) if isinstance(found, int) else found

    return value


def _if(test: Closure, then: Closure, otherwise: Closure) -> Closure:
    return lambda around: then(around) if test(around) else otherwise(around)


def _logic(name: str, args: list[Closure]) -> Closure:
    if name == "AND":
        return lambda around: all(arg(around) for arg in args)
    return lambda around: any(arg(around) for arg in args)


def _with_moment(operation: Operation, args: list[Closure]) -> Closure:
    apply = operation.apply
    return lambda around: apply(*operation.around(around.moment), *(arg(around) for arg in args))


def _call(operation: Operation, args: list[Closure]) -> Closure:
    python = operation.python
    if len(args) == 1:
        return _unary(operation, args[0])
    if len(args) == 2:
        left, right = args
        if operation.nulls:
            return lambda around: python(left(around), right(around))
        return _strict_binary(python, left, right)
    if len(args) == 3 and operation.nulls:
        one, two, three = args
        return lambda around: python(one(around), two(around), three(around))
    apply = operation.apply
    return lambda around: apply(*[arg(around) for arg in args])


def _with_constant(operation: Operation, left: Closure, right: object) -> Closure:
    python = operation.python
    if operation.nulls:
        return lambda around: python(left(around), right)
    if right is None:
        return lambda around: None

    def value(around: Surroundings) -> object:
        one = left(around)
        return None if one is None else python(one, right)

    return value


def _unary(operation: Operation, arg: Closure) -> Closure:
    python = operation.python
    if operation.nulls:
        return lambda around: python(arg(around))

    def value(around: Surroundings) -> object:
        inner = arg(around)
        return None if inner is None else python(inner)

    return value


def _strict_binary(python: Callable[..., object], left: Closure, right: Closure) -> Closure:
    def value(around: Surroundings) -> object:
        one = left(around)
        if one is None:
            return None
        other = right(around)
        return None if other is None else python(one, other)

    return value


def _aggregate(node: Node) -> Closure:
    source, where, operand, *further = node.args
    name = str(node.value)
    function = AGGREGATE_FUNCTIONS[name]
    keeps, column = _closure(where), _closure(operand)
    extra = _closure(further[0]) if further else None
    if name == "COUNT" and operand.op == "literal":
        column = _every_row

    def value(around: Surroundings) -> object:
        kept = [row for row in map(around.inside, around.rows(source)) if keeps(row)]
        values = [column(row) for row in kept]
        if extra is None:
            return function(values, [])
        return function(values, [extra(row) for row in kept] if name in PER_ROW else [extra(around)])

    return value


def _every_row(_: Surroundings) -> object:
    return True
