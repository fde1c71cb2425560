"""The start page: what is mine and open, what I did last, where to go. Made from the definitions alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from engine.catalog.forms import Field, Form
from engine.catalog.stages import Stage
from engine.services import records
from engine.services.dashboards.boards import find_home, open_board
from engine.services.dashboards.views import BoardState
from engine.services.views_of_records import ListRequest, RecordView
from engine.web.amounts import amount_text
from engine.web.answers import label, language
from engine.web.conditions import quoted
from engine.web.pages_dashboard import board_values
from engine.web.routes import Route
from engine.web.visit import may_open, visit

T = TypeVar("T")
_EVERYTHING = "true"
_TILES, _PIPELINES, _RECENT_FORMS, _RECENT, _DUE = 4, 3, 8, 8, 6


@dataclass(frozen=True, slots=True)
class StageBar:
    """How much of mine stands in one stage, and where to see it."""

    text: str
    count: int
    total: str
    href: str


@dataclass(frozen=True, slots=True)
class Pipeline:
    """My open records of one form by stage. `most` is the largest count of a stage."""

    form: Form
    bars: tuple[StageBar, ...]
    count: int
    total: str
    most: int
    href: str


@dataclass(frozen=True, slots=True)
class Tile:
    """How many records of a form are mine (`open`: only those that have not ended)."""

    form: Form
    count: int
    exact: bool
    open: bool
    href: str


@dataclass(frozen=True, slots=True)
class Recent:
    """A record I changed last."""

    view: RecordView
    at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """A date of mine that has come or comes soon."""

    view: RecordView
    field: Field
    text: str
    late: bool
    day: object


def show_home() -> ResponseReturnValue:
    """The start page: the board that it is for this reader, else what is mine and open."""
    current = visit()
    catalog = current.company.catalog
    board = _board()
    listed = [entry for group in catalog.menu for entry in group.entries if entry in catalog.forms]
    forms = [form for form in (catalog.forms[each] for each in listed) if may_open(current.actor, form)]
    creatable = [form for form in forms if "create" in _sight(form).verbs][:6]
    return render_template(
        "home.html",
        **(board or _standing(forms)),
        due=_due(forms),
        recent=_recent(forms),
        creatable=creatable,
        hour=current.company.clock().astimezone(ZoneInfo(catalog.company.time_zone)).hour,
    )


def _board() -> dict[str, object] | None:
    """The board that is the reader's first page, with all that its template needs; None when there is none."""
    current = visit()
    board_id = find_home(current.company, current.actor)
    if board_id is None:
        return None
    state = BoardState()
    view = open_board(current.company, current.actor, board_id, state, language())
    return board_values(view, state)


def _standing(forms: Sequence[Form]) -> dict[str, object]:
    """How many records are mine, and in which stages."""
    tiles = _some(_tile(form, _mine(form)) for form in forms)[:_TILES]
    own = bool(tiles)  # somebody who owns nothing sees how it stands with all that they may see
    return {
        "tiles": tiles or _some(_tile(form, _EVERYTHING) for form in forms)[:_TILES],
        "own": own,
        "pipelines": _some(_pipeline(form, _mine(form) if own else _EVERYTHING) for form in forms)[:_PIPELINES],
    }


def _sight(form: Form) -> records.FormSight:
    current = visit()
    return records.form_sight(current.company, current.actor, form.id)


def _stage_field(form: Form) -> Field | None:
    see = _sight(form).see
    return next((field for field in form.fields.values() if field.type == "stage" and field.id in see), None)


def _open_stages(form: Form, field: Field) -> tuple[Stage, ...]:
    sets = visit().company.catalog.stage_sets.get((form.id, field.id), ())
    found = {stage.id: stage for each in sets for stage in each.stages.values() if stage.outcome == "open"}
    return tuple(found.values())


def _mine(form: Form) -> str | None:
    """The condition that a record is mine; None when the form has no owner that I may see."""
    if form.owner is None or form.owner not in _sight(form).see:
        return None
    return f"{form.owner} = me" if form.fields[form.owner].type == "user" else f"HAS({form.owner}, me)"


def _some(found: Iterable[T | None]) -> list[T]:
    return [each for each in found if each is not None]


def _pipeline(form: Form, mine: str | None) -> Pipeline | None:
    current, field = visit(), _stage_field(form)
    if field is None or mine is None:
        return None
    stages = _open_stages(form, field)
    sums = _summed(form)
    where = f"{mine} and {_still_open(form, field)}"
    groups = records.list_groups(current.company, current.actor, form.id, field.id, [sums.id] if sums else [], where)
    found = {str(group["value"]): group for group in groups}
    if not found:
        return None
    bars = tuple(_bar(form, field, stage, mine, found.get(stage.id), sums) for stage in stages)
    totals = [_decimal(group, sums) for group in groups]
    return Pipeline(
        form,
        bars,
        sum(bar.count for bar in bars),
        _money(sums, sum(totals, Decimal())),
        max(bar.count for bar in bars),
        _list(form, where),
    )


def _tile(form: Form, mine: str | None) -> Tile | None:
    current, field = visit(), _stage_field(form)
    if mine is None or (mine == _EVERYTHING and field is None):
        return None
    where = f"{mine} and {_still_open(form, field)}" if field is not None else mine
    asked = ListRequest(where=where, fields=("id",), limit=1)
    page = records.list_records(current.company, current.actor, form.id, asked)
    return Tile(form, page.total or 0, page.total_exact, field is not None, _list(form, where)) if page.total else None


def _still_open(form: Form, field: Field) -> str:
    return f"{field.id} in [{', '.join(quoted(stage.id) for stage in _open_stages(form, field))}]"


def _summed(form: Form) -> Field | None:
    """The amount that boards of the form sum, else none."""
    names = [view.sum for view in form.views.values() if view.sum]
    name = names[0] if names else None
    return form.fields.get(name) if name and name in _sight(form).see else None


def _bar(
    form: Form, field: Field, stage: Stage, mine: str, group: dict[str, object] | None, sums: Field | None
) -> StageBar:
    count = int(str(group["count"])) if group else 0
    total = _money(sums, _decimal(group, sums)) if group else ""
    return StageBar(label(stage.label), count, total, _list(form, f"{mine} and {field.id} in [{quoted(stage.id)}]"))


def _decimal(group: dict[str, object], sums: Field | None) -> Decimal:
    totals = group["sums"]
    found = totals.get(sums.id) if sums is not None and isinstance(totals, dict) else None
    return Decimal(str(found)) if found is not None else Decimal()


def _money(field: Field | None, total: Decimal) -> str:
    return amount_text(field, total) if field is not None else ""


def _list(form: Form, where: str) -> str:
    return url_for("list", app=form.app, form=form.name, where=where)


def _due(forms: Iterable[Form]) -> Sequence[Due]:
    """My open records whose nearest date is at most a week away: dates that the form's lists or cards show."""
    current = visit()
    today = current.company.clock().astimezone(ZoneInfo(current.company.catalog.company.time_zone)).date()
    found: list[Due] = []
    for form in forms:
        field, mine, stage = _due_field(form), _mine(form), _stage_field(form)
        if field is None or mine is None or stage is None:
            continue
        where = f"{mine} and {_still_open(form, stage)} and {field.id} <= TODAY() + 7"
        asked = ListRequest(where=where, sort=((field.id, False),), fields=(field.id,), limit=_DUE, total="none")
        page = records.list_records(current.company, current.actor, form.id, asked)
        found += [_due_of(view, field, today) for view in page.rows]
    return sorted(found, key=lambda each: str(each.day))[:_DUE]


def _due_field(form: Form) -> Field | None:
    see = _sight(form).see
    shown = [name for view in form.views.values() for name in (*view.card, *view.columns)]
    dates = (form.fields[name] for name in shown if name in form.fields and name in see)
    return next((field for field in dates if field.type == "date" and field.formula is None), None)


def _due_of(view: RecordView, field: Field, today: object) -> Due:
    day = view.values.get(field.id)
    late = day is not None and str(day) < str(today)
    return Due(view, field, view.text(field.id, language()), late, day)


def _recent(forms: Iterable[Form]) -> Sequence[Recent]:
    current = visit()
    found: list[Recent] = []
    for form in list(forms)[:_RECENT_FORMS]:
        asked = ListRequest(
            where="updated_by = me", sort=(("updated_at", True),), fields=("updated_at",), limit=_RECENT, total="none"
        )
        page = records.list_records(current.company, current.actor, form.id, asked)
        found += [Recent(view, view.stamps.updated_at) for view in page.rows if view.stamps.updated_at is not None]
    return sorted(found, key=lambda each: each.at, reverse=True)[:_RECENT]


ROUTES = (Route("/<company>/", "home", show_home),)
