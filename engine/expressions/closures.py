"""The fast evaluator: an expression compiled once into one Python function over the same operation table."""

from __future__ import annotations

from collections.abc import Callable
from decimal import getcontext, setcontext

from engine.expressions.generating import generate
from engine.expressions.nodes import Expression, Moment, Values
from engine.values import EXACT


def compile_closure(expression: Expression) -> Callable[[Values, Moment], object]:
    """A function that gives the value of `expression`, the same as `evaluate` does."""
    inner, needs_context = generate(expression.node)
    if not needs_context:
        return inner

    def value(values: Values, moment: Moment) -> object:
        before = getcontext()
        if before is EXACT:
            return inner(values, moment)
        setcontext(EXACT)  # a copy of it, as localcontext makes one, costs as much as a small formula
        try:
            return inner(values, moment)
        finally:
            setcontext(before)

    return value
