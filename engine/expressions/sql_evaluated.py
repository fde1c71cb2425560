"""How does SQLite compute what it has no exact SQL for? The registered function gets the tree, and its leaves."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import func

from engine.expressions.limits import digits
from engine.expressions.nodes import Node
from engine.expressions.operations import OPERATIONS
from engine.expressions.sql_fragments import FIELD_MOST, Fragment, NotInSql, Sql
from engine.expressions.types import LISTS, places_of

if TYPE_CHECKING:
    from engine.expressions.sql_writer import Writer

MOST_ARGUMENTS = 120  # SQLite takes 127
_KINDS: dict[str, sa.types.TypeEngine[Any]] = {"number": sa.BigInteger(), "boolean": sa.Boolean()}


@dataclass(slots=True)
class _Arguments:
    """The leaves found so far, each once: their SQL by the leaf, in order."""

    writer: Writer
    found: dict[Node, Node] = field(default_factory=dict)
    sql: list[Sql] = field(default_factory=list)

    def taken(self, leaf: Node) -> Node:
        """The node that stands for `leaf` in the tree."""
        key = replace(leaf, position=0)
        if key not in self.found:
            fragment = self._fragment(leaf)
            type_ = replace(leaf.type, places=fragment.places) if leaf.type.kind == "number" else leaf.type
            self.found[key] = Node("field", type_, value=(f"#{len(self.sql)}",))
            self.sql.append(fragment.sql)
        return self.found[key]

    def _fragment(self, leaf: Node) -> Fragment:
        if leaf.type.kind in LISTS:
            held = self.writer.held(leaf).subquery()
            return Fragment(sa.select(func.json_group_array(held.c[0])).scalar_subquery())
        return self.writer.fragment(leaf)


def evaluated(writer: Writer, node: Node) -> Fragment:
    """The value of `node` by the registered function."""
    arguments = _Arguments(writer)
    tree = _lowered(arguments, node)
    if len(arguments.sql) > MOST_ARGUMENTS:
        raise NotInSql(node.op)
    text = json.dumps(tree.to_json(), ensure_ascii=False, separators=(",", ":"))
    zone = sa.literal(writer.scope.zone, sa.Text())
    found = func.weft_eval(
        sa.literal(text, sa.Text()), zone, *arguments.sql, type_=_KINDS.get(node.type.kind, sa.Text())
    )
    if node.type.kind != "number":
        return Fragment(found)
    return Fragment(found, places_of(node.type), most=max(10 ** digits(node), FIELD_MOST))


def _lowered(arguments: _Arguments, node: Node) -> Node:
    if node.op == "literal":
        return node
    operation = OPERATIONS.get(node.op)
    if operation is None or operation.planned:
        return arguments.taken(node)
    return replace(node, args=tuple(_lowered(arguments, arg) for arg in node.args))
