"""Moving a record to a stage from its page: what the stage asks is filled in on the way, in a small dialog."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.catalog.forms import Form
from engine.catalog.stages import Stage
from engine.problems import NotVisible, ProblemsFound
from engine.services import records
from engine.services.views_of_records import Move, RecordView
from engine.web.answers import go_to, label
from engine.web.form_page import FormPage, build_page, form_class
from engine.web.form_state import messages_of
from engine.web.form_values import Sent, inputs_of, read_sent, view_of_preview
from engine.web.moments import company_zone
from engine.web.routes import Route
from engine.web.visit import fetch_form, note_once, visit

_PREFIX = "move-"


@dataclass(frozen=True, slots=True)
class Wish:
    """A move that somebody wants: of which record, in which stage field, to which stage."""

    definition: Form
    view: RecordView
    field: str
    stage: Stage
    move: Move | None


def stage(app: str, form: str, record_id: int, field: str, stage: str) -> ResponseReturnValue:
    """The dialog of a move; POST fills in what the stage asks and moves, or shows the dialog with what is wrong."""
    wish = _wish(fetch_form(app, form), record_id, field, stage)
    return _move(wish) if request.method == "POST" else _dialog(_page(wish, Sent({}, {})), wish)


def _wish(definition: Form, record_id: int, field: str, stage_id: str) -> Wish:
    current = visit()
    view = records.fetch_record(current.company, current.actor, definition.id, record_id)
    state = view.stages.get(field)
    wanted = state.set.stages.get(stage_id) if state is not None else None
    if state is None or wanted is None:
        raise NotVisible(f"{field}/{stage_id}")
    move = next((each for each in state.moves if each.stage.id == stage_id), None)
    return Wish(definition, view, field, wanted, move)


def _move(wish: Wish) -> ResponseReturnValue:
    current, sent = visit(), _read(wish)
    try:
        saved = records.save_record(
            current.company,
            current.actor,
            wish.definition.id,
            wish.view.id,
            {**sent.values, wish.field: wish.stage.id},
            version=_version(),
        )
    except ProblemsFound as found:
        page = _page(wish, sent)
        return _dialog(replace(page, messages=messages_of(found.problems, asked_fields(page, wish))), wish), 422
    entered = saved.values.get(wish.field) == wish.stage.id
    note_once("board.moved" if entered else "record.wish_noted", title=saved.title, stage=label(wish.stage.label))
    address = url_for("record", app=wish.definition.app, form=wish.definition.name, record_id=saved.id)
    return go_to(address)


def _read(wish: Wish) -> Sent:
    filled = form_class(wish.definition)(request.form, prefix=_PREFIX)
    return read_sent(wish.definition, filled, {}, company_zone(), whole=True)


def _version() -> int | None:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _page(wish: Wish, sent: Sent) -> FormPage:
    """The record as it would be after the move: fields that only then apply are shown, what was typed is kept."""
    current = visit()
    wanted = {**sent.values, wish.field: wish.stage.id}
    told = records.preview_record(current.company, current.actor, wish.definition.id, wish.view.id, wanted)
    view = view_of_preview(wish.view, told)
    view = replace(view, required=view.required | frozenset(wish.stage.requires))
    sight = records.form_sight(current.company, current.actor, wish.definition.id)
    return build_page(view, sight, {**inputs_of(view, company_zone()), **sent.inputs}, prefix=_PREFIX)


def asked_fields(page: FormPage, wish: Wish) -> tuple[str, ...]:
    """The fields the stage requires that can be filled in here."""
    plain = (name for name in wish.stage.requires if name in page.view.values and name not in page.view.hidden)
    return tuple(name for name in plain if page.kind(page.form.fields[name]) not in ("output", "lines"))


def _dialog(page: FormPage, wish: Wish) -> str:
    names = asked_fields(page, wish)
    problems = wish.move.problems if wish.move is not None else ()
    told = messages_of(problems, names)
    general = page.messages.general if request.method == "POST" else told.general
    return render_template("record/move.html", page=page, wish=wish, names=names, general=general)


ROUTES = (Route("/<company>/<app>/<form>/<int:record_id>/stage/<field>/<stage>", "stage", stage, ("GET", "POST")),)
