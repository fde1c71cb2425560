"""Widgets that are tables of numbers: heat tables, segments, pivots with subtotals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from engine.services.dashboards.views import MarkKey, Subtotal, WidgetData
from engine.web.answers import say
from engine.web.board_marks import MarkView, picks_of, share
from engine.web.board_numbers import figure

MOST_ACROSS = 36
MOST_LINES = 400
_OPEN_UP_TO = 60
_HEATS = 8


@dataclass(frozen=True, slots=True)
class Line:
    """A heading and its cells; None where there is no record."""

    key: MarkKey
    cells: tuple[tuple[MarkView, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Marks by two dimensions: each cell with its heat, 0 to 8."""

    across: tuple[MarkKey, ...]
    lines: tuple[Line, ...]


def grid(views: Sequence[MarkView]) -> Grid:
    """The marks of a heat table or of segments."""
    known = {(view.mark.keys[0].word, view.mark.keys[1].word): view for view in views if len(view.mark.keys) > 1}
    down = _in_order(view.mark.keys[0] for view in views)
    across = _in_order(view.mark.keys[1] for view in views)[:MOST_ACROSS]
    most = max((abs(view.number()) for view in known.values()), default=Decimal(0))
    lines = []
    for key in down[:MOST_LINES]:
        found = (known.get((key.word, other.word)) for other in across)
        lines.append(Line(key, tuple((each, _heat(each, most)) if each is not None else None for each in found)))
    return Grid(tuple(across), tuple(lines))


def _heat(view: MarkView, most: Decimal) -> int:
    part = share(abs(view.number()), most)
    return 0 if not part else max(1, int(part * _HEATS / 100))


def _in_order(keys: Iterable[MarkKey]) -> list[MarkKey]:
    """Options, stages and dates in their own order, everything else as it comes (the largest first), none last."""
    found = {key.word: key for key in keys}
    every = list(found.values())
    if any(key.rank is not None for key in every):
        every.sort(key=lambda key: (key.word == "", key.rank is None, key.rank or 0))
    elif any(hasattr(key.value, "isoformat") for key in every):
        every.sort(key=lambda key: (key.word == "", key.word))
    else:
        every.sort(key=lambda key: key.word == "")
    return every


# --- pivots -----------------------------------------------------------------------------------------------------------


PivotCell = tuple[str, tuple[str, ...]]  # its text, and the words of its mark when it is one


@dataclass(frozen=True, slots=True)
class Head:
    """A heading above several columns."""

    text: str
    width: int


@dataclass(frozen=True, slots=True)
class PivotLine:
    """A line of a pivot: `level` from 0, `last` when it has no lines below; `words` tell who stands under whom."""

    text: str
    level: int
    last: bool
    path: str
    above: str
    picks: str
    cells: tuple[PivotCell, ...]
    shown: bool
    open: bool


@dataclass(frozen=True, slots=True)
class Pivot:
    """A pivot: `heads` by level of the columns, `labels` of the numbers, lines, the totals below."""

    title: str
    heads: tuple[tuple[Head, ...], ...]
    labels: tuple[str, ...]
    lines: tuple[PivotLine, ...]
    totals: tuple[PivotCell, ...]
    cut: bool = False


@dataclass(slots=True)
class _Node:
    """A value of a row with what stands below it, in order."""

    key: MarkKey
    words: tuple[str, ...]
    below: dict[str, _Node] = field(default_factory=dict)


def pivot(data: WidgetData, views: Sequence[MarkView], labels: Sequence[str]) -> Pivot:
    """The lines of a pivot: those of the outer rows carry the subtotals."""
    return _Pivoting(data, views).pivot(labels)


class _Pivoting:
    """Lays out the marks of one pivot."""

    def __init__(self, data: WidgetData, views: Sequence[MarkView]) -> None:
        self.data = data
        self.down = len(data.rows)
        self.views = views
        self.values = {tuple(key.word for key in view.mark.keys): view.mark.values for view in views}
        self.totals = {(each.down, each.across, each.words): each for each in data.subtotals}
        self.columns = self._columns()

    def pivot(self, labels: Sequence[str]) -> Pivot:
        """The whole table."""
        shown = self.columns[:MOST_ACROSS]
        lines: list[PivotLine] = []
        few = len(self.values) <= _OPEN_UP_TO or self.down == 1
        self._walk(self._tree(), lines, shown=True, few=few, columns=shown)
        several = len(self.data.series) > 1 or not shown
        return Pivot(
            title=" / ".join(labels[: self.down]),
            heads=tuple(self._heads(shown)),
            labels=tuple(labels[self.down + len(self.data.columns) :]) * (len(shown) + 1) if several else (),
            lines=tuple(lines[:MOST_LINES]),
            totals=self._cells((), shown),
            cut=len(lines) > MOST_LINES or len(self.columns) > MOST_ACROSS,
        )

    def _columns(self) -> list[tuple[MarkKey, ...]]:
        """The values across, each dimension in its own order."""
        if not self.data.columns:
            return []
        across = [view.mark.keys[self.down :] for view in self.views]
        found = {tuple(key.word for key in keys): keys for keys in across}
        orders = [
            {key.word: at for at, key in enumerate(_in_order(keys[level] for keys in across))}
            for level in range(len(self.data.columns))
        ]

        def place(keys: tuple[MarkKey, ...]) -> list[int]:
            return [order[key.word] for order, key in zip(orders, keys, strict=True)]

        return sorted(found.values(), key=place)

    def _heads(self, columns: Sequence[tuple[MarkKey, ...]]) -> list[tuple[Head, ...]]:
        """One line of headings per dimension across, equal ones beside each other together."""
        width = len(self.data.series)
        lines = []
        for level in range(len(self.data.columns)):
            heads: list[Head] = []
            before: tuple[str, ...] = ()
            for keys in columns:
                path = tuple(key.word for key in keys[: level + 1])
                if heads and path == before:
                    heads[-1] = Head(heads[-1].text, heads[-1].width + width)
                else:
                    heads.append(Head(keys[level].text, width))
                before = path
            lines.append((*heads, Head(say("boards.total") if level == 0 else "", width)))
        return lines

    def _tree(self) -> dict[str, _Node]:
        roots: dict[str, _Node] = {}
        for view in self.views:
            below = roots
            words: tuple[str, ...] = ()
            for key in view.mark.keys[: self.down]:
                words = (*words, key.word)
                below = below.setdefault(key.word, _Node(key, words)).below
        return roots

    def _walk(
        self,
        nodes: dict[str, _Node],
        lines: list[PivotLine],
        *,
        shown: bool,
        few: bool,
        columns: Sequence[tuple[MarkKey, ...]],
    ) -> None:
        for node in self._ordered(nodes):
            names = [each.name for each in self.data.rows]
            lines.append(
                PivotLine(
                    text=node.key.text,
                    level=len(node.words) - 1,
                    last=not node.below,
                    path="\x1f".join(node.words),
                    above="\x1f".join(node.words[:-1]),
                    picks=picks_of(list(zip(names, node.words, strict=False))),
                    cells=self._cells(node.words, columns),
                    shown=shown,
                    open=few,
                )
            )
            self._walk(node.below, lines, shown=shown and few, few=few, columns=columns)

    def _ordered(self, nodes: dict[str, _Node]) -> list[_Node]:
        """Options and dates in their own order, the rest by the number of the whole line, the largest first."""
        order = {key.word: at for at, key in enumerate(_in_order(node.key for node in nodes.values()))}
        every = sorted(nodes.values(), key=lambda node: order[node.key.word])
        ranked = any(node.key.rank is not None or hasattr(node.key.value, "isoformat") for node in every)
        if not ranked and self.data.widget.sort in (None, "value"):
            every.sort(key=lambda node: -(self._numbers(node.words, None)[0] or Decimal(0)))
        return every

    def _numbers(self, words: tuple[str, ...], keys: tuple[MarkKey, ...] | None) -> tuple[Decimal | None, ...]:
        """The numbers of a line in one column, or over all of them."""
        across = tuple(key.word for key in keys) if keys is not None else ()
        if len(words) == self.down and (keys is not None or not self.data.columns):
            return self.values.get((*words, *across), (None,) * len(self.data.series))
        found: Subtotal | None = self.totals.get((len(words), keys is not None, (*words, *across)))
        return found.values if found is not None else (None,) * len(self.data.series)

    def _cells(self, words: tuple[str, ...], columns: Sequence[tuple[MarkKey, ...]]) -> tuple[PivotCell, ...]:
        places: list[tuple[MarkKey, ...] | None] = [*columns, None]
        return tuple(
            (figure(series.metric, value), self._mark(words, keys)) if value is not None else ("", ())
            for keys in places
            for series, value in zip(self.data.series, self._numbers(words, keys), strict=True)
        )

    def _mark(self, words: tuple[str, ...], keys: tuple[MarkKey, ...] | None) -> tuple[str, ...]:
        """The words of the mark in a cell; none for a subtotal."""
        whole = len(words) == self.down and (keys is not None or not self.data.columns)
        return (*words, *(key.word for key in keys or ())) if whole else ()
