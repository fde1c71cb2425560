"""Is a function called with what it needs: known name, number and types of arguments, literals where needed?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from engine.expressions import names, operators, record_calls, row_calls
from engine.expressions.checking import FALSE, Checking, hint, is_literal
from engine.expressions.foreign import foreign_hint, usage_hint
from engine.expressions.nodes import Node, Type
from engine.expressions.operations import AGGREGATES, ALIASES, HIDDEN, OPERATIONS
from engine.expressions.operators import operation
from engine.expressions.syntax import Syntax
from engine.expressions.texts import NUMBER_FORMAT, is_date_format
from engine.expressions.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    LISTS,
    ORDERED,
    PERSON,
    TEXTS,
    common_type,
    same_family,
    type_words,
)
from engine.problems import near_name

_RANGES = MappingProxyType({"places": (-12, 12), "exponent": (0, 36), "repeats": (0, 100), "width": (0, 64)})
_PROPERTIES = MappingProxyType({"USERNAME": "name", "DEPTOF": "department", "SUPERIOR": "superior", "DEPTNAME": "name"})
_SYSTEM_FIELDS = MappingProxyType({
    "RECORDID": "id", "CREATEDAT": "created_at", "CREATEDBY": "created_by",
    "UPDATEDAT": "updated_at", "UPDATEDBY": "updated_by",
})  # fmt: skip
_LEAVES: Mapping[str, Node] = MappingProxyType({
    "TODAY": Node("today", DATE), "NOW": Node("now", DATETIME), "IS_NEW": Node("is_new", BOOLEAN),
    "CURRENT_USER": Node("me", PERSON, value=()),
    "TRUE": Node("literal", BOOLEAN, value=True), "FALSE": FALSE, "NULL": Node("literal", Type("null")),
})  # fmt: skip


def call(checking: Checking, syntax: Syntax) -> Node:
    """The node of a function call."""
    written = str(syntax.value).upper()
    name = ALIASES.get(written, written)
    if name in _LEAVES or name in _SYSTEM_FIELDS or name == "CURRENT_DEPT":
        return _leaf(checking, syntax, name)
    if name in _PROPERTIES:
        return _property(checking, syntax, name)
    if name in AGGREGATES:
        whole = _of_rows(checking, syntax)
        rows = names.find_rows(checking, whole.parts[0]) if whole.parts else None
        if rows is not None:
            return row_calls.aggregate(checking, whole, name, rows)
    special = _SPECIAL.get(name)
    if special is not None:
        return special(checking, syntax)
    if name not in OPERATIONS or name in HIDDEN:
        return _unknown(checking, syntax, name)
    return _by_signature(checking, syntax, name)


def _of_rows(checking: Checking, syntax: Syntax) -> Syntax:
    """The call with the rows it is of written out: SUM(amount) is SUM(records, amount) where rows are implied."""
    implied = checking.implicit_rows
    if implied is None or any(_aggregates(part) for part in syntax.parts):
        return syntax
    if syntax.parts and names.find_rows(checking, syntax.parts[0]) is not None:
        return syntax
    rows = Syntax("name", syntax.start, syntax.start, value=implied)
    return replace(syntax, parts=(rows, *syntax.parts))


def _aggregates(syntax: Syntax) -> bool:
    """Whether an aggregate is called in it: then it is one number already."""
    called = str(syntax.value).upper() if syntax.kind == "call" else ""
    return ALIASES.get(called, called) in AGGREGATES or any(_aggregates(part) for part in syntax.parts)


def function_names() -> tuple[str, ...]:
    """Every name that may be called, aliases left out."""
    known = {*OPERATIONS, *AGGREGATES, *_LEAVES, *_SYSTEM_FIELDS, *_PROPERTIES, *_SPECIAL, "CURRENT_DEPT"}
    return tuple(sorted(known - HIDDEN))


def _unknown(checking: Checking, syntax: Syntax, name: str) -> Node:
    if name in AGGREGATES:
        for part in syntax.parts:
            checking.check(part)
        return checking.refuse("FX023", syntax, function=name)
    advice = foreign_hint(name)
    near = "" if advice else near_name(name, function_names())
    at = replace(syntax, end=syntax.start + len(str(syntax.value)))
    return checking.refuse("FX020", at, advice, name=syntax.value, near=near)


def _wrong_count(checking: Checking, syntax: Syntax, en: str, zh: str) -> Node:
    name = str(syntax.value).upper()
    return checking.refuse(
        "FX021", syntax, usage_hint(name), function=name, expected=hint(en, zh), count=len(syntax.parts)
    )


# --- functions without arguments, or that are another word for a name -----------------------------------------------


def _leaf(checking: Checking, syntax: Syntax, name: str) -> Node:
    if syntax.parts:
        return _wrong_count(checking, syntax, "no arguments", "0 个参数")
    if name in _LEAVES:
        return replace(_LEAVES[name], position=syntax.start)
    base = Syntax("name", syntax.start, syntax.end, "me" if name == "CURRENT_DEPT" else "this")
    member = "department" if name == "CURRENT_DEPT" else _SYSTEM_FIELDS[name]
    return names.resolve(checking, replace(syntax, kind="member", value=member, parts=(base,)))


def _property(checking: Checking, syntax: Syntax, name: str) -> Node:
    """USERNAME(owner) is owner.name."""
    if len(syntax.parts) != 1:
        return _wrong_count(checking, syntax, "1 argument", "1 个参数")
    return names.resolve(checking, replace(syntax, kind="member", value=_PROPERTIES[name]))


# --- functions with a signature -------------------------------------------------------------------------------------


def _by_signature(checking: Checking, syntax: Syntax, name: str) -> Node:
    wanted = OPERATIONS[name].signature.split()
    codes = _codes(wanted, len(syntax.parts))
    if codes is None:
        return _wrong_count(checking, syntax, *_count_words(wanted))
    args = tuple(_argument(checking, name, part, code) for part, code in zip(syntax.parts, codes, strict=True))
    if name in ("MIN", "MAX") and not all(same_family(args[0].type, arg.type) for arg in args):
        return _branches_differ(checking, syntax, args)
    if name == "TEXT" and len(args) > 1 and not _format_fits(args):
        return checking.refuse("FX022", syntax.parts[1], function="TEXT", expected=_format_words(args[0]))
    if name == "TIERSUM" and not _ascending(args[1::2]):
        return checking.refuse("FX022", syntax, function=name, expected=hint("ascending bounds", "从小到大的分段起点"))
    return operation(name, args, syntax)


def _codes(wanted: list[str], count: int) -> list[str] | None:
    """One code per argument, None when the count does not fit."""
    fixed = [code for code in wanted if not code.endswith("*")]
    group = [code.rstrip("*") for code in wanted if code.endswith("*")]
    if group:
        times, over = divmod(count - len(fixed), len(group))
        return [*fixed, *(group * times)] if times >= 1 and not over else None
    least = sum(not code.endswith("?") for code in wanted)
    return [code.rstrip("?") for code in wanted[:count]] if least <= count <= len(wanted) else None


def _count_words(wanted: list[str]) -> tuple[str, str]:
    if any(code.endswith("*") for code in wanted):
        pairs = sum(code.endswith("*") for code in wanted) > 1
        return ("a value, then pairs", "一个值，然后成对的参数") if pairs else ("at least 1 argument", "至少 1 个参数")
    most, least = len(wanted), sum(not code.endswith("?") for code in wanted)
    number = str(most) if most == least else f"{least}–{most}"
    return f"{number} argument{'' if most == 1 else 's'}", f"{number} 个参数"


def _argument(checking: Checking, function: str, syntax: Syntax, code: str) -> Node:
    if code == "boolean":
        return checking.condition(syntax)
    if code == "scalar":
        node = checking.check(syntax) if function == "TEXT" else operators.as_text(checking, syntax, function)
        return node if node.type.kind in operators.SCALARS else _refuse(checking, function, syntax, node, "text")
    node = checking.check(syntax)
    if code in _RANGES or code == "amount" or code == "format" or code.startswith("words:"):
        return _written_out(checking, function, syntax, node, code)
    fitting: Mapping[str, frozenset[str]] = {
        "text": TEXTS, "list": LISTS, "day": frozenset({"date", "datetime"}), "ordered": ORDERED,
    }  # fmt: skip
    if code == "any" or node.type.kind == "null" or node.type.kind in fitting.get(code, frozenset({code})):
        return node
    return _refuse(checking, function, syntax, node, "number" if code == "ordered" else code)


def _refuse(checking: Checking, function: str, syntax: Syntax, node: Node, wanted: str) -> Node:
    kinds = wanted, node.type.kind
    advice = None
    if kinds == ("number", "text"):
        advice = hint("VALUE(x) makes a number of a text.", "VALUE(x) 把文本变成数字。")
    elif wanted == "text" and node.type.kind in ("number", "date", "datetime"):
        advice = hint("TEXT(x) makes a text of it.", "TEXT(x) 可转换成文本。")
    elif kinds == ("date", "datetime"):
        advice = hint("TODATE(t) is the date of a time.", "TODATE(t) 取日期时间的日期。")
    elif wanted == "date" and node.type.kind == "text":
        advice = hint(
            "DATEVALUE(t) reads 2024-01-31; or write DATE(2024, 1, 31).",
            "DATEVALUE(t) 读取 2024-01-31，也可写 DATE(2024, 1, 31)。",
        )
    return checking.refuse(
        "FX014", syntax, advice, function=function, expected=type_words(wanted), got=type_words(node.type.kind)
    )


def _written_out(checking: Checking, function: str, syntax: Syntax, node: Node, code: str) -> Node:
    value = node.value if is_literal(node) else None
    if code.startswith("words:"):
        words = code.removeprefix("words:").split("|")
        fitting, expected = value in words, hint(" or ".join(words), "、".join(words))
    elif code == "format":
        fitting, expected = (
            isinstance(value, str),
            hint("a format such as '0.00' or 'YYYY-MM'", '格式，例如 "0.00"、"YYYY-MM"'),
        )
    elif code == "amount":
        fitting, expected = isinstance(value, Decimal), hint("a number", "数字")
    else:
        low, high = _RANGES[code]
        fitting = isinstance(value, Decimal) and value == value.to_integral_value() and low <= value <= high
        expected = hint(f"a whole number from {low} to {high}", f"{low} 到 {high} 的整数")
    return node if fitting else checking.refuse("FX022", syntax, function=function, expected=expected)


def _format_fits(args: tuple[Node, ...]) -> bool:
    shape = str(args[1].value)
    if args[0].type.kind == "number":
        return NUMBER_FORMAT.fullmatch(shape) is not None
    if args[0].type.kind in ("date", "datetime"):
        timed = any(part in shape for part in ("HH", "mm", "ss"))
        return is_date_format(shape) and not (timed and args[0].type.kind == "date")
    return args[0].type.kind == "null"


def _format_words(value: Node) -> Mapping[str, str]:
    shapes = {
        "number": "0 0.00 #,##0.00 0% 0.00%",
        "date": "YYYY MM DD 年 月 日 - / .",
        "datetime": "YYYY MM DD HH mm ss 年 月 日 - / : .",
    }.get(value.type.kind, "")
    return hint(f"a format of {shapes}", f"由 {shapes} 组成的格式")


def _ascending(bounds: tuple[Node, ...]) -> bool:
    numbers = [bound.value for bound in bounds if isinstance(bound.value, Decimal)]
    return all(one < other for one, other in zip(numbers, numbers[1:], strict=False))


# --- functions whose types depend on each other -------------------------------------------------------------------


def _branches_differ(checking: Checking, syntax: Syntax, values: tuple[Node, ...]) -> Node:
    first = next(value for value in values if value.type.kind != "null")
    other = next(value for value in values if not same_family(first.type, value.type))
    return checking.refuse("FX016", syntax, left=type_words(first.type.kind), right=type_words(other.type.kind))


def _choice(checking: Checking, syntax: Syntax, name: str, tests: tuple[Node, ...], values: list[Node]) -> Node:
    """IF/IFS: conditions and values (the last value may be the one for 'else') as one node."""
    kinds = common_type(value.type for value in values)
    if not all(same_family(kinds, value.type) for value in values):
        return _branches_differ(checking, syntax, tuple(values))
    if kinds == BOOLEAN:
        values = [FALSE if value.type.kind == "null" else value for value in values]
        values += [FALSE] if len(values) == len(tests) else []
    args = [each for pair in zip(tests, values, strict=False) for each in pair] + values[len(tests) :]
    return operation(name, tuple(args), syntax)


def _if(checking: Checking, syntax: Syntax) -> Node:
    if len(syntax.parts) != 3:
        return _wrong_count(checking, syntax, "3 arguments", "3 个参数")
    test = checking.condition(syntax.parts[0])
    return _choice(checking, syntax, "IF", (test,), [checking.check(part) for part in syntax.parts[1:]])


def _ifs(checking: Checking, syntax: Syntax) -> Node:
    if len(syntax.parts) < 2:
        return _wrong_count(checking, syntax, "pairs of condition and value", "成对的条件和值")
    paired = len(syntax.parts) // 2 * 2
    tests = tuple(checking.condition(part) for part in syntax.parts[:paired:2])
    values = [checking.check(part) for part in (*syntax.parts[1:paired:2], *syntax.parts[paired:])]
    return _choice(checking, syntax, "IFS", tests, values)


def _switch(checking: Checking, syntax: Syntax) -> Node:
    """SWITCH(x, key, value …[, else]); with stages the keys are asked as comparisons."""
    if len(syntax.parts) < 3:
        return _wrong_count(checking, syntax, "a value, then pairs of key and value", "一个值，然后成对的键和值")
    subject, *rest = syntax.parts
    node, paired = checking.check(subject), len(rest) // 2 * 2
    tests = tuple(operators.compare(checking, key, "=", node, checking.check(key)) for key in rest[:paired:2])
    values = [checking.check(part) for part in (*rest[1:paired:2], *rest[paired:])]
    found = _choice(checking, syntax, "IFS", tests, values)
    if found.op != "IFS" or node.type.kind == "stage" or any(test.op != "=" or test.args[0] != node for test in tests):
        return found
    args = [test.args[1] if index % 2 == 0 else found.args[index] for index, test in _doubled(tests)]
    return operation("SWITCH", (node, *args, *found.args[2 * len(tests) :]), syntax)


def _doubled(tests: tuple[Node, ...]) -> list[tuple[int, Node]]:
    return [(index, tests[index // 2]) for index in range(2 * len(tests))]


def _coalesce(checking: Checking, syntax: Syntax) -> Node:
    if not syntax.parts:
        return _wrong_count(checking, syntax, "at least 1 argument", "至少 1 个参数")
    values = tuple(checking.check(part) for part in syntax.parts)
    found = common_type(value.type for value in values)
    if not all(same_family(found, value.type) for value in values):
        return _branches_differ(checking, syntax, values)
    return operation("COALESCE", values, syntax)


def _in(checking: Checking, syntax: Syntax) -> Node:
    if len(syntax.parts) < 2:
        return _wrong_count(checking, syntax, "a value and its options", "一个值和若干选项")
    return operators.within(checking, syntax)


def _has(checking: Checking, syntax: Syntax) -> Node:
    """HAS(list, v), HASANY(list, v …), HASALL(list, v …)."""
    name = str(syntax.value).upper()
    if len(syntax.parts) < 2 or (name == "HAS" and len(syntax.parts) != 2):
        return _wrong_count(checking, syntax, "a field and what it holds", "一个字段和所含的值")
    holder, *wanted = (checking.check(part) for part in syntax.parts)
    if holder.type.kind not in (*LISTS, "null"):
        return _refuse(checking, name, syntax.parts[0], holder, "list")
    fitting = [
        _member(checking, syntax, part, holder, each) for part, each in zip(syntax.parts[1:], wanted, strict=True)
    ]
    return operation(name, (holder, *fitting), syntax)


_MEMBERS = MappingProxyType(
    {"choices": "text", "people": "person", "departments": "department", "links": "link", "files": "file"}
)


def _member(checking: Checking, syntax: Syntax, part: Syntax, holder: Node, value: Node) -> Node:
    member = Type(_MEMBERS.get(holder.type.kind, "null"), form=holder.type.form, options=holder.type.options)
    if value.type.kind in LISTS and str(syntax.value).upper() != "HAS":
        return value
    return operators.comparable(checking, part, replace(holder, type=member), value)


def _has_role(checking: Checking, syntax: Syntax) -> Node:
    """HASROLE('sales') is HAS(me.roles, 'sales')."""
    roles = Syntax("member", syntax.start, syntax.end, "roles", (Syntax("name", syntax.start, syntax.end, "me"),))
    return _has(checking, replace(syntax, value="HAS", parts=(roles, *syntax.parts)))


_SPECIAL: Mapping[str, Callable[[Checking, Syntax], Node]] = MappingProxyType({
    "IF": _if, "IFS": _ifs, "SWITCH": _switch, "COALESCE": _coalesce, "IN": _in,
    "HAS": _has, "HASANY": _has, "HASALL": _has, "HASROLE": _has_role, "INDEPT": record_calls.in_department,
    "STAGE_DAYS": record_calls.stage_days,
})  # fmt: skip
