"""The web application of a site: routes, templates, security and errors put together, nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from flask import Flask, Response, current_app, g, request

from engine.services.site import Site
from engine.web import (
    api,
    api_approvals,
    api_boards,
    api_explain,
    api_records,
    api_tasks,
    filters,
    first_start,
    health,
    login,
    pages_admin,
    pages_approval,
    pages_board,
    pages_choices,
    pages_dashboard,
    pages_delegations,
    pages_explain,
    pages_form,
    pages_home,
    pages_inbox,
    pages_jobs,
    pages_list,
    pages_list_acts,
    pages_me,
    pages_monitor,
    pages_numbers,
    pages_own_boards,
    pages_record,
    pages_search,
    pages_stage,
    pages_task,
    pages_tree,
)
from engine.web.answers import label, language, say
from engine.web.assets import StaticFlask, load_assets
from engine.web.errors import add_error_pages
from engine.web.gate import Gate
from engine.web.ids import IdConverter
from engine.web.menu import Menus
from engine.web.moments import when
from engine.web.page_values import PageValues
from engine.web.routes import Route
from engine.web.security import BODY_LIMIT, FORM_MEMORY_LIMIT, FORM_PARTS_LIMIT, LOOPBACK_HOSTS, add_headers
from engine.web.texts import load_texts
from engine.web.visit import NOTE_COOKIE

ROUTES: tuple[Route, ...] = (
    *health.ROUTES,
    *login.ROUTES,
    *first_start.ROUTES,
    *pages_home.ROUTES,
    *pages_me.ROUTES,
    *pages_list.ROUTES,
    *pages_list_acts.ROUTES,
    *filters.ROUTES,
    *pages_board.ROUTES,
    *pages_dashboard.ROUTES,
    *pages_own_boards.ROUTES,
    *pages_numbers.ROUTES,
    *pages_tree.ROUTES,
    *pages_record.ROUTES,
    *pages_explain.ROUTES,
    *pages_stage.ROUTES,
    *pages_form.ROUTES,
    *pages_choices.ROUTES,
    *pages_search.ROUTES,
    *pages_admin.ROUTES,
    *pages_jobs.ROUTES,
    *pages_approval.ROUTES,
    *pages_inbox.ROUTES,
    *pages_task.ROUTES,
    *pages_monitor.ROUTES,
    *pages_delegations.ROUTES,
    *api.ROUTES,
    *api_tasks.ROUTES,
    *api_approvals.ROUTES,
    *api_boards.ROUTES,
    *api_records.ROUTES,
    *api_explain.ROUTES,
)


def create_app(
    site: Site, *, hosts: Iterable[str] = (), https: bool = False, routes: tuple[Route, ...] = ROUTES
) -> Flask:
    """The WSGI application that serves `site`.

    hosts  names it answers to besides this machine's own; others are refused.
    https  True when browsers reach it through TLS: cookies are then bound to it.
    """
    app = StaticFlask(__name__, static_folder="static", static_url_path="/static")
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_MEMORY_SIZE=FORM_MEMORY_LIMIT,
        MAX_FORM_PARTS=FORM_PARTS_LIMIT,
        TRUSTED_HOSTS=[*LOOPBACK_HOSTS, *hosts],
        WEFT_HTTPS=https,
    )
    app.url_map.converters["int"] = IdConverter
    app.json.sort_keys = False  # type: ignore[attr-defined]
    _add_templates(app, site)
    add_error_pages(app)
    _add_routes(app, Gate(site, {route.endpoint: route for route in routes}, https), routes)
    return app


def _add_routes(app: Flask, gate: Gate, routes: tuple[Route, ...]) -> None:
    for route in routes:
        app.add_url_rule(route.rule, route.endpoint, route.view, methods=list(route.methods))
    app.url_value_preprocessor(gate.take_company)
    app.url_defaults(gate.add_company)
    app.before_request(gate.enter)
    app.after_request(gate.leave)
    app.after_request(_finish)


def _add_templates(app: Flask, site: Site) -> None:
    assets = load_assets()
    app.extensions["weft.site"] = site
    app.extensions["weft.texts"] = load_texts()
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(t=say, label=label, moment=when, icon=assets.icon, asset=assets.asset, speech=language)
    app.context_processor(PageValues(site, Menus(), assets).values)


def _finish(response: Response) -> Response:
    _carry_note(response)
    return add_headers(response, https=current_app.config["WEFT_HTTPS"], static=request.endpoint == "static")


def _carry_note(response: Response) -> None:
    """A note set while redirecting waits in a cookie for the next page, which takes it away again."""
    note: tuple[str, Mapping[str, str]] | None = g.get("note")
    if note is not None and response.status_code != 200:
        response.set_cookie(NOTE_COOKIE, json.dumps(note), max_age=60, httponly=True, samesite="Lax", path="/")
    elif g.get("note_shown"):
        response.delete_cookie(NOTE_COOKIE, path="/")
