"""What do the operators mean between the types at hand? A date + a number is another operation than two numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from engine.expressions.checking import FALSE, Checking, Hint, hint, is_literal, literal
from engine.expressions.nodes import Node
from engine.expressions.operations import OPERATIONS
from engine.expressions.syntax import Syntax
from engine.expressions.types import LINKS, LISTS, ORDERED, TEXT, same_family, type_words
from engine.problems import near_name

MOST_OPTIONS = 200
FLIPPED = MappingProxyType({"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"})
SCALARS = frozenset({"text", "choice", "stage", "number", "date", "datetime", "boolean", "null"})

# (operator, kind left, kind right) -> (operation, swap the operands)
_ARITHMETIC = MappingProxyType(
    {
        ("+", "date", "number"): ("ADDDAYS", ""),
        ("+", "number", "date"): ("ADDDAYS", "swap"),
        ("-", "date", "number"): ("SUBTRACTDAYS", ""),
        ("-", "date", "date"): ("DAYS", ""),
        ("+", "datetime", "duration"): ("ADDSECONDS", ""),
        ("+", "duration", "datetime"): ("ADDSECONDS", "swap"),
        ("-", "datetime", "duration"): ("SUBTRACTSECONDS", ""),
        ("-", "datetime", "datetime"): ("SECONDSBETWEEN", ""),
        ("+", "duration", "duration"): ("PLUSSECONDS", ""),
        ("-", "duration", "duration"): ("MINUSSECONDS", ""),
    }
)


def operation(name: str, args: tuple[Node, ...], syntax: Syntax) -> Node:
    """The node of an operation of the table."""
    return Node(name, OPERATIONS[name].result_type(args), args, position=syntax.start)


def unary(checking: Checking, syntax: Syntax) -> Node:
    """`not`, `-`, `+`."""
    if syntax.value == "not":
        return operation("NOT", (checking.condition(syntax.parts[0]),), syntax)
    inner = checking.check(syntax.parts[0])
    if inner.type.kind not in ("number", "null"):
        return _refuse_operand(checking, syntax.parts[0], inner, str(syntax.value))
    if syntax.value == "+":
        return inner
    if is_literal(inner) and inner.value is not None:
        return replace(inner, value=-inner.value, position=syntax.start)  # type: ignore[operator]
    return operation("NEGATE", (inner,), syntax)


def binary(checking: Checking, syntax: Syntax) -> Node:
    """Any operator between two operands."""
    kinds: dict[str, Callable[[Checking, Syntax], Node]] = {"and": _logic, "or": _logic, "&": _join}
    kinds |= dict.fromkeys(FLIPPED, _comparison)
    return kinds.get(str(syntax.value), _arithmetic)(checking, syntax)


def _chain(syntax: Syntax, operator: object) -> list[Syntax]:
    """The operands of `a and b and c`, flat and in order."""
    operands: list[Syntax] = []
    while syntax.kind == "binary" and syntax.value == operator:
        operands.append(syntax.parts[1])
        syntax = syntax.parts[0]
    return [syntax, *reversed(operands)]


def _logic(checking: Checking, syntax: Syntax) -> Node:
    operands = tuple(checking.condition(part) for part in _chain(syntax, syntax.value))
    return operation(str(syntax.value).upper(), operands, syntax)


def _join(checking: Checking, syntax: Syntax) -> Node:
    return operation("CONCAT", tuple(as_text(checking, part, "&") for part in _chain(syntax, "&")), syntax)


def as_text(checking: Checking, syntax: Syntax, function: str) -> Node:
    """The operand as a text: numbers, dates and conditions by TEXT."""
    node = checking.check(syntax)
    if node.type.kind not in SCALARS:
        return _refuse_operand(checking, syntax, node, function, "text")
    if node.type.kind in ("number", "date", "datetime", "boolean"):
        return operation("TEXT", (node,), syntax)
    return node


def _arithmetic(checking: Checking, syntax: Syntax) -> Node:
    left, right = (checking.check(part) for part in syntax.parts)
    kinds = left.type.kind, right.type.kind
    found = _ARITHMETIC.get((str(syntax.value), *kinds))
    if found is None and "null" in kinds and kinds != ("null", "null"):
        found = _with_null(str(syntax.value), *kinds)
    if found is not None:
        return operation(found[0], (right, left) if found[1] else (left, right), syntax)
    for part, node in zip(syntax.parts, (left, right), strict=True):
        if node.type.kind not in ("number", "null"):
            return _refuse_operand(checking, part, node, str(syntax.value))
    return operation(str(syntax.value), (left, right), syntax)


def _with_null(operator: str, left: str, right: str) -> tuple[str, str] | None:
    """The operation of a date or instant with a written-out null (always null)."""
    fitting = [
        found for (sign, one, other), found in _ARITHMETIC.items()
        if sign == operator and left in (one, "null") and right in (other, "null")
    ]  # fmt: skip
    return fitting[0] if fitting and "number" not in (left, right) else None


def _refuse_operand(checking: Checking, syntax: Syntax, node: Node, function: str, wanted: str = "number") -> Node:
    advice: Hint | None = None
    if node.type.kind in ("text", "choice", "stage") and function == "+":
        advice = hint(
            "Join texts with &; VALUE(x) makes a number of a text.", "连接文本请用 &；VALUE(x) 把文本变成数字。"
        )
    elif node.type.kind in ("text", "choice", "stage"):
        advice = hint("VALUE(x) makes a number of a text.", "VALUE(x) 把文本变成数字。")
    elif node.type.kind == "date":
        advice = hint(
            "Days are added to a date: due + 7; between two dates stands only -.",
            "日期可加天数：到期日 + 7；两个日期之间只能相减。",
        )
    elif node.type.kind == "boolean":
        advice = hint("IF(x, 1, 0) makes a number of a condition.", "IF(x, 1, 0) 把条件变成数字。")
    elif node.type.kind == "datetime":
        advice = hint(
            "DATEADD(t, n, 'h') moves a time; TODATE(t) is its date.", "DATEADD(t, n, 'h') 移动时间；TODATE(t) 取日期。"
        )
    elif node.type.kind == "duration":
        advice = hint("HOURS(x) or MINUTES(x) makes a number.", "HOURS(x) 或 MINUTES(x) 得到数字。")
    elif node.type.kind in LINKS:
        advice = hint("Name a field of what is linked: parent.name.", "请写关联记录的字段，例如 上级.名称。")
    elif node.type.kind in LISTS:
        advice = hint("HAS(x, v) and COUNTOF(x) work on several values.", "多值字段可用 HAS(x, v)、COUNTOF(x)。")
    return checking.refuse(
        "FX014", syntax, advice, function=function, expected=type_words(wanted), got=type_words(node.type.kind)
    )


# --- comparisons --------------------------------------------------------------------------------------------------


def _comparison(checking: Checking, syntax: Syntax) -> Node:
    left, right = (checking.check(part) for part in syntax.parts)
    return compare(checking, syntax, str(syntax.value), left, right)


def compare(checking: Checking, syntax: Syntax, operator: str, left: Node, right: Node) -> Node:
    """left <operator> right; stages and choices against what is written out."""
    if is_literal(left) and not is_literal(right):
        left, right, operator = right, left, FLIPPED[operator]
    if _names_stage(left, right):
        return _stage(checking, syntax, operator, left, right)
    fitting = comparable(checking, syntax, left, right)
    keys = _keys_of(left, fitting)
    if keys is not None and operator in ("=", "<>"):
        found = operation("IN", (left.args[0], *keys), syntax) if keys else FALSE
        return operation("NOT", (found,), syntax) if operator == "<>" else found
    if operator not in ("=", "<>") and not {left.type.kind, right.type.kind} <= ORDERED:
        return _refuse_comparison(checking, syntax, left, right)
    return operation(operator, (left, fitting), syntax)


def comparable(checking: Checking, syntax: Syntax, left: Node, right: Node) -> Node:
    """`right` as it is compared with `left`; a problem is noted when the two do not fit."""
    right = _as_id(left, right)
    if not same_family(left.type, right.type) or LISTS & {left.type.kind, right.type.kind}:
        return _refuse_comparison(checking, syntax, left, right)
    for one, other in ((left, right), (right, left)):
        check_option(checking, syntax, one, other)
    return right


def _keys_of(left: Node, right: Node) -> tuple[Node, ...] | None:
    """`stage.outcome = 'open'` asks for stages: the keys for which a SWITCH of literals gives `right`."""
    plain = left.op == "SWITCH" and len(left.args) % 2 == 1 and all(is_literal(arg) for arg in left.args[1:])
    if not plain or not is_literal(right) or right.value is None:
        return None
    pairs = zip(left.args[1::2], left.args[2::2], strict=True)
    return tuple(key for key, value in pairs if value.value == right.value)


def _names_stage(left: Node, right: Node) -> bool:
    return left.type.kind == "stage" and left.op == "field" and is_literal(right) and isinstance(right.value, str)


def _as_id(left: Node, right: Node) -> Node:
    """`parent = 7`: a whole number written out beside a link is an id."""
    number = right.value
    if is_literal(right) and right.type.kind == "number" and left.type.kind in LINKS and number == int(number):  # type: ignore[call-overload]
        return replace(right, type=left.type, value=int(number))  # type: ignore[call-overload]
    return right


def _stage(checking: Checking, syntax: Syntax, operator: str, left: Node, right: Node) -> Node:
    """A stage named in a comparison means the stages of the record's set that it stands for."""
    path = left.value if isinstance(left.value, tuple) else ()
    asked = "=" if operator == "<>" else operator
    stages = checking.scopes[left.depth].stages(path, asked, str(right.value))
    if stages is None:
        return _refuse_option(checking, syntax, left, right)
    found = FALSE
    if stages:
        options = tuple(literal(stage, TEXT, syntax) for stage in stages)
        found = operation("IN", (left, *options), syntax)
    return operation("NOT", (found,), syntax) if operator == "<>" else found


def check_option(checking: Checking, syntax: Syntax, node: Node, option: Node) -> None:
    """FX018 when `option` is written out and is none of the choices of `node`."""
    options = node.type.options
    if options is not None and is_literal(option) and isinstance(option.value, str) and option.value not in options:
        _refuse_option(checking, syntax, node, option)


def _refuse_option(checking: Checking, syntax: Syntax, node: Node, option: Node) -> Node:
    options = node.type.options or ()
    path = node.value if isinstance(node.value, tuple) else ()
    written = next((part for part in syntax.parts if part.start == option.position), syntax)
    return checking.refuse(
        "FX018", written, value=option.value, name=".".join(map(str, path)), options=", ".join(options),
        near=near_name(str(option.value), options),
    )  # fmt: skip


def within(checking: Checking, syntax: Syntax) -> Node:
    """`x in [a, b]` and IN(x, a, b)."""
    value, *options = syntax.parts
    if len(options) > MOST_OPTIONS:
        return checking.refuse("FX032", syntax, what={"en": "options", "zh": "选项"}, most=MOST_OPTIONS)
    node = checking.check(value)
    fitting: list[Node] = []
    for option in options:
        other = checking.check(option)
        if _names_stage(node, other):
            fitting += _stage(checking, syntax, "=", node, other).args[1:]
        else:
            fitting.append(comparable(checking, syntax, node, other))
    keys = [_keys_of(node, other) for other in fitting]
    if None not in keys:
        node, fitting = node.args[0], [key for found in keys for key in found or ()]
    return operation("IN", (node, *fitting), syntax)


def _refuse_comparison(checking: Checking, syntax: Syntax, left: Node, right: Node) -> Node:
    kinds = {left.type.kind, right.type.kind}
    advice: Hint | None = None
    if kinds & LISTS:
        advice = hint(
            "Ask with HAS(x, v), HASANY(x, a, b) or HASALL(x, a, b).",
            "请用 HAS(x, v)、HASANY(x, a, b)、HASALL(x, a, b)。",
        )
    elif kinds == {"date", "datetime"}:
        advice = hint("TODATE(t) is the date of a time.", "TODATE(t) 取日期时间的日期。")
    elif "date" in kinds and "text" in kinds:
        advice = hint("Write a date as DATE(2024, 1, 31).", "日期请写 DATE(2024, 1, 31)。")
    elif "number" in kinds and kinds & {"text", "choice", "stage"}:
        advice = hint("Convert one side: VALUE(x) or TEXT(x).", "请转换一边：VALUE(x) 或 TEXT(x)。")
    elif kinds & LINKS:
        advice = hint(
            "Compare a field of what is linked: parent.name = 'x'.", '请比较关联记录的字段：上级.名称 = "x"。'
        )
    elif len(kinds) == 1:
        advice = hint("Only = and <> are possible here.", "这里只能用 = 和 <>。")
    return checking.refuse("FX015", syntax, advice, left=type_words(left.type.kind), right=type_words(right.type.kind))
