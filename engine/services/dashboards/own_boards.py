"""Boards that readers make: copied or begun empty, changed widget by widget, kept for one person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.catalog.dashboards import Dashboard, Metric
from engine.catalog.forms import Field, Form
from engine.catalog.names import is_name
from engine.catalog.own_boards import check_own_board, own_id
from engine.problems import NotAllowed, NotVisible, Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.runtime.work import Work
from engine.services.dashboards.boards import find_board
from engine.services.dashboards.own_reading import HOME, KEY, fetch_written, number_of
from engine.services.site import OpenCompany
from engine.source.tree import plain
from engine.source.writing import to_yaml
from engine.storage.saved_views import drop_preference, fetch_preference, fetch_preferences, keep_preference
from engine.values import in_language

MOST_BOARDS, MOST_WIDGETS, LONGEST_NAME = 20, 24, 60
SPANS = (3, 4, 6, 8, 12)
TYPES = ("number", "column", "bar", "line", "donut", "funnel", "ranking", "pivot", "heat", "table")
_COLUMNS = 12
_WITHOUT_BY, _WITH_SPLIT, _SPLIT_NEEDED = ("number", "table"), ("column", "bar", "line", "pivot"), ("heat",)
_USUAL_SPANS = {"number": 3, "donut": 4, "pivot": 12, "table": 12}
_DATES = frozenset({"date", "datetime"})
_GROUPED = frozenset({"choice", "stage", "user", "department", "link", "boolean"}) | _DATES
_SUMMED = frozenset({"integer", "number", "money", "percent", "rating"})
Draft = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewWidget:
    """A widget as a reader asks for it.

    number  "count", "sum:<field>", "avg:<field>", "metric:<id>"
    by      a field, or one behind a link; `bucket` of dates; `split` another field across
    """

    form: str
    type: str
    label: str
    number: str = "count"
    by: str = ""
    bucket: str = "month"
    split: str = ""


@dataclass(frozen=True, slots=True)
class Offers:
    """What a widget may be made of: forms, and of the chosen one its metrics, fields to group by and to sum."""

    forms: tuple[Form, ...]
    form: Form | None
    metrics: tuple[Metric, ...]
    grouped: tuple[Field, ...]
    summed: tuple[Field, ...]


def copy_board(company: OpenCompany, actor: Actor, board_id: str, language: str, ending: str) -> str:
    """A board of the reader's own with all that this one has; its id. `ending` is put behind its name."""
    with company.writing(actor, "board") as work:
        board = find_board(work, board_id)
        number = number_of(board_id)
        written = _own(work, number) if number is not None else _defined(company, work, board)
        label = f"{in_language(board.label, language)}{ending}"[:LONGEST_NAME]
        return _keep_new(work, {**written, "label": {language: label}})


def begin_board(company: OpenCompany, actor: Actor, name: str, language: str) -> str:
    """An empty board of the reader's own; its id."""
    with company.writing(actor, "board") as work:
        app = next(iter(work.catalog.apps), "own")
        return _keep_new(work, {"dashboard": f"{app}.own", "label": {language: _named(name)}, "widgets": {}})


def rename_board(company: OpenCompany, actor: Actor, number: int, name: str, language: str) -> None:
    """Call it otherwise."""
    _change(company, actor, number, lambda written: written.update(label={language: _named(name)}))


def drop_board(company: OpenCompany, actor: Actor, number: int) -> None:
    """Throw it away."""
    with company.writing(actor, "board") as work:
        _own(work, number)
        drop_preference(work.uow, actor.person, f"{KEY}{number}")
        if fetch_preference(work.uow, actor.person, HOME) == own_id(number):
            drop_preference(work.uow, actor.person, HOME)


def choose_home(company: OpenCompany, actor: Actor, board_id: str) -> None:
    """Make a board the reader's first page; "" for none."""
    with company.writing(actor, "board") as work:
        if board_id:
            find_board(work, board_id)
        keep_preference(work.uow, actor.person, HOME, board_id)


def publish_board(
    company: OpenCompany, actor: Actor, number: int, name: str, roles: Iterable[str], home: Iterable[str]
) -> tuple[str, str]:
    """(path, text) of the file that defines an own board for roles; an administrator puts it among the definitions.

    Raises NotAllowed for others; ProblemsFound when the name is taken or none, or when it would not pass the check.
    """
    if not actor.is_administrator:
        raise NotAllowed(Problem("R102", {"verb": "publish"}))
    with company.reading(actor) as work:
        written = _own(work, number)
        app = str(written["dashboard"]).partition(".")[0]
        board_id = f"{app}.{name}"
        if board_id in work.catalog.dashboards or not is_name(name):
            raise ProblemsFound([Problem("B209", {"name": name}, pointer="name")])
        head = {"dashboard": board_id, "label": written["label"], "roles": sorted(roles), "home": sorted(home)}
        text = {key: value for key, value in {**head, **written, **head}.items() if value != []}
        check_own_board(work.catalog, text)
    return f"dashboards/companies/{company.id}/{app}/{name}.yaml", to_yaml(text)


# --- widgets ----------------------------------------------------------------------------------------------------------


def add_widget(company: OpenCompany, actor: Actor, number: int, asked: NewWidget, language: str) -> None:
    """Put a widget at the end. Raises ProblemsFound for what it cannot be made of, hidden fields among that."""
    with company.writing(actor, "board") as work:
        written = _own(work, number)
        widgets = dict(written["widgets"])
        if len(widgets) >= MOST_WIDGETS:
            raise ProblemsFound([Problem("B207", {"most": MOST_WIDGETS})])
        widgets[_free(widgets)] = _widget(work, asked, language)
        changed = _laid_out({**written, "widgets": widgets}, (*_order(written), *widgets))
        check_own_board(work.catalog, changed)
        keep_preference(work.uow, actor.person, f"{KEY}{number}", changed)


def remove_widget(company: OpenCompany, actor: Actor, number: int, name: str) -> None:
    """Take a widget out."""

    def remove(written: Draft) -> None:
        written["widgets"] = {key: each for key, each in written["widgets"].items() if key != name}

    _change(company, actor, number, remove)


def resize_widget(company: OpenCompany, actor: Actor, number: int, name: str, span: int) -> None:
    """Make a widget so many of twelve columns wide."""

    def resize(written: Draft) -> None:
        written["widgets"][name] = {**written["widgets"][name], "span": max(1, min(span, _COLUMNS))}

    _change(company, actor, number, resize, name)


def relabel_widget(company: OpenCompany, actor: Actor, number: int, name: str, label: str, language: str) -> None:
    """Call a widget otherwise."""

    def relabel(written: Draft) -> None:
        written["widgets"][name] = {**written["widgets"][name], "label": {language: _named(label)}}

    _change(company, actor, number, relabel, name)


def move_widget(company: OpenCompany, actor: Actor, number: int, name: str, steps: int) -> None:
    """Move a widget so many places on, or back when negative."""

    def move(written: Draft) -> None:
        order = [each for each in _order(written) if each != name]
        place = max(0, min(_order(written).index(name) + steps, len(order)))
        written["layout"] = [[*order[:place], name, *order[place:]]]

    _change(company, actor, number, move, name)


def order_of(board: Dashboard) -> tuple[str, ...]:
    """The widgets of a board in the order in which they are read."""
    return tuple(dict.fromkeys(name for row in board.layout for name in row))


def find_offers(company: OpenCompany, actor: Actor, form_id: str) -> Offers:
    """What the reader may make a widget of; only of what the reader sees."""
    with company.reading(actor) as work:
        seen = (each for each in work.catalog.forms.values() if not each.single)
        forms = tuple(each for each in seen if work.rights.see(each.id) is not None)
        form = next((each for each in forms if each.id == form_id), None)
        if form is None:
            return Offers(forms, None, (), (), ())
        see = work.form_rights(form.id).see
        fields = [each for name, each in form.fields.items() if name in see]
        return Offers(
            forms,
            form,
            tuple(each for each in work.catalog.metrics.values() if each.form == form.id),
            tuple(each for each in fields if _kind(each) in _GROUPED),
            tuple(each for each in fields if _kind(each) in _SUMMED),
        )


def _kind(field: Field) -> str:
    if field.formula is None or field.type != "formula":
        return field.type
    return field.formula.type.kind


def _widget(work: Work, asked: NewWidget, language: str) -> Draft:
    """The widget as a file would write it."""
    form = work.catalog.forms.get(asked.form)
    if form is None or work.rights.see(asked.form) is None:
        raise NotVisible(asked.form)
    if asked.type not in TYPES:
        raise ProblemsFound([Problem("B201", {"name": "type", "value": asked.type, "words": ", ".join(TYPES)})])
    see = work.form_rights(form.id).see
    found: Draft = {"type": asked.type, "of": form.id, "span": _USUAL_SPANS.get(asked.type, 6)}
    if asked.label.strip():
        found["label"] = {language: _named(asked.label)}
    if asked.type == "table":
        found.setdefault("label", dict(form.plural or form.label))
        return {**found, "columns": [name for name in _columns(form) if name in see][:6]}
    found |= _number(work, form, see, asked.number)
    if "metric" not in found:
        found.setdefault("label", dict(form.plural or form.label))
    if asked.by and asked.type not in _WITHOUT_BY:
        found["rows" if asked.type == "pivot" else "by"] = _dimension(form, see, asked.by, asked.bucket)
    if asked.split and asked.type in (*_WITH_SPLIT, *_SPLIT_NEEDED):
        found["columns" if asked.type == "pivot" else "split"] = _dimension(form, see, asked.split, "quarter")
    return found


def _columns(form: Form) -> Iterable[str]:
    view = next((each for each in form.views.values() if each.columns), None)
    return view.columns if view is not None else tuple(form.fields)


def _number(work: Work, form: Form, see: frozenset[str], number: str) -> Draft:
    kind, _, name = number.partition(":")
    if kind == "metric" and name in work.catalog.metrics and work.catalog.metrics[name].form == form.id:
        return {"metric": name}
    if kind in ("sum", "avg") and name in see and name in form.fields and _kind(form.fields[name]) in _SUMMED:
        shown = {"money": "money", "percent": "percent"}.get(form.fields[name].type, "number")
        return {"value": f"{kind.upper()}({name})", "format": shown, "label": dict(form.fields[name].label)}
    if kind != "count":
        raise ProblemsFound([Problem("B201", {"name": "number", "value": number, "words": "count"})])
    return {"value": "COUNT()"}


def _dimension(form: Form, see: frozenset[str], name: str, bucket: str) -> object:
    field = form.fields.get(name)
    if field is None or name not in see or _kind(field) not in _GROUPED:
        raise ProblemsFound([Problem("B201", {"name": "by", "value": name, "words": ""})])
    if _kind(field) not in _DATES:
        return name
    return {name: bucket if bucket in ("day", "week", "month", "quarter", "year") else "month"}


# --- as it is kept ----------------------------------------------------------------------------------------------------


def _own(work: Work, number: int) -> Draft:
    """The reader's own board; B205 for a number that is not the reader's."""
    found = fetch_written(work, number)
    if found is None:
        raise ProblemsFound([Problem("B205", {"name": own_id(number)})])
    return dict(found)


def _change(
    company: OpenCompany, actor: Actor, number: int, change: Callable[[Draft], None], widget: str | None = None
) -> None:
    with company.writing(actor, "board") as work:
        written = _own(work, number)
        written["widgets"] = dict(written["widgets"])
        if widget is not None and widget not in written["widgets"]:
            raise ProblemsFound([Problem("B203", {"name": widget})])
        change(written)
        keep_preference(work.uow, actor.person, f"{KEY}{number}", _laid_out(written, _order(written)))


def _keep_new(work: Work, written: Draft) -> str:
    kept = fetch_preferences(work.uow, work.actor.person, KEY)
    if len(kept) >= MOST_BOARDS:
        raise ProblemsFound([Problem("B208", {"most": MOST_BOARDS})])
    number = max((int(key.removeprefix(KEY)) for key in kept), default=0) + 1
    keep_preference(work.uow, work.actor.person, f"{KEY}{number}", _laid_out(written, _order(written)))
    return own_id(number)


def _defined(company: OpenCompany, work: Work, board: Dashboard) -> Draft:
    """A defined board as its files write it; whose it was is left out."""
    written = plain(company.flows.resolved.definitions[board.id].item)
    if not isinstance(written, dict):
        raise NotVisible(board.id)
    return {key: value for key, value in written.items() if key not in ("roles", "home")}


def _order(written: Mapping[str, Any]) -> list[str]:
    rows = written.get("layout") or []
    named = [name for row in rows for name in row if name in written["widgets"]]
    return list(dict.fromkeys((*named, *written["widgets"])))


def _laid_out(written: Draft, order: Iterable[str]) -> Draft:
    """The board with its widgets in rows of twelve columns."""
    rows: list[list[str]] = []
    filled = _COLUMNS
    for name in dict.fromkeys(order):
        if name not in written["widgets"]:
            continue
        each = written["widgets"][name]
        span = each.get("span") or _USUAL_SPANS.get(each["type"], 6)
        if filled + span > _COLUMNS:
            rows, filled = [*rows, []], 0
        rows[-1].append(name)
        filled += span
    return {**written, "layout": rows}


def _free(widgets: Mapping[str, object]) -> str:
    return next(name for at in range(1, len(widgets) + 2) if (name := f"w{at}") not in widgets)


def _named(name: str) -> str:
    wanted = " ".join(name.split())[:LONGEST_NAME]
    if not wanted:
        raise ProblemsFound([Problem("R117", pointer="name")])
    return wanted
