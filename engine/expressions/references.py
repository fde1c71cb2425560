"""Which fields does a tree read, and what besides fields can change its value?"""

from __future__ import annotations

from collections.abc import Iterator

from engine.expressions.nodes import Node, Path, Reference

VOLATILE = frozenset({"today", "now", "me", "rule", "is_new", "settings", "asked"})


def find_volatile(node: Node) -> frozenset[str]:
    """The leaves of `node` whose value changes without any field changing."""
    own = frozenset({node.op} & VOLATILE)
    return own.union(*(find_volatile(arg) for arg in node.args))


def find_references(node: Node) -> frozenset[Reference]:
    """Every field and row source that `node` reads."""
    return frozenset(_references(node, ((None, 0), (None, 1))))


def _references(node: Node, around: tuple[tuple[Path | None, int], ...]) -> Iterator[Reference]:
    """`around`: for each scope, innermost first, the rows it stands for and how far outside the expression it is."""
    if node.op in ("field", "rows"):
        rows, outer = around[node.depth]
        yield Reference(_path(node), rows, outer)
    if node.op != "aggregate":
        for arg in node.args:
            yield from _references(arg, around)
        return
    source, *rest = node.args
    yield from _references(source, around)
    rows, outer = around[source.depth]
    inner = ((*(rows or ()), *_path(source)), outer), *around
    for arg in rest[:2]:
        yield from _references(arg, inner)
    for arg in rest[2:]:  # JOIN's separator, FIRST's order key, RANK's number
        yield from _references(arg, around if node.value == "RANK" else inner)


def _path(node: Node) -> Path:
    return node.value if isinstance(node.value, tuple) else ()
