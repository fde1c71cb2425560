"""Boards that readers make: copied or begun empty, put together widget by widget, chosen as first page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from types import MappingProxyType

from flask import render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from engine.catalog.own_boards import own_id
from engine.problems import NotVisible, ProblemsFound
from engine.services.dashboards import own_boards
from engine.services.dashboards.boards import find_home, open_board
from engine.services.dashboards.own_boards import NewWidget
from engine.services.dashboards.views import BoardState
from engine.web.answers import go_to, language, say
from engine.web.routes import Route
from engine.web.visit import note_once, visit

_BUCKETS = ("day", "week", "month", "quarter", "year")


def copy(app: str, board: str) -> ResponseReturnValue:
    """Makes a board of the reader's own of this one, and opens it to be changed."""
    current = visit()
    try:
        made = own_boards.copy_board(
            current.company, current.actor, f"{app}.{board}", language(), say("numbers.copy_ending")
        )
    except ProblemsFound as refused:
        return _refused(refused, url_for("dashboard", app=app, board=board))
    note_once("numbers.copied")
    return go_to(_edit_address(made))


def begin() -> ResponseReturnValue:
    """Begins an empty board."""
    current = visit()
    name = request.form.get("name", "") or say("numbers.own_name")
    try:
        made = own_boards.begin_board(current.company, current.actor, name, language())
    except ProblemsFound as refused:
        return _refused(refused, url_for("boards"))
    return go_to(_edit_address(made))


def choose_home() -> ResponseReturnValue:
    """Makes a board the first page; an empty one: the usual first page."""
    current = visit()
    try:
        own_boards.choose_home(current.company, current.actor, request.form.get("board", "")[:200])
    except ProblemsFound:
        raise NotVisible from None
    note_once("numbers.home_chosen")
    return go_to(url_for("home"))


def edit(number: int) -> ResponseReturnValue:
    """The widgets of an own board, to be ordered, sized, named, taken out; and a new one to be put together."""
    return _page(number)


def change(number: int) -> ResponseReturnValue:
    """Does one thing with an own board."""
    act = _ACTS.get(request.form.get("act", ""))
    if act is None:
        raise BadRequest
    try:
        act(number)
    except ProblemsFound as refused:
        if any(each.code in ("B203", "B205") for each in refused.problems):
            raise NotVisible from None
        return _page(number, tuple(each.message(language()) for each in refused.problems)), 422
    if request.form.get("act") == "drop":
        note_once("numbers.dropped")
        return go_to(url_for("boards"))
    return go_to(url_for("own_board_edit", number=number))


def publish(number: int) -> ResponseReturnValue:
    """An own board as the file that defines it for roles."""
    current, given = visit(), request.form
    roles = [each for each in given.getlist("roles") if each in current.company.catalog.roles]
    home = roles if given.get("home") else []
    try:
        path, text = own_boards.publish_board(
            current.company, current.actor, number, given.get("name", "")[:60], roles, home
        )
    except ProblemsFound as refused:
        if any(each.code == "B205" for each in refused.problems):
            raise NotVisible from None
        return _page(number, tuple(each.message(language()) for each in refused.problems)), 422
    body = f"# {path}\n{text}".encode()
    return send_file(BytesIO(body), mimetype="application/yaml", as_attachment=True, download_name=path.split("/")[-1])


def _page(number: int, problems: tuple[str, ...] = ()) -> str:
    current = visit()
    try:
        view = open_board(current.company, current.actor, own_id(number), BoardState(), language())
    except ProblemsFound:
        raise NotVisible from None
    form = request.values.get("form", "")
    return render_template(
        "boards/own_edit.html",
        board=view.board,
        number=number,
        widgets=[view.board.widgets[name] for name in own_boards.order_of(view.board)],
        offers=own_boards.find_offers(current.company, current.actor, form),
        types=own_boards.TYPES,
        spans=own_boards.SPANS,
        buckets=_BUCKETS,
        given=request.form,
        roles=current.company.catalog.roles if current.actor.is_administrator else {},
        problems=problems,
        is_home=find_home(current.company, current.actor) == view.board.id,
    )


def _edit_address(board_id: str) -> str:
    return url_for("own_board_edit", number=int(board_id.rpartition(".")[2]))


def _refused(refused: ProblemsFound, back: str) -> ResponseReturnValue:
    if any(each.code == "B205" for each in refused.problems):
        raise NotVisible
    note_once("numbers.refused", reason=refused.problems[0].message(language()))
    return go_to(back)


# --- acts -------------------------------------------------------------------------------------------------------------


def _add(number: int) -> None:
    current, given = visit(), request.form
    asked = NewWidget(
        given.get("form", ""),
        given.get("type", ""),
        given.get("label", ""),
        given.get("number", "count"),
        given.get("by", ""),
        given.get("bucket", "month"),
        given.get("split", ""),
    )
    own_boards.add_widget(current.company, current.actor, number, asked, language())


def _size(number: int) -> None:
    current = visit()
    span = request.form.get("span", 6, type=int)
    own_boards.resize_widget(current.company, current.actor, number, _widget(), span)


def _label(number: int) -> None:
    current = visit()
    name = request.form.get("label", "")
    own_boards.relabel_widget(current.company, current.actor, number, _widget(), name, language())


def _move(steps: int) -> Callable[[int], None]:
    def move(number: int) -> None:
        current = visit()
        own_boards.move_widget(current.company, current.actor, number, _widget(), steps)

    return move


def _remove(number: int) -> None:
    current = visit()
    own_boards.remove_widget(current.company, current.actor, number, _widget())


def _rename(number: int) -> None:
    current = visit()
    own_boards.rename_board(current.company, current.actor, number, request.form.get("name", ""), language())


def _drop(number: int) -> None:
    current = visit()
    own_boards.drop_board(current.company, current.actor, number)


def _widget() -> str:
    return request.form.get("widget", "")


_ACTS: Mapping[str, Callable[[int], None]] = MappingProxyType({
    "add": _add, "size": _size, "label": _label, "up": _move(-1), "down": _move(1), "remove": _remove,
    "rename": _rename, "drop": _drop,
})  # fmt: skip
_OWN = "/<company>/boards/my/<int:number>/edit"
ROUTES = (
    Route("/<company>/boards/<app>/<board>/copy", "board_copy", copy, ("POST",)),
    Route("/<company>/boards/new", "board_new", begin, ("POST",)),
    Route("/<company>/boards/home", "board_home", choose_home, ("POST",)),
    Route(_OWN, "own_board_edit", edit),
    Route(_OWN, "own_board_change", change, ("POST",)),
    Route("/<company>/boards/my/<int:number>/publish", "own_board_publish", publish, ("POST",)),
)
