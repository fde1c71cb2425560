"""The first start: whoever holds the one-time link from the console makes the first administrator."""

from __future__ import annotations

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from engine.problems import NotVisible, ProblemsFound
from engine.services import people, setup
from engine.web.answers import label, language, say
from engine.web.login import sign_in_with
from engine.web.routes import Route


def set_up(token: str) -> ResponseReturnValue:
    """The form for the first account; afterwards the link is of no use any more."""
    if g.company is None or not setup.is_setup_token(g.company, token):
        raise NotVisible
    return _create(token) if request.method == "POST" else _page([])


def _page(problems: list[str], status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "set_up.html", problems=problems, given=request.form, name=label(g.company.catalog.company.label)
    )
    return page, status


def _create(token: str) -> ResponseReturnValue:
    given = request.form
    password = given.get("password", "")
    if password != given.get("again", ""):
        return _page([say("login.again_differs")], 422)
    try:
        login = given.get("login", "").strip()
        people.create_first_account(g.company, token, login, given.get("name", "").strip(), password)
        return sign_in_with(login, password)
    except ProblemsFound as error:
        return _page([problem.message(language()) for problem in error.problems], 422)


ROUTES = (Route("/<company>/set-up/<token>", "set_up", set_up, ("GET", "POST"), signed_in=False),)
