"""The canonical way to write an expression: `=`, `<>`, half-width signs, upper-case functions, few brackets."""

from __future__ import annotations

from decimal import Decimal

from engine.expressions.lexer import WORDS
from engine.expressions.nodes import Expression
from engine.expressions.numbers import plain_number
from engine.expressions.parser import ADD, BINDING, COMPARE, MULTIPLY, NOT, SIGN, parse
from engine.expressions.syntax import Refused, Syntax


def format_expression(expression: Expression) -> str:
    """The canonical text; it means the same and formatting it again changes nothing."""
    return format_text(expression.text)


def format_text(text: str) -> str:
    """The canonical text of anything that parses; another text comes back as it is."""
    try:
        return _write(parse(text))
    except Refused:
        return text


def _write(syntax: Syntax) -> str:
    parts = syntax.parts
    match syntax.kind:
        case "number":
            return _number(syntax)
        case "text":
            return _text(str(syntax.value))
        case "boolean":
            return "TRUE" if syntax.value else "FALSE"
        case "null":
            return "NULL"
        case "name":
            return _name(str(syntax.value))
        case "call":
            return f"{str(syntax.value).upper()}({', '.join(map(_write, parts))})"
        case "member":
            return f"{_write(parts[0])}.{_name(str(syntax.value))}"
        case "filter":
            return f"{_write(parts[0])}[{_write(parts[1])}]"
        case "in":
            return f"{_inner(parts[0], COMPARE + 1)} in [{', '.join(map(_write, parts[1:]))}]"
        case "unary":
            return _unary(syntax)
    return _binary(syntax)


def _unary(syntax: Syntax) -> str:
    operand = syntax.parts[0]
    return f"not {_inner(operand, NOT)}" if syntax.value == "not" else f"{syntax.value}{_inner(operand, SIGN)}"


def _binary(syntax: Syntax) -> str:
    left, right = syntax.parts
    power = BINDING[str(syntax.value)]
    tight = power + 1 if power in (COMPARE, ADD, MULTIPLY) else power
    left_power = power + 1 if power == COMPARE else power
    return f"{_inner(left, left_power)} {syntax.value} {_inner(right, max(tight, power + 1))}"


def _inner(syntax: Syntax, power: int) -> str:
    """An operand, in brackets when it binds looser than `power`."""
    own = {"unary": NOT if syntax.value == "not" else SIGN, "in": COMPARE}.get(syntax.kind, SIGN + 1)
    if syntax.kind == "binary":
        own = BINDING[str(syntax.value)]
    return f"({_write(syntax)})" if own < power else _write(syntax)


def _number(syntax: Syntax) -> str:
    return plain_number(syntax.value) if isinstance(syntax.value, Decimal) else str(syntax.value)


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"' if '"' not in value else "'" + escaped.replace("'", "\\'") + "'"


def _name(name: str) -> str:
    plain = name and (name[0].isalpha() or name[0] == "_") and all(char == "_" or char.isalnum() for char in name)
    return name if plain and name.lower() not in WORDS else f"`{name}`"
