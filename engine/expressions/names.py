"""What does a name, or a chain of names (`parent.name`, `lines[…].amount`), mean at its place?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType

from engine.expressions.checking import Checking, Hint, hint
from engine.expressions.nodes import Node, Path, Scope, Symbol, Type
from engine.expressions.syntax import Syntax
from engine.expressions.types import LINKS, PERSON
from engine.problems import near_name

MOST_HOPS = 3
ALIASES = MappingProxyType({"我": "me", "设置": "settings", "流程": "flow", "行": "row", "目标": "target"})
ACCESS_WORDS = ("own", "team", "department", "same_department", "always", "never")


@dataclass(frozen=True, slots=True)
class RowsUse:
    """A row source with its filters, and the names that follow it: `lines[price > 0].amount`."""

    source: Node
    scope: Scope
    filters: tuple[Syntax, ...]
    column: tuple[Syntax, ...]


class Unknown(Exception):
    """A chain of names that means nothing: a problem in the making."""

    def __init__(self, code: str, syntax: Syntax, advice: Hint | None = None, **values: object) -> None:
        super().__init__(code)
        self.code, self.syntax, self.advice, self.values = code, syntax, advice, values


def resolve(checking: Checking, syntax: Syntax) -> Node:
    """The field that a chain of names means, where one value is needed."""
    try:
        found = _find(checking, syntax)
    except Unknown as unknown:
        return checking.refuse(unknown.code, unknown.syntax, unknown.advice, **unknown.values)
    if isinstance(found, RowsUse):
        return checking.refuse("FX013", syntax, name=checking.source(syntax))
    return replace(found, position=syntax.start)


def find_rows(checking: Checking, syntax: Syntax) -> RowsUse | None:
    """The rows that a chain of names means, None when it means anything else (or nothing)."""
    try:
        found = _find(checking, syntax)
    except Unknown:
        return None
    return found if isinstance(found, RowsUse) else None


def resolve_column(checking: Checking, rows: RowsUse) -> Node | None:
    """The column behind a row source, in the scope of its rows; None when only rows are named."""
    if not rows.column:
        return None
    first, *rest = rows.column
    try:
        found = _follow(_Place(checking, "field", 0), _symbol(rows.scope, first), [first, *rest], ())
    except Unknown as unknown:
        return checking.refuse(unknown.code, unknown.syntax, unknown.advice, **unknown.values)
    if isinstance(found, RowsUse):
        return checking.refuse("FX013", rows.column[-1], name=str(rows.column[-1].value))
    return replace(found, position=first.start)


@dataclass(frozen=True, slots=True)
class _Place:
    checking: Checking
    op: str
    depth: int


def _steps(syntax: Syntax) -> list[Syntax] | None:
    """The chain from its first name on; None when it does not begin with a name."""
    steps: list[Syntax] = []
    while syntax.kind in ("member", "filter"):
        steps.append(syntax)
        syntax = syntax.parts[0]
    return [syntax, *reversed(steps)] if syntax.kind == "name" else None


def _find(checking: Checking, syntax: Syntax) -> Node | RowsUse:
    steps = _steps(syntax)
    if steps is None:
        raise Unknown("FX011", syntax, name=checking.source(syntax.parts[0]) if syntax.parts else "")
    name = ALIASES.get(str(steps[0].value), str(steps[0].value))
    special = {"this": _this, "me": _me, "settings": _settings, "asked": _asked}.get(name)
    if special is not None:
        return special(checking, steps)
    for depth, scope in enumerate(checking.scopes):
        symbol = scope.find(str(steps[0].value)) or scope.find(name)
        if symbol is not None:
            return _follow(_Place(checking, "field", depth), symbol, steps, ())
    if name == "header" and len(checking.scopes) > 1:
        return _from_scope(checking, steps, 1)
    raise _no_field(checking.scopes, steps[0])


def _follow(where: _Place, symbol: Symbol, steps: list[Syntax], path: Path) -> Node | RowsUse:
    """From `symbol` (named by steps[0]) along the remaining steps."""
    links, hops = path, 0
    rest = steps[1:]
    while True:
        if symbol.type.kind != "row":  # `row.` only says where a name is looked for
            path = (*path, symbol.id)
        if symbol.type.kind == "rows" and symbol.scope is not None:
            return _rows(where, symbol.scope, symbol.type, path, rest)
        if not rest:
            return _leaf(where, symbol, path, links)
        step = rest.pop(0)
        if symbol.scope is None or step.kind == "filter" or symbol.node is not None:
            raise Unknown("FX011", step, name=str(steps[0].value) if len(path) == 1 else ".".join(path))
        if symbol.type.kind in LINKS:
            links, hops = path, hops + 1
        if hops > MOST_HOPS:
            raise Unknown("FX032", step, what={"en": "links in a row", "zh": "连续的关联"}, most=MOST_HOPS)
        symbol = _symbol(symbol.scope, step)


def _leaf(where: _Place, symbol: Symbol, path: Path, links: Path) -> Node:
    if symbol.node is not None:
        return moved(symbol.node, links, where.op, where.depth)
    return Node(where.op, symbol.type, value=path, depth=where.depth)


def _rows(where: _Place, scope: Scope, type_: Type, path: Path, rest: list[Syntax]) -> RowsUse:
    filters: list[Syntax] = []
    while rest and rest[0].kind == "filter":
        filters.append(rest.pop(0).parts[1])
    late = next((step for step in rest if step.kind == "filter"), None)
    if late is not None:
        raise Unknown(
            "FX011",
            late,
            hint("The filter stands right after the rows: lines[…].amount.", "条件紧跟在明细后面：明细[…].金额。"),
            name=str(rest[0].value),
        )
    return RowsUse(Node("rows", type_, value=path, depth=where.depth), scope, tuple(filters), tuple(rest))


def moved(node: Node, links: Path, op: str, by: int, level: int = 0) -> Node:
    """A symbol's own tree, seen through `links` and from `by` scopes further in."""
    if node.op in ("field", "rows") and node.depth >= level:
        path = node.value if isinstance(node.value, tuple) else ()
        if node.depth == level:
            name = op if node.op == "field" else node.op
            return replace(node, op=name, value=(*links, *path), depth=level + by)
        return replace(node, depth=node.depth + by)
    if node.op == "aggregate":
        rows, *rest = node.args
        return replace(
            node, args=(moved(rows, links, op, by, level), *(moved(arg, links, op, by, level + 1) for arg in rest))
        )
    return replace(node, args=tuple(moved(arg, links, op, by, level) for arg in node.args))


# --- words with a meaning of their own ---------------------------------------------------------------------------


def _this(checking: Checking, steps: list[Syntax]) -> Node | RowsUse:
    return _from_scope(checking, steps, len(checking.scopes) - 1)


def _from_scope(checking: Checking, steps: list[Syntax], depth: int) -> Node | RowsUse:
    """`this` or `header` (steps[0]): the record of an outer scope, or what follows in it."""
    scope = checking.scopes[depth]
    if len(steps) == 1:
        return Node("field", Type("link", form=scope.label()), value=("id",), depth=depth)
    if steps[1].kind == "filter":
        raise Unknown("FX011", steps[1], name=str(steps[0].value))
    return _follow(_Place(checking, "field", depth), _symbol(scope, steps[1]), steps[1:], ())


def _me(checking: Checking, steps: list[Syntax]) -> Node | RowsUse:
    if len(steps) == 1:
        return Node("me", PERSON, value=())
    return _below(checking, steps, "me")


def _settings(checking: Checking, steps: list[Syntax]) -> Node | RowsUse:
    if len(steps) == 1:
        raise Unknown("FX013", steps[0], name=str(steps[0].value))
    return _below(checking, steps, "settings")


def _below(checking: Checking, steps: list[Syntax], word: str) -> Node | RowsUse:
    symbol = checking.scopes[-1].find(word)
    if symbol is None or symbol.scope is None or steps[1].kind == "filter":
        raise Unknown("FX011", steps[1], name=str(steps[0].value))
    found = _follow(_Place(checking, word, 0), _symbol(symbol.scope, steps[1]), steps[1:], ())
    if isinstance(found, RowsUse):
        raise Unknown("FX013", steps[-1], name=str(steps[-1].value))
    return found


def _asked(checking: Checking, steps: list[Syntax]) -> Node:
    symbol = checking.scopes[-1].find("asked")
    if symbol is None or symbol.scope is None or len(steps) != 2 or steps[1].kind == "filter":
        raise _no_field(checking.scopes, steps[0])
    return Node("asked", _symbol(symbol.scope, steps[1]).type, value=str(steps[1].value))


def _symbol(scope: Scope, step: Syntax) -> Symbol:
    symbol = scope.find(str(step.value))
    if symbol is None:
        raise _no_field((scope,), step)
    return symbol


def _no_field(scopes: Iterable[Scope], step: Syntax) -> Unknown:
    scopes = tuple(scopes)
    name = str(step.value)
    near = near_name(name, (known for scope in scopes for known in scope.names()))
    # the last name of a member is what is wrong, not the whole chain
    at = replace(step, start=step.end - len(name)) if step.kind == "member" else step
    advice = None
    if name in ACCESS_WORDS:
        advice = hint("This word has a meaning in access rules only.", "这个词只在权限规则里有意义。")
    elif not near and name.isupper() and name.isascii():
        advice = hint(f"A function is called with brackets: {name}(…).", f"函数要带括号：{name}(…)。")
    elif not near:
        known = [each for scope in scopes for each in scope.names()][:12]
        advice = hint(f"There are: {', '.join(known)}.", f"已有字段：{'、'.join(known)}。") if known else None
    return Unknown("FX010", at, advice, name=name, form=scopes[0].label(), near=near)
