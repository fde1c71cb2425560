"""The one typed tree every back end consumes, and the questions it asks of its surroundings.

`expressions` does not know forms. While a text is checked it asks a `Scope` what a name means; while a tree is
evaluated it asks `Values` for values; while a tree becomes SQL it asks a `SqlScope` for columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause

from engine.problems import Location
from engine.values import empty

Path = tuple[str, ...]
"""Field ids from the record on: ("amount",), ("parent", "region"), ("parent", "group", "name")."""


STAYS = "@stays"
"""The row source (STAYS, stage field): a record's stays in its stages; a row has stage, entered_at and left_at."""

ALL_DEPARTMENTS = "@departments"
"""Below a person, as the last step of a path: the departments the person is in, with all those above them."""


@dataclass(frozen=True, slots=True)
class Type:
    """The type of an expression.

    kind    number | text | boolean | date | datetime | time | duration | choice | choices | stage | person | people |
            department | departments | link | links | file | files | rows | null
    places  decimals of a number; None when not fixed (a quotient has 12)
    form    the form a link, links or rows leads to
    options choice ids of a choice/choices/stage field, in order (FX018); None when any text may stand there
    """

    kind: str
    places: int | None = None
    form: str | None = None
    options: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One operation of the tree.

    op      "literal" · "field" (a Path, `depth` scopes outwards) · "rows" (a source Path, `depth`) · "aggregate"
            (value = SUM/COUNT/…; args = rows, filter or literal TRUE, operand or literal NULL) · "rule"
            (value = own/team/department) · "me" (value = Path below the person, () = the person) · "today" · "now" ·
            "is_new" · "given" (value = name; bound when the SQL runs, see lifting.py) · "asked" (value = name) ·
            "settings" (value = Path) ·
            otherwise the name of an operation of operations.py ("+", "=", "IF", "ROUND" …) on args
    """

    op: str
    type: Type
    args: tuple[Node, ...] = ()
    value: object = None
    depth: int = 0
    position: int = 0

    def to_json(self) -> list[object]:
        """The tree as JSON for the browser's interpreter: [op, type kind, places, value, depth, args]."""
        value: object = self.value
        if isinstance(value, Decimal):
            value = format(value, "f")
        elif isinstance(value, (date, datetime)):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = list(value)
        return [self.op, self.type.kind, self.type.places, value, self.depth, [arg.to_json() for arg in self.args]]

    @classmethod
    def from_json(cls, written: Sequence[Any]) -> Node:
        """The tree that `to_json` wrote; what evaluation does not ask (positions, forms, options) is not in it."""
        op, kind, places, value, depth, args = written
        if isinstance(value, list):
            value = tuple(value)
        elif op == "literal" and isinstance(value, str) and kind in _LITERALS:
            value = _LITERALS[kind](value)
        return cls(op, Type(kind, places), tuple(cls.from_json(arg) for arg in args), value, depth)


_LITERALS: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {"number": Decimal, "date": date.fromisoformat, "datetime": datetime.fromisoformat}
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that an expression reads: `path` from the form `form`; `rows` names the row source it stands in, if any.

    `SUM(lines.amount)` has Reference(("lines",)) and Reference(("amount",), rows=("lines",)).
    """

    path: Path
    rows: Path | None = None
    outer: int = 0
    """0: the expression's own scope. 1: the record around it, when it was compiled with a `row_scope`."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression. `volatile` ⊆ {"today", "now", "me", "rule", "is_new"}."""

    text: str
    node: Node
    references: frozenset[Reference]
    volatile: frozenset[str] = frozenset()
    at: Location | None = None

    @property
    def type(self) -> Type:
        """The type of its value."""
        return self.node.type

    @property
    def constant(self) -> object:
        """Its value when it is a literal, else the expression itself (so `is True` tells constants)."""
        return self.node.value if self.node.op == "literal" else self


# --- while checking -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a name means: a field or row source of `type`; `scope` continues through a link or into rows.

    `node` replaces the field by another tree (stage.probability becomes a SWITCH over literal stage ids). Its paths
    count from the form that owns the field: behind links (`parent.stage.probability`) the checker puts the
    links in front. Access words are symbols too: own = Symbol("own", boolean, node=Node("rule", boolean, value="own")).
    """

    id: str
    type: Type
    scope: Scope | None = None
    node: Node | None = None


class Scope(Protocol):
    """What names mean at one place."""

    def find(self, name: str) -> Symbol | None:
        """The symbol called `name` (an id, `stage.probability`-like properties come as fields of a stage's scope)."""

    def names(self) -> Iterable[str]:
        """Every name that `find` knows, for near-name hints."""

    def label(self) -> str:
        """What to call this scope in a message (the form's id)."""

    def stages(self, path: Path, operator: str, stage: str) -> tuple[str, ...] | None:
        """The stage ids of the stage field at `path` for which `field <operator> stage` holds; None: no such stage."""


# --- while evaluating -----------------------------------------------------------------------------------------


class Values(Protocol):
    """The values of one record (or one row of lines): Decimal, str, bool, date, datetime (UTC), int ids, tuples."""

    def value(self, path: Path) -> object:
        """The value at `path`, None when empty. Numbers are Decimal (an int is accepted)."""

    def rows(self, source: Path) -> Sequence[Values]:
        """The rows of a row source, in row order."""


@dataclass(frozen=True, slots=True)
class RowValues:
    """A row together with the record around it: what an expression compiled with a `row_scope` is evaluated on."""

    row: Values
    record: Values

    def value(self, path: Path) -> object:
        """The row's value at `path`."""
        return self.row.value(path)

    def rows(self, source: Path) -> Sequence[Values]:
        """The rows of a row source of the row."""
        return self.row.rows(source)


class WorkCalendar(Protocol):
    """Which days the company works. Days of years whose holidays are not known are unknown, never guessed."""

    def is_work(self, day: date) -> bool | None:
        """Whether `day` is a work day; None when it is not known."""

    def position(self, day: date) -> int | None:
        """How many work days the calendar has up to `day`, itself included; None when it is not known."""

    def day_at(self, position: int) -> date | None:
        """The work day with that position; None outside the calendar."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is the same for a whole request: clock, zone, person, calendar. `me_values` reads paths below the person."""

    now: datetime
    zone: ZoneInfo
    me: int | None = None
    me_values: Values | None = None
    is_new: bool = False
    asked: Mapping[str, object] = field(default_factory=empty)
    settings: Values | None = None
    calendar: WorkCalendar | None = None

    @property
    def today(self) -> date:
        """The company's date."""
        return self.now.astimezone(self.zone).date()


# --- while writing SQL ----------------------------------------------------------------------------------------


class SqlScope(Protocol):
    """What a tree's leaves are in SQL, for a row of a form. Raw: scaled integers on SQLite, numeric on PostgreSQL."""

    @property
    def dialect(self) -> str:
        """'sqlite' or 'postgresql'."""

    @property
    def zone(self) -> str:
        """The company's time zone by name; on SQLite the connection needs sqlite_functions.register_functions."""

    def column(self, path: Path, depth: int) -> tuple[ColumnElement[object], int]:
        """The raw column at `path` and its number of decimals (0 for what is no number)."""

    def rows(self, source: Path, depth: int) -> tuple[FromClause, ColumnElement[bool], SqlScope]:
        """A row source: what to select from, the condition that ties it to this row, the scope of its rows."""

    def members(self, path: Path, depth: int) -> ColumnElement[object]:
        """For choices, users, departments, links: a sub-select of the values held."""

    def rule(self, word: str) -> ColumnElement[bool]:
        """own, team or department for the reader."""

    def me(self, path: Path) -> ColumnElement[object]:
        """The reader, or a value below the reader, as a bound parameter."""

    def moment(self, which: str) -> ColumnElement[object]:
        """'today', 'now' or 'is_new' as a bound parameter."""

    def mine(self, path: Path) -> ColumnElement[object]:
        """A sub-select of the values of a field with several values below the reader."""

    def has_reader(self) -> bool:
        """Whether there is a reader at all: without one `me` is null."""

    def setting(self, path: Path) -> tuple[ColumnElement[object], int]:
        """A value of the settings, and its number of decimals."""

    def asked(self, name: str, type_: Type) -> tuple[ColumnElement[object], int]:
        """An answer of an action's dialog as a bound parameter, and its number of decimals."""

    def order(self) -> Sequence[ColumnElement[object]]:
        """What the rows of this scope are in order by; never null."""

    def work_days(self) -> FromClause:
        """The calendar: day, is_work, position."""
