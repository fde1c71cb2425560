"""Which fields does a tree read, and what besides fields can change its value?"""

from __future__ import annotations

from collections.abc import Iterator

from engine.expressions.nodes import ALL_DEPARTMENTS, STAYS, Node, Path, Reference

VOLATILE = frozenset({"today", "now", "me", "rule", "is_new", "settings", "asked"})


def find_volatile(node: Node) -> frozenset[str]:
    """The leaves of `node` whose value changes without any field changing."""
    own = frozenset({node.op} & VOLATILE)
    path = _path(node)
    if node.op == "rows" and path[:1] == (STAYS,):
        own = frozenset({"stage_log"})
    if node.op == "field" and path[-1:] == (ALL_DEPARTMENTS,):
        own = frozenset({"departments"})
    return own.union(*(find_volatile(arg) for arg in node.args))


def find_references(node: Node) -> frozenset[Reference]:
    """Every field and row source that `node` reads."""
    return frozenset(_references(node, ((None, 0), (None, 1))))


def _references(node: Node, around: tuple[tuple[Path | None, int], ...]) -> Iterator[Reference]:
    """`around`: for each scope, innermost first, the rows it stands for and how far outside the expression it is."""
    if node.op in ("field", "rows"):
        rows, outer = around[node.depth]
        yield from (Reference(path, rows, outer) for path in _read_paths(node))
    if node.op != "aggregate":
        for arg in node.args:
            yield from _references(arg, around)
        return
    source, *rest = node.args
    yield from _references(source, around)
    if _path(source)[:1] == (STAYS,):
        return
    rows, outer = around[source.depth]
    inner = ((*(rows or ()), *_path(source)), outer), *around
    for arg in rest[:2]:
        yield from _references(arg, inner)
    for arg in rest[2:]:  # JOIN's separator, FIRST's order key, RANK's number
        yield from _references(arg, around if node.value == "RANK" else inner)


def _read_paths(node: Node) -> tuple[Path, ...]:
    """The fields behind a name: stays in stages are read of the stage, departments of the person's own."""
    path = _path(node)
    if path[:1] == (STAYS,):
        return (path[1:],)
    if path[-1:] == (ALL_DEPARTMENTS,):
        return (*path[:-1], "department"), (*path[:-1], "other_departments")
    return (path,)


def uses_calendar(node: Node) -> bool:
    """Whether a tree counts work days."""
    return node.op in ("WORKDAY", "NETWORKDAYS", "ISWORKDAY") or any(uses_calendar(arg) for arg in node.args)


def _path(node: Node) -> Path:
    return node.value if isinstance(node.value, tuple) else ()
