"""How did a computed value come about? Its expression in words, the value of every part, and who may see which part.

Every part is evaluated with system rights, as the value itself was; what the reader does not see is marked then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.catalog.forms import Field
from engine.expressions import NotInSql, compile_closure
from engine.expressions.nodes import STAYS, Expression, Moment, Node, Path, Values
from engine.expressions.nodes import RowValues as RowAndRecord
from engine.expressions.references import find_references
from engine.expressions.words import is_leaf
from engine.runtime.drafts import Draft, RecordValues, RowValues
from engine.runtime.formulas import finish, out_of_range
from engine.runtime.wording import Place, ReaderLabels, steps_of
from engine.runtime.work import Work
from engine.storage.queries import Record
from engine.storage.selects import fetch_rows
from engine.storage.source_rows import SourcePage, fetch_node_values, fetch_sight, fetch_sources

_CHAINS = {"+": ("+", "-"), "-": ("+", "-"), "*": ("*",), "AND": ("AND",), "OR": ("OR",), "CONCAT": ("CONCAT",)}
_WRAPPERS = frozenset({"N0", "COALESCE", "TEXT", "TODATE"})
_SAVED = ("created_at", "created_by", "version")


@dataclass(frozen=True, slots=True)
class Target:
    """A computed field of the form `form_id`; `line` = (name of the lines, id of the row) when it stands in lines."""

    form_id: str
    record_id: int
    field: Field
    line: tuple[str, int] | None = None

    @property
    def key(self) -> str:
        """The field's key: "amount", "lines.amount"."""
        return self.field.id if self.line is None else f"{self.line[0]}.{self.field.id}"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an expression.

    value      with every right; shown only when `available`
    taken      of the branches of a choice: whether this one was
    field      the field it is, when it is one, and `holder`, the record (form, id) that the field stands in
    column     the field that an aggregate adds up or chooses from
    aggregate  which of the expression's aggregates it is, counted from 0
    counted    whether the reader may know how many records are behind it
    """

    node: Node
    words: str
    value: object
    available: bool
    taken: bool | None = None
    parts: tuple[Part, ...] = ()
    field: Field | None = None
    holder: tuple[str, int] | None = None
    column: Field | None = None
    aggregate: int | None = None
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Measured:
    """The values of one record that were read beforehand, by dotted path; the rest is asked of `rest`."""

    found: Mapping[str, object]
    rest: Values

    def value(self, path: Path) -> object:
        """The value at `path`."""
        name = ".".join(path)
        return self.found[name] if name in self.found else self.rest.value(path)

    def rows(self, source: Path) -> Sequence[Values]:
        """The rows of a row source."""
        return self.rest.rows(source)


@dataclass(frozen=True, slots=True)
class Explained:
    """A computed value taken apart. `result` is what its expression gives now, as the field keeps it."""

    target: Target
    labels: ReaderLabels
    root: Part
    result: object
    aggregates: tuple[Node, ...]
    frozen: str | None


def explain_value(work: Work, target: Target, language: str) -> Explained:
    """The parts of the field's formula on a stored record that the reader sees."""
    formula = target.field.formula
    if formula is None:
        raise ValueError(target.key)
    labels = _labels(work, target, language)
    values = _fetch_values(work, target, formula)
    aggregates = () if target.line is not None else tuple(_aggregates(formula.node))
    measured = _measure(work, target, aggregates, values)
    paths = tuple(sorted({_path(leaf) for leaf in _fields(formula.node)}))
    sight = fetch_sight(work.uow, work.rights, target.form_id, target.record_id, paths, work.moment, target.line)
    taking = _Taking(work, target, labels, measured, sight, aggregates)
    root = taking.part(formula.node)
    result = as_kept(target.field, root.value)
    # the value itself is shown whatever it is made of; what it leads to is not
    holder = root.holder if root.available else None
    shown = replace(root, value=result, available=True, holder=holder, counted=root.available)
    return Explained(target, labels, shown, result, aggregates, _frozen(work, target, taking))


def as_kept(definition: Field, value: object) -> object:
    """A value as the field keeps it: rounded, and nothing where it has too many digits."""
    found = finish(definition, value)
    return None if out_of_range(definition, found) else found


def fetch_page(work: Work, target: Target, aggregate: Node, after: int, limit: int) -> SourcePage | None:
    """A page of the rows behind an aggregate that the reader sees; None when they cannot be listed."""
    source = aggregate.args[0].value
    if isinstance(source, tuple) and source[:1] == (STAYS,):
        return None  # stays in stages are no records
    try:
        return fetch_sources(
            work.uow, work.rights, target.form_id, target.record_id, aggregate, work.moment, after=after, limit=limit
        )
    except NotInSql:
        return None


def _labels(work: Work, target: Target, language: str) -> ReaderLabels:
    form = work.catalog.forms[target.form_id]
    places: tuple[Place, ...] = (Place(form),)
    if target.line is not None:
        places = (Place(form, form.fields[target.line[0]]), Place(form))
    return ReaderLabels(work.catalog, work.rights, language, places)


# --- values -------------------------------------------------------------------------------------------------------


def _fetch_values(work: Work, target: Target, formula: Expression) -> Values:
    """What the formula reads: fetched at once with every right."""
    form = work.catalog.forms[target.form_id]
    freeze = target.field.freeze
    wanted = {each.path for each in formula.references if each.rows is None}
    sources = {(each.rows or each.path)[0] for each in formula.references}
    wanted |= {each.path for each in freeze.references if each.rows is None} if freeze is not None else set()
    names = {name for name in sources | {path[0] for path in wanted} if name in form.fields}
    dotted = {".".join(path) for path in wanted if len(path) > 1 and path[0] in form.fields and path[0] != "header"}
    if target.line is not None:
        inner = {path[1] for path in wanted if path[0] in ("header", "this") and len(path) > 1}
        names |= {target.line[0]} | {name for name in inner if name in form.fields}
        dotted = set()
    entered = {path[0] for path in wanted if path[0].endswith("_entered") and path[0] not in form.fields}
    record = _fetch_record(work, target, (*sorted(names | dotted | entered), *_SAVED))
    draft = Draft(work.program(target.form_id), target.record_id, record.values, dict(record.values), record.version)
    draft.created_at, draft.created_by = record.values.get("created_at"), record.values.get("created_by")
    return _at_target(target, record, draft.read(work.links))


def _fetch_record(work: Work, target: Target, names: Sequence[str]) -> Record:
    query = work.system_query(target.form_id).with_ids([target.record_id]).page(1)
    try:
        return fetch_rows(work.uow.connection, query.columns(names)).records[0]
    except NotInSql:
        return fetch_rows(work.uow.connection, query.columns([name for name in names if "." not in name])).records[0]


def _at_target(target: Target, record: Record, whole: RecordValues) -> Values:
    if target.line is None:
        return Measured(record.values, whole)
    lines = whole.draft.program.form.fields[target.line[0]]
    row = next((row for row in whole.draft.rows(lines.id) if row.get("id") == target.line[1]), {})
    return RowAndRecord(RowValues(whole, lines, row), whole)


def _measure(work: Work, target: Target, aggregates: Sequence[Node], values: Values) -> Values:
    """The values, with those of the aggregates under "#0", "#1" …: the record's own lines are at hand, other records
    are added up by the database, however many there are.
    """
    fields = work.catalog.forms[target.form_id].fields
    own = {name for name, each in fields.items() if each.type == "lines"}
    others = tuple(node for node in aggregates if _path(node.args[0])[0] not in own)
    try:
        found = fetch_node_values(work.uow, target.form_id, target.record_id, others, work.moment) if others else ()
    except NotInSql:
        others, found = (), ()
    known = dict(zip(others, found, strict=True))
    measured = (known[node] if node in known else _value(node, values, work.moment) for node in aggregates)
    return Measured({f"#{at}": value for at, value in enumerate(measured)}, values)


def _value(node: Node, values: Values, moment: Moment) -> object:
    return compile_closure(Expression("", node, frozenset()))(values, moment)


def _frozen(work: Work, target: Target, taking: _Taking) -> str | None:
    """The words of the condition that keeps the value from being computed again, when it holds."""
    freeze = target.field.freeze
    if freeze is None or not _value(freeze.node, taking.values, work.moment):
        return None
    return taking.labels.words(freeze.node)


# --- parts --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Taking:
    """Takes one expression apart."""

    work: Work
    target: Target
    labels: ReaderLabels
    values: Values
    sight: Mapping[Path, bool]
    aggregates: tuple[Node, ...]

    def part(self, node: Node, taken: bool | None = None) -> Part:  # noqa: FBT001 - three answers, one of them "no branch"
        """The part that a tree is, with its own parts."""
        field, holder = self._field(node)
        inner = () if node.op == "aggregate" else tuple(self._parts(node))
        if len(inner) == 1 and node.op in _WRAPPERS and is_leaf(inner[0].node):
            same = inner[0].node.type.kind == node.type.kind
            field, holder = (inner[0].field if same else None), inner[0].holder
            inner = ()
        at = self.aggregates.index(node) if node in self.aggregates else None
        column = self._column(node) if node.op == "aggregate" else None
        words = self.labels.words(node)
        seen = self.available(node)
        return Part(node, words, self.value(node), seen, taken, inner, field, holder, column, at, seen)

    def value(self, node: Node) -> object:
        """The value of a part."""
        return _value(self._without_aggregates(node), self.values, self.work.moment)

    def available(self, node: Node) -> bool:
        """Whether the reader may know the value: of fields and linked records here, of aggregates what a computed
        field of the same formula would ask.
        """
        if node.op == "field":
            return self.sight.get(_path(node), False)
        if node.op in ("me", "settings"):
            return self.labels.field(node) is not None
        if node.op == "aggregate":
            return self._sees_sources(node)
        return all(self.available(arg) for arg in node.args)

    def _sees_sources(self, node: Node) -> bool:
        here = self.labels.places
        for reference in find_references(node):
            place = here[0]
            for step in steps_of(self.work.catalog, here[0], reference.rows or ()):
                place = step.place or place
            known = self.labels.sees_always(here[0], reference.rows or ())
            if not known or not self.labels.sees_always(place, reference.path):
                return False
        return True

    def _parts(self, node: Node) -> Iterator[Part]:
        if node.op in ("IF", "IFS"):
            yield from self._cases(node)
            return
        if node.op == "SWITCH":
            yield from self._switched(node)
            return
        known: set[str] = set()
        for arg in _operands(node):
            if arg.op != "literal" and (part := self.part(arg)).words not in known:
                known.add(part.words)
                yield part

    def _cases(self, node: Node) -> Iterator[Part]:
        """Conditions and branches; the branch that was taken is marked, unless that tells of a condition out of
        sight.
        """
        args, open_, told = node.args, True, True
        for at in range(0, len(args) - 1, 2):
            test = self.part(args[at])
            yield from (() if args[at].op == "literal" else (test,))
            holds = open_ and bool(test.value)
            told = told and test.available
            if args[at + 1].op != "literal":
                yield self.part(args[at + 1], holds if told else None)
            open_ = open_ and not holds
        if len(args) % 2 and args[-1].op != "literal":
            yield self.part(args[-1], open_ if told else None)

    def _switched(self, node: Node) -> Iterator[Part]:
        asked, *cases = node.args
        first = self.part(asked)
        yield first
        wanted, open_, told = first.value, True, first.available
        for at in range(0, len(cases) - 1, 2):
            holds = open_ and self.value(cases[at]) == wanted
            if cases[at + 1].op != "literal":
                yield self.part(cases[at + 1], holds if told else None)
            open_ = open_ and not holds
        if len(cases) % 2 and cases[-1].op != "literal":
            yield self.part(cases[-1], open_ if told else None)

    def _field(self, node: Node) -> tuple[Field | None, tuple[str, int] | None]:
        """The field that a leaf is and the record it stands in."""
        if node.op != "field":
            return None, None
        path = _path(node)
        steps = list(steps_of(self.work.catalog, self.labels.places[node.depth], path))
        field = steps[-1].field if len(steps) == len(path) else None
        if field is None or self.target.line is not None:
            return field, None
        if len(path) == 1:
            return field, (self.target.form_id, self.target.record_id)
        place, holder = steps[-2].place, self.values.value(path[:-1])
        single = place is not None and isinstance(holder, int)
        return field, (place.form.id, holder) if single and place is not None and isinstance(holder, int) else None

    def _column(self, node: Node) -> Field | None:
        """The field that an aggregate is over, unless it is computed for each row."""
        source, operand = node.args[0], node.args[2]
        if operand.op != "field" or operand.depth:
            return None
        steps = list(steps_of(self.work.catalog, self.labels.inside(source).places[0], _path(operand)))
        return steps[-1].field if len(steps) == len(_path(operand)) else None

    def _without_aggregates(self, node: Node) -> Node:
        if node in self.aggregates:
            return Node("field", node.type, value=(f"#{self.aggregates.index(node)}",))
        return replace(node, args=tuple(self._without_aggregates(arg) for arg in node.args))


def _operands(node: Node) -> Iterator[Node]:
    """The arguments, those of a chain of the same signs in one row: a + b − c has three."""
    chain = _CHAINS.get(node.op, ())
    for at, arg in enumerate(node.args):
        if arg.op in chain and not (at and node.op == "-"):
            yield from _operands(arg)
        else:
            yield arg


def _aggregates(node: Node) -> Iterator[Node]:
    """The outermost aggregates of a tree, in order."""
    if node.op == "aggregate":
        yield node
        return
    for arg in node.args:
        yield from _aggregates(arg)


def _fields(node: Node) -> Iterator[Node]:
    """The fields read outside of aggregates."""
    if node.op == "field":
        yield node
    if node.op != "aggregate":
        for arg in node.args:
            yield from _fields(arg)


def _path(node: Node) -> Path:
    return node.value if isinstance(node.value, tuple) else ()
