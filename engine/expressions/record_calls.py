"""Functions about the record and people that are other trees: days in a stage, being in a department."""

from __future__ import annotations

from dataclasses import replace

from engine.expressions.checking import Checking, hint, is_literal, literal
from engine.expressions.nodes import ALL_DEPARTMENTS, STAYS, Node, Scope, Type
from engine.expressions.operators import comparable, operation
from engine.expressions.syntax import Syntax
from engine.expressions.types import DATE, DATETIME, TEXT, WHOLE, type_words

_DEPARTMENTS = Type("departments", form="people.department")


def stage_days(checking: Checking, syntax: Syntax) -> Node:
    """STAGE_DAYS(stage): the sum over the record's stays there, an open one up to today."""
    if len(syntax.parts) != 1:
        return checking.refuse(
            "FX021", syntax, function="STAGE_DAYS", expected=hint("1 argument", "1 个参数"), count=len(syntax.parts)
        )
    named = checking.check(syntax.parts[0])
    if not is_literal(named) or not isinstance(named.value, str):
        return checking.refuse("FX022", syntax.parts[0], function="STAGE_DAYS", expected=hint("a stage", "阶段"))
    for depth, scope in enumerate(checking.scopes):
        fields = _stage_fields(scope)
        for field in fields:
            stages = scope.stages((field,), "=", named.value)
            if stages:
                return _days_in(field, stages, depth, syntax)
        if fields:
            options = scope.find(fields[0])
            known = ", ".join(options.type.options or ()) if options is not None else ""
            return checking.refuse("FX018", syntax.parts[0], value=named.value, name=fields[0], options=known, near="")
    return checking.refuse("FX010", syntax, name="stage", form=checking.scopes[0].label(), near="")


def _stage_fields(scope: Scope) -> list[str]:
    symbols = ((name, scope.find(name)) for name in scope.names())
    return [name for name, symbol in symbols if symbol is not None and symbol.type.kind == "stage"]


def _days_in(field: str, stages: tuple[str, ...], depth: int, syntax: Syntax) -> Node:
    left = operation("TODATE", (Node("field", DATETIME, value=("left_at",)),), syntax)
    until = operation("COALESCE", (left, Node("today", DATE)), syntax)
    entered = operation("TODATE", (Node("field", DATETIME, value=("entered_at",)),), syntax)
    options = tuple(literal(stage, TEXT, syntax) for stage in stages)
    there = operation("IN", (Node("field", TEXT, value=("stage",)), *options), syntax)
    source = Node("rows", Type("rows"), value=(STAYS, field), depth=depth)
    days = operation("DAYS", (until, entered), syntax)
    return Node("aggregate", WHOLE, (source, there, days), "SUM", position=syntax.start)


def in_department(checking: Checking, syntax: Syntax) -> Node:
    """INDEPT(person, department): the person is in it, or in one below it."""
    if len(syntax.parts) != 2:
        return checking.refuse(
            "FX021", syntax, function="INDEPT", expected=hint("2 arguments", "2 个参数"), count=len(syntax.parts)
        )
    person, wanted = (checking.check(part) for part in syntax.parts)
    if person.type.kind == "null":
        return literal(value=False, type_=Type("boolean"), syntax=syntax)
    if person.type.kind != "person" or person.op not in ("field", "me"):
        return checking.refuse(
            "FX014", syntax.parts[0], function="INDEPT", expected=type_words("person"), got=type_words(person.type.kind)
        )
    path = person.value if isinstance(person.value, tuple) else ()
    held = replace(person, type=_DEPARTMENTS, value=(*path, ALL_DEPARTMENTS))
    fitting = comparable(checking, syntax.parts[1], replace(held, type=Type("department")), wanted)
    return operation("HAS", (held, fitting), syntax)
