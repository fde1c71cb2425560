"""What a reader chose, as conditions by form: filters of the board, marks that were clicked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.catalog.dashboards import BoardFilter, Dashboard, Dimension, Widget
from engine.catalog.forms import Form
from engine.problems import Problem, ProblemsFound
from engine.runtime.work import Work
from engine.services.dashboards.conditions import LINKS, ME, among_ids, among_words, condition_of, within
from engine.services.dashboards.periods import Period, read_day, read_number, read_period
from engine.services.dashboards.views import BoardState, Pick
from engine.storage.departments_held import fetch_departments_below
from engine.storage.queries import VisibleQuery
from engine.storage.selects import fetch_ids
from engine.values import empty

MOST_BELOW = 2000
ABOVE = ""  # instead of a widget: a mark of a level that the reader descended from narrows its own widget too


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions by form. `periods`: the date field and the days, by form; `picked`: those of marks, by widget."""

    filters: Mapping[str, tuple[str, ...]] = field(default_factory=empty)
    periods: Mapping[str, tuple[str, str, Period]] = field(default_factory=empty)  # path, kind, days
    picked: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=empty)  # (widget, condition)

    def of(self, form_id: str, widget: str, period: Period | None = None) -> tuple[str, ...]:
        """What records of a form must meet in a widget; a widget is not narrowed by its own marks."""
        found = [*self.filters.get(form_id, ())]
        dated = self.periods.get(form_id)
        if dated is not None:
            found.append(within(dated[0], dated[1], period or dated[2]))
        found += [text for name, text in self.picked.get(form_id, ()) if name != widget]
        return tuple(each for each in found if each)


def words_of(filter_: BoardFilter, state: BoardState) -> tuple[str, ...]:
    """What is chosen in a filter: by the reader, else by the board."""
    return state.filters.get(filter_.name, filter_.default)


def choose(work: Work, board: Dashboard, state: BoardState) -> Conditions:
    """The conditions of a state. Raises ProblemsFound (B201-B203) for what the board does not have."""
    for name in state.filters:
        if name not in board.filters:
            raise ProblemsFound([Problem("B202", {"name": name, "words": ", ".join(board.filters)})])
    narrowed: dict[str, list[str]] = {}
    periods: dict[str, tuple[str, str, Period]] = {}
    for each in board.filters.values():
        words = words_of(each, state)
        if each.kind == "period":
            periods.update(_periods(work, each, words))
        elif words:
            for form_id, text in _values(work, each, words):
                narrowed.setdefault(form_id, []).append(text)
    picked = _picked(work, board, state)
    return Conditions({key: tuple(each) for key, each in narrowed.items()}, periods, picked)


def period_of(work: Work, filter_: BoardFilter, words: tuple[str, ...]) -> Period:
    """The days that the words of a period filter mean; "all" when there are none."""
    company = work.catalog.company
    return read_period(filter_.name, words[0] if words else "all", work.moment.today, company.week_starts)


def _periods(work: Work, filter_: BoardFilter, words: tuple[str, ...]) -> Iterable[tuple[str, tuple[str, str, Period]]]:
    period = period_of(work, filter_, words)
    for form_id, path in filter_.fields.items():
        yield form_id, (".".join(path), _date_kind(work, form_id, path), period)


def _date_kind(work: Work, form_id: str, path: tuple[str, ...]) -> str:
    form: Form | None = work.catalog.forms[form_id]
    for name in path[:-1]:
        link = form.fields.get(name) if form is not None else None
        form = work.catalog.forms.get(link.to[0]) if link is not None and link.to else None
    definition = form.fields.get(path[-1]) if form is not None else None
    if definition is None or definition.type == "datetime":
        return "datetime"
    formula = definition.formula
    return formula.type.kind if definition.type == "formula" and formula is not None else "date"


def _values(work: Work, filter_: BoardFilter, words: tuple[str, ...]) -> Iterable[tuple[str, str]]:
    ids = _ids(work, filter_, words) if filter_.kind in LINKS else ()
    for form_id, path in filter_.fields.items():
        text = ".".join(path)
        if filter_.kind in LINKS:
            yield form_id, among_ids(text, ids)
        elif filter_.kind == "boolean":
            yield form_id, text if words[0] == "true" else f"not {text}"
        elif filter_.kind == "number":
            yield form_id, " or ".join(f"{text} = {_number(filter_, word)}" for word in words)
        else:
            yield form_id, among_words(text, words)


def _number(filter_: BoardFilter, word: str) -> str:
    try:
        return f"{read_number(word):f}"
    except ValueError:
        raise ProblemsFound([Problem("B201", {"name": filter_.name, "value": word, "words": "1, 2.5"})]) from None


def _ids(work: Work, filter_: BoardFilter, words: Iterable[str]) -> tuple[object, ...]:
    """The ids that words name, of departments and trees with all that is below them."""
    found: list[object] = []
    for word in words:
        if word in ("", ME):
            found.append(None if word == "" else ME)
        elif _is_id(word):
            found += _below(work, filter_, int(word))
        else:
            raise ProblemsFound([Problem("B201", {"name": filter_.name, "value": word, "words": "me, 1, 2 …"})])
    return tuple(found)


def _below(work: Work, filter_: BoardFilter, record_id: int) -> tuple[int, ...]:
    if filter_.kind == "department":
        return fetch_departments_below(work.uow, record_id)
    leads_to = filter_.field.to if filter_.field is not None else ()
    form = work.catalog.forms.get(leads_to[0]) if len(leads_to) == 1 else None
    if filter_.kind == "person" or form is None or form.tree is None or work.rights.see(form.id) is None:
        return (record_id,)
    if form.tree.id not in work.form_rights(form.id).see:
        return (record_id,)
    query: VisibleQuery = work.query(form.id)
    seen = work.rights.roles.seen()
    below = query.where(seen.filter(form.id, f"ANY(above, id = {record_id})"))
    return (record_id, *fetch_ids(work.uow.connection, below, MOST_BELOW))


# --- marks ------------------------------------------------------------------------------------------------------------


def _picked(work: Work, board: Dashboard, state: BoardState) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """The conditions of clicked marks, by form; several marks of one dimension are alternatives."""
    groups: dict[tuple[str, str], list[Pick]] = {}
    for pick in state.picks:
        groups.setdefault((pick.widget, pick.dimension), []).append(pick)
    found: dict[str, list[tuple[str, str]]] = {}
    for (name, _), picks in groups.items():
        widget = find_widget(board, name)
        dimension = find_dimension(widget, picks[0])
        texts = [condition_of(dimension, value_of(dimension, each)) for each in picks]
        text = texts[0] if len(texts) == 1 else "(" + " or ".join(texts) + ")"
        own = name if dimension in dimensions_in_effect(widget, state.drill.get(name, 0)) else ABOVE
        found.setdefault(widget.form, []).append((own, text))
        for form_id, path in _same_filter(board, widget.form, dimension).items():
            also = replace_text(dimension, ".".join(path))
            parts = [condition_of(also, value_of(dimension, each)) for each in picks]
            found.setdefault(form_id, []).append((own, parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"))
    return {form_id: tuple(each) for form_id, each in found.items()}


def _same_filter(board: Dashboard, form_id: str, dimension: Dimension) -> Mapping[str, tuple[str, ...]]:
    """The fields of other forms that a filter of the board puts beside this dimension."""
    if dimension.path is None:
        return {}
    same = (each for each in board.filters.values() if each.fields.get(form_id) == dimension.path)
    return {key: path for each in same for key, path in each.fields.items() if key != form_id}


def replace_text(dimension: Dimension, text: str) -> Dimension:
    """The dimension on another form, where its field is called `text`."""
    return Dimension(text, dimension.value, dimension.label, tuple(text.split(".")), dimension.field, dimension.bucket)


def dimensions_in_effect(widget: Widget, step: int) -> tuple[Dimension, ...]:
    """The dimensions of a widget, the first one replaced by what the reader descended to."""
    if step <= 0 or not widget.drill or not widget.rows:
        return widget.dimensions
    return (widget.drill[min(step, len(widget.drill)) - 1], *widget.dimensions[1:])


def find_widget(board: Dashboard, name: str) -> Widget:
    """The widget, or B203."""
    if name not in board.widgets:
        raise ProblemsFound([Problem("B203", {"name": name})])
    return board.widgets[name]


def find_dimension(widget: Widget, pick: Pick) -> Dimension:
    """The dimension of a mark, also of one that is reached by descending."""
    known = {each.name: each for each in (*widget.dimensions, *widget.drill)}
    if pick.dimension not in known:
        raise ProblemsFound(
            [Problem("B201", {"name": pick.widget, "value": pick.dimension, "words": ", ".join(known)})]
        )
    return known[pick.dimension]


def value_of(dimension: Dimension, pick: Pick) -> object:
    """The value that a mark's word stands for. Raises ProblemsFound (B201)."""
    word = pick.value
    if word == "":
        return None
    try:
        if dimension.bucket is not None or dimension.kind in ("date", "datetime"):
            return read_day(word)
        if dimension.kind in LINKS:
            return _read_id(word)
        if dimension.kind == "number":
            return read_number(word)
    except ValueError:
        raise ProblemsFound([Problem("B201", {"name": pick.widget, "value": word, "words": ""})]) from None
    return word == "true" if dimension.kind == "boolean" else word


def _read_id(word: str) -> int:
    if not _is_id(word):
        raise ValueError(word)
    return int(word)


def _is_id(word: str) -> bool:
    """Whether a word is a number that an id may be."""
    return word.isascii() and word.isdecimal() and len(word) < 19
