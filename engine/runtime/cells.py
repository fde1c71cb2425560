"""Cells of rows and mappings that begin with "=": expressions over today and over the other cells of the row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.catalog.forms import Field
from engine.expressions import compile_closure, compile_expression
from engine.expressions.nodes import Moment, Path, Symbol, Type, Values
from engine.runtime.journal import to_wire
from engine.runtime.programs import Closure

TEXT = Type("text")


@dataclass(frozen=True, slots=True)
class CellScope:
    """The names of a cell's expression: `row`, and below it the columns, all texts.

    At depth 1 the columns themselves.
    """

    columns: frozenset[str]
    inside: bool = False

    def find(self, name: str) -> Symbol | None:
        """`row`, or a column."""
        if self.inside:
            return Symbol(name, TEXT) if name in self.columns else None
        return Symbol("row", Type("link"), CellScope(self.columns, inside=True)) if name == "row" else None

    def names(self) -> Iterable[str]:
        """What may be written here."""
        return sorted(self.columns) if self.inside else ("row",)

    def label(self) -> str:
        """What to call it in messages."""
        return "row"

    def stages(self, path: Path, operator: str, stage: str) -> tuple[str, ...] | None:
        """None: a row of texts has no stages."""
        return None


@dataclass(frozen=True, slots=True)
class CellValues:
    """The texts of one row."""

    cells: Mapping[str, str]

    def value(self, path: Path) -> object:
        """The text of row.<column>, None when empty."""
        return self.cells.get(path[-1]) or None

    def rows(self, source: Path) -> Sequence[Values]:
        """There are none."""
        return ()


@dataclass
class Cells:
    """Compiles each expression once and evaluates it on many rows."""

    columns: frozenset[str]
    moment: Moment
    _closures: dict[str, Closure] = field(default_factory=dict)

    def value(self, text: str, cells: Mapping[str, str]) -> object:
        """The value of the expression `text` (without its "="). Raises ProblemsFound (FX…)."""
        if text not in self._closures:
            self._closures[text] = compile_closure(compile_expression(text, CellScope(self.columns)))
        return self._closures[text](CellValues(cells), self.moment)

    def wire(self, text: str, cells: Mapping[str, str], definition: Field) -> object:
        """The value of the expression in the field's wire form."""
        found = self.value(text, cells)
        return None if found is None else to_wire(definition, found)
