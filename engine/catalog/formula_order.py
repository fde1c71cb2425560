"""In which order are formulas computed, and what must be computed again when a record changes?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.catalog.catalog import Dependent, Hop
from engine.catalog.forms import Field
from engine.catalog.reads import Read, find_reads
from engine.catalog.world import World
from engine.problems import Problem

Node = tuple[str, str]  # (form, field or lines.field)


def order_formulas(world: World) -> Mapping[str, tuple[Dependent, ...]]:
    """Sets each form's `formula_order` and gives the dependents by changed form; cycles are noted (FX040)."""
    formulas = {(form, name): field for form, name, field in find_formulas(world)}
    reads = {node: tuple(_reads(world, node, field)) for node, field in formulas.items()}
    edges = {node: [read.node for read in each if read.node in formulas] for node, each in reads.items()}
    cycle = find_cycle(edges)
    if cycle:
        _note_cycle(world, formulas, cycle)
        return {}
    ranks = _ranks(edges)
    for form in list(world.forms.values()):
        own = [node for node in formulas if node[0] == form.id and formulas[node].compute != "read"]
        order = tuple(name for _, name in sorted(own, key=lambda node: ranks[node]))
        world.forms[form.id] = replace(form, formula_order=order)
    return _dependents(world, formulas, reads, ranks)


def find_formulas(world: World) -> Iterator[tuple[str, str, Field]]:
    """(form, field or lines.field, field) of every formula, in written order."""
    for form in world.forms.values():
        for field in form.fields.values():
            for column in field.fields.values():
                if column.formula is not None:
                    yield form.id, f"{field.id}.{column.id}", column
            if field.formula is not None:
                yield form.id, field.id, field


def _reads(world: World, node: Node, field: Field) -> Iterator[Read]:
    lines, _, name = node[1].rpartition(".")
    for expression in (field.formula, field.freeze):
        if expression is not None:
            yield from find_reads(world, node[0], lines or None, expression)


def find_cycle(edges: Mapping[Node, list[Node]]) -> list[Node]:
    """The nodes of one cycle, its first node again at the end; [] when there is none."""
    done: set[Node] = set()
    for start in edges:
        path: list[Node] = []
        stack: list[tuple[Node, Iterator[Node]]] = [(start, iter(edges[start]))] if start not in done else []
        path = [start] if stack else []
        while stack:
            following = next((node for node in stack[-1][1] if node not in done), None)
            if following is None:
                done.add(path.pop())
                stack.pop()
            elif following in path:
                return [*path[path.index(following) :], following]
            else:
                path.append(following)
                stack.append((following, iter(edges.get(following, []))))
    return []


def _note_cycle(world: World, formulas: Mapping[Node, Field], cycle: list[Node]) -> None:
    formula = formulas[cycle[0]].formula
    names = " → ".join(".".join(node) for node in cycle)
    world.notes.problems.append(Problem("FX040", {"circle": names}, formula.at if formula else formulas[cycle[0]].at))


def _ranks(edges: Mapping[Node, list[Node]]) -> dict[Node, int]:
    """The longest path of formulas below each one."""
    ranks: dict[Node, int] = {}
    todo = list(edges)
    while todo:
        node = todo[-1]
        waiting = [each for each in edges[node] if each not in ranks]
        if waiting:
            todo += waiting
            continue
        todo.pop()
        ranks[node] = max((ranks[each] + 1 for each in edges[node]), default=0)
    return ranks


def _dependents(
    world: World, formulas: Mapping[Node, Field], reads: Mapping[Node, tuple[Read, ...]], ranks: Mapping[Node, int]
) -> Mapping[str, tuple[Dependent, ...]]:
    """What reads from another record (or from its own form along a link), grouped by where it reads."""
    columns: dict[tuple[str, Node, tuple[Hop, ...]], set[str]] = {}
    for node, each in reads.items():
        if formulas[node].compute not in ("read", "once"):
            for read in each:
                if read.trail:
                    columns.setdefault((read.form, node, read.trail), set()).add(read.column)
    found: dict[str, list[Dependent]] = {}
    for (changed, node, trail), names in columns.items():
        dependent = Dependent(node[0], node[1], frozenset(names), trail, ranks[node])
        found.setdefault(changed, []).append(dependent)
    return {changed: tuple(sorted(each, key=lambda one: one.rank)) for changed, each in found.items()}
