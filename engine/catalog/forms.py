"""What a form is once its definition has been checked: frozen, complete, every expression compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.catalog.access import FieldAccess, FormAccess
from engine.expressions.nodes import Expression, Path
from engine.problems import Location
from engine.values import Label, empty

if TYPE_CHECKING:
    from engine.catalog.effects import Effect


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a choice field. `where` makes it depend on other fields; `value` is a number for formulas."""

    id: str
    label: Label
    color: str | None = None
    value: object = None
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold (a boolean expression), with the sentence shown when it does not."""

    holds: Expression
    message: Label


@dataclass(frozen=True, slots=True)
class Unique:
    """Fields that no two records may share; empty values are never equal; the recycle bin counts."""

    name: str
    fields: tuple[str, ...]
    message: Label
    at: Location


@dataclass(frozen=True, slots=True)
class FormCheck:
    """A check of the whole record."""

    name: str
    holds: Expression
    message: Label
    at: Location


@dataclass(frozen=True, slots=True)
class Related:
    """The other side of a link: records of `form` whose `field` points here; `lines` when the link stands in lines.

    `name` is the row source in formulas; `hidden` inverses were not named by the definition and show as a tab only.
    With `match` a declared relation: records of `form` whose `field` equals the field `own` of this record (an empty
    one equals nothing) and that meet `rest`, which is `match` without that equality. `match` and `rest` stand in the
    scope of `form`; `this` is the record that has the relation.
    """

    name: str
    label: Label
    form: str
    field: str
    lines: str | None = None
    own: str = "id"
    match: Expression | None = None
    rest: Expression | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A text with {field} and {link.field} holes: parts are str or Path."""

    text: str
    parts: tuple[str | Path, ...]


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """`QT-{year}-{serial:4}`: parts are str, ("year",), ("month",), ("day",), ("field", id) or ("serial", digits)."""

    text: str
    parts: tuple[str | tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form or of its lines. A property that does not fit the field type is its neutral value."""

    id: str
    type: str
    label: Label
    column: str  # safe ASCII name of the column, or of the child table's suffix
    at: Location
    help: Label = field(default_factory=empty)
    placeholder: Label = field(default_factory=empty)
    # behaviour: None = not set; constants are literal expressions
    required: Expression | None = None
    visible: Expression | None = None
    read_only: Expression | None = None
    default: Expression | None = None  # literals too
    formula: Expression | None = None
    compute: str = "stored"  # stored | read | daily | once
    freeze: Expression | None = None
    checks: tuple[Check, ...] = ()
    clear_when_hidden: bool = False
    fixed: bool = False
    copy: bool = True
    discloses: bool = False
    personal: bool = False
    # numbers and texts
    places: int = 0
    currency: str | None = None  # a code, or the id of a choice field
    minimum: object = None
    maximum: object = None
    max_length: int | None = None
    pattern: str | None = None
    blank_zero: bool = False
    grouped: bool = True  # thousands separators where the number is shown
    # choices and stages
    choices: tuple[Choice, ...] = ()
    # links, people, departments, files
    to: tuple[str, ...] = ()
    on_delete: str = "restrict"  # restrict | cascade | clear
    inverse: str | None = None  # name of the Related on the other side
    where: Expression | None = None  # in the scope of the target, `this` is the record that chooses
    fill: Mapping[str, Path] = field(default_factory=empty)
    tree: bool = False
    many: bool = False
    # lines
    fields: Mapping[str, Field] = field(default_factory=empty)
    columns: tuple[str, ...] = ()
    access: FieldAccess | None = None
    # what a formula that does not disclose it is computed from: here, and in other records (form, field)
    sources: tuple[str, ...] = ()
    far_sources: tuple[tuple[str, str], ...] = ()

    def choice(self, choice_id: object) -> Choice | None:
        """The option `choice_id`, if there is one."""
        return next((choice for choice in self.choices if choice.id == choice_id), None)


@dataclass(frozen=True, slots=True)
class Section:
    """A group of fields on the page; `when` hides it; `note` is a text shown under its title."""

    id: str
    label: Label
    fields: tuple[str, ...]
    columns: int = 2
    note: Label = field(default_factory=empty)
    folded: bool = False
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the record page: exactly one of `fields`, `related`, `builtin` (history, comments, files)."""

    id: str
    label: Label
    fields: tuple[str, ...] = ()
    related: str | None = None
    builtin: str | None = None
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The record page and the form."""

    sections: tuple[Section, ...]
    figures: tuple[str, ...]
    tabs: tuple[Tab, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A named way to look at the form's records. `sort` is (field id or system field, descending)."""

    id: str
    type: str  # list | board | calendar | tree
    label: Label
    columns: tuple[str, ...] = ()
    where: Expression | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    filters: tuple[str, ...] = ()
    group: str | None = None
    card: tuple[str, ...] = ()
    sum: str | None = None
    date: str | None = None  # of a calendar: the field that says on which day a record stands


@dataclass(frozen=True, slots=True)
class LinesCopy:
    """How an action copies lines: rows of `source` that meet `where`, with `set` over what agrees in id and type."""

    source: str
    where: Expression | None
    set: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class Action:
    """A button. kind: creates | sets | starts | runs | duplicate (prints come later)."""

    id: str
    label: Label
    kind: str
    creates: str | None = None
    values: Mapping[str, Expression] = field(default_factory=empty)  # of `with:` or `sets:`; key may be a Path "a.b"
    lines: Mapping[str, LinesCopy] = field(default_factory=empty)
    when: Expression | None = None
    who: tuple[str, ...] = ()  # roles; empty = anybody who may change (sets) or create (creates)
    confirm: Label = field(default_factory=empty)
    asks: Mapping[str, Field] = field(default_factory=empty)
    icon: str | None = None
    back: str | None = None  # the link of this record that is set to the record it created
    starts: str | None = None  # a workflow of this form
    runs: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One form of one company."""

    id: str  # app.name
    app: str
    name: str
    label: Label
    icon: str
    table: str
    at: Location
    fields: Mapping[str, Field]
    title: Template
    number: NumberPattern | None = None
    owner: str | None = None
    department: str | None = None
    help: Label = field(default_factory=empty)
    single: bool = False
    checks: tuple[FormCheck, ...] = ()
    uniques: tuple[Unique, ...] = ()
    related: Mapping[str, Related] = field(default_factory=empty)
    page: Page = field(default_factory=lambda: Page((), (), ()))
    views: Mapping[str, View] = field(default_factory=empty)
    actions: Mapping[str, Action] = field(default_factory=empty)
    access: FormAccess = field(default_factory=FormAccess)
    search: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    picker_columns: tuple[str, ...] = ()
    plural: Label = field(default_factory=empty)  # what its records are called together; never empty once built
    formula_order: tuple[str, ...] = ()  # own stored formulas in the order to compute; lines as "lines.amount"

    @property
    def tree(self) -> Field | None:
        """The link that makes the form's records a tree."""
        return next((each for each in self.fields.values() if each.tree), None)
