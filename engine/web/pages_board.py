"""The board: records as cards in the lanes of their stages, and moving them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.catalog.forms import Form, View
from engine.problems import NotVisible
from engine.services import boards, records
from engine.services.views_of_pages import Board
from engine.services.views_of_records import ListRequest, RecordView
from engine.web.amounts import amount_text
from engine.web.answers import go_to, is_fragment, json_answer, label, say, toast, wants_json
from engine.web.cells import Cell, cells_of, columns_of
from engine.web.filters import build_filters
from engine.web.list_head import chosen_view, head_values
from engine.web.list_request import read_list_request
from engine.web.routes import Route
from engine.web.visit import fetch_form, note_once, visit

_CARDS = 30


def show_board(form: Form, view: View, asked: ListRequest) -> ResponseReturnValue:
    """The board of `view`."""
    current = visit()
    sight = records.form_sight(current.company, current.actor, form.id)
    board = _fetch(form, view, asked)
    return render_template(
        "board.html",
        **head_values(form, view, sight, asked),
        filters=build_filters(form, view, sight, asked),
        board=board,
        lanes=[(lane, [(card, card_parts(form, view, card)) for card in lane.cards]) for lane in board.lanes],
        count=sum(lane.count for lane in board.lanes),
        total=_sum_text(board, sum((lane.total or Decimal() for lane in board.lanes), Decimal())),
        totals={lane.stage.id: _sum_text(board, lane.total) for lane in board.lanes},
        today=current.company.clock().date(),
    )


def _fetch(form: Form, view: View, asked: ListRequest, per_lane: int = _CARDS, lane: str | None = None) -> Board:
    current = visit()
    return boards.fetch_board(
        current.company,
        current.actor,
        form.id,
        view.id,
        asked.where,
        asked.search,
        per_lane,
        stage_set=request.args.get("set"),
        lane=lane,
        after=asked.after if lane else None,
    )


def card_parts(form: Form, view: View, card: RecordView) -> Mapping[str, object]:
    """What stands where on a card: amounts large, chips as tags, people as avatars, dates below, the rest as lines."""
    title = tuple(part[0] for part in form.title.parts if isinstance(part, tuple))
    shown = dict.fromkeys((*(view.card or view.columns), *((form.owner,) if form.owner else ())))
    names = [name for name in shown if name in card.values and name not in title]
    cells = [_short(card, cell) for cell in cells_of(card, columns_of(form, names)) if _shows(cell)]
    of_kind = {kind: [cell for cell in cells if cell.column.kind in kinds] for kind, kinds in _PLACES.items()}
    return {**of_kind, "lines": [cell for cell in cells if cell.column.kind not in _PLACED]}


_PLACES = {
    "numbers": ("number",),
    "tags": ("chip", "chips"),
    "people": ("person", "people"),
    "dates": ("date", "datetime"),
}
_PLACED = frozenset(kind for kinds in _PLACES.values() for kind in kinds) | {"boolean"}


def _short(card: RecordView, cell: Cell) -> Cell:
    if cell.column.kind != "number":
        return cell
    return replace(cell, text=amount_text(card.form.fields[cell.column.id], card.values[cell.column.id]))


def _shows(cell: Cell) -> bool:
    return bool(cell.text or cell.chips or cell.links or cell.people)


def _sum_text(board: Board, total: Decimal | None) -> str:
    if board.sum is None or total is None:
        return ""
    return amount_text(board.form.fields[board.sum], total)


def show_lane(app: str, form: str, stage: str) -> ResponseReturnValue:
    """More cards of one lane."""
    definition = fetch_form(app, form)
    asked = read_list_request(request.args, limit=_CARDS, total="none")
    view = chosen_view(definition, asked)
    board = _fetch(definition, view, asked, asked.limit, stage)
    if not board.lanes:
        raise NotVisible
    lane = board.lanes[0]
    cards = [(card, card_parts(definition, view, card)) for card in lane.cards]
    today = visit().company.clock().date()
    return render_template("board_cards.html", form=definition, view=view, lane=lane, cards=cards, today=today)


def move(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """Moves a record to another stage. Scripts get JSON: the new version and what taking it back would send."""
    current, definition, given = visit(), fetch_form(app, form), request.form
    field, stage = given.get("field", ""), given.get("stage", "")
    seen = given.get("version", "")
    version = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 19 else None
    before = given.get("before", "")
    view = records.move_record(current.company, current.actor, definition.id, record_id, field, stage, version=version)
    if view.values.get(field) not in (stage, None):
        return _asked(definition, view, field, stage)
    state = view.stages.get(field)
    name = label(state.stage.label) if state is not None and state.stage is not None else stage
    address = url_for("move", app=app, form=form, record_id=record_id)
    undo = {"url": address, "values": {"field": field, "stage": before, "before": stage}} if before else None
    text = say("board.moved", title=view.title, stage=name)
    if wants_json():
        return json_answer({"version": view.version, "text": text, "undo": undo})
    if is_fragment():
        return toast(go_to(url_for("record", app=app, form=form, record_id=record_id)), text, undo=undo)
    note_once("board.moved", title=view.title, stage=name)
    return go_to(url_for("record", app=app, form=form, record_id=record_id))


def _asked(definition: Form, view: RecordView, field: str, stage: str) -> ResponseReturnValue:
    """The stage is guarded: its approval runs and the record stays. Scripts put the card back (202)."""
    sets = visit().company.catalog.stage_sets.get((definition.id, field), ())
    wanted = next((each.stages[stage] for each in sets if stage in each.stages), None)
    name = label(wanted.label) if wanted is not None else stage
    text = say("record.wish_noted", title=view.title, stage=name)
    if wants_json():
        return json_answer({"version": view.version, "text": text, "stays": True, "detail": text}, 202)
    address = url_for("record", app=definition.app, form=definition.name, record_id=view.id)
    if is_fragment():
        return toast(go_to(address), text)
    note_once("record.wish_noted", title=view.title, stage=name)
    return go_to(address)


def show_sums(app: str, form: str) -> ResponseReturnValue:
    """Counts and sums of the lanes, after a card has moved."""
    definition = fetch_form(app, form)
    asked = read_list_request(request.args, limit=1, total="none")
    board = _fetch(definition, chosen_view(definition, asked), asked, per_lane=1)
    total = sum((lane.total or Decimal() for lane in board.lanes), Decimal())
    lanes = {lane.stage.id: {"count": lane.count, "total": _sum_text(board, lane.total)} for lane in board.lanes}
    return json_answer(
        {"lanes": lanes, "count": sum(lane.count for lane in board.lanes), "total": _sum_text(board, total)}
    )


ROUTES = (
    Route("/<company>/<app>/<form>/board/sums", "board_sums", show_sums),
    Route("/<company>/<app>/<form>/board/<stage>", "board_lane", show_lane),
    Route("/<company>/<app>/<form>/<int:record_id>/move", "move", move, ("POST",)),
)
