"""Who may come in: finds company and person of each request before any page is asked, and refuses forged requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from flask import Response, current_app, g, request, url_for
from flask.typing import ResponseReturnValue

from engine.services import people
from engine.services.people import Actor
from engine.services.site import OpenCompany, Site
from engine.web.answers import go_to, here, is_fragment, say, wants_json
from engine.web.errors import answer_error
from engine.web.routes import Route
from engine.web.security import (
    SAFE_METHODS,
    UPLOAD_LIMIT,
    csrf_token,
    may_write,
    new_visitor,
    session_cookie,
    visitor_cookie,
)
from engine.web.texts import LANGUAGES
from engine.web.visit import LANGUAGE_COOKIE, Visit

_BEARER = "Bearer "
_UPLOADS = frozenset({"upload", "api_upload"})


@dataclass(frozen=True, slots=True)
class Gate:
    """Stands before every route of `routes` (by endpoint)."""

    site: Site
    routes: Mapping[str, Route]
    https: bool

    def take_company(self, endpoint: str | None, values: dict[str, object] | None) -> None:
        """Takes the company out of the address, so that views need not name it."""
        g.language = self._visitor_language(None)
        name = values.pop("company", None) if values else None
        g.company = self.site.company(str(name)) if name is not None else None

    def add_company(self, endpoint: str, values: dict[str, object]) -> None:
        """Puts the visited company into addresses that need one."""
        company = g.get("company")
        if company is not None and current_app.url_map.is_endpoint_expecting(endpoint, "company"):
            values.setdefault("company", company.id)

    def enter(self) -> ResponseReturnValue | None:
        """Opens the visit; answers instead of the view when nobody may come in."""
        route = self.routes.get(request.endpoint or "")
        company = g.get("company")
        g.language = self._visitor_language(company)
        g.api = (request.endpoint or "").startswith("api_")
        if route is None:
            return None
        if _has_nul():
            return answer_error(400)
        if route.endpoint in _UPLOADS:
            request.max_content_length = UPLOAD_LIMIT
        if g.api and request.headers.get("Authorization"):
            return self._enter_with_token(company)
        return self._enter_with_cookie(route, company)

    def _enter_with_token(self, company: OpenCompany) -> ResponseReturnValue | None:
        given = request.headers["Authorization"]
        secret = given[len(_BEARER) :].strip() if given.startswith(_BEARER) else ""
        actor = people.actor_of_token(company, secret) if secret else None
        if actor is None:
            return _unknown_token()
        self._open(company, actor, "", "")
        return None

    def _enter_with_cookie(self, route: Route, company: OpenCompany | None) -> ResponseReturnValue | None:
        session = request.cookies.get(session_cookie(https=self.https), "")
        actor = people.actor_of(company, session) if company is not None and session else None
        g.csrf = csrf_token(session if actor is not None else self._visitor())
        if actor is None and route.signed_in:
            return _ask_to_sign_in()
        if request.method not in SAFE_METHODS and not may_write(request, g.csrf):
            return answer_error(400, say("errors.expired"))
        if company is not None and actor is not None:
            self._open(company, actor, g.csrf, session)
        return None

    def _open(self, company: OpenCompany, actor: Actor, csrf: str, session: str) -> None:
        g.language = actor.language if actor.language in LANGUAGES else "en"
        g.visit = Visit(self.site, company, actor, g.language, csrf, session)

    def _visitor(self) -> str:
        known = request.cookies.get(visitor_cookie(https=self.https))
        if not known:
            known = g.new_visitor = new_visitor()
        return known

    def _visitor_language(self, company: OpenCompany | None) -> str:
        chosen = request.cookies.get(LANGUAGE_COOKIE) or request.accept_languages.best_match(LANGUAGES)
        if chosen in LANGUAGES:
            return str(chosen)
        return company.catalog.company.language if company is not None else "en"

    def leave(self, response: Response) -> Response:
        """Gives new visitors their cookie, so that the sign-in form they were shown can be sent."""
        fresh = g.get("new_visitor")
        if fresh and response.mimetype == "text/html":
            response.set_cookie(
                visitor_cookie(https=self.https), fresh, secure=self.https, httponly=True, samesite="Lax", path="/"
            )
        return response


def _has_nul() -> bool:
    """Whether a word of the request holds a NUL, which no database can keep."""
    given = chain(request.args.values(), () if g.api or request.method in SAFE_METHODS else request.form.values())
    return any("\0" in word for word in given)


def _unknown_token() -> ResponseReturnValue:
    answer = answer_error(401)
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _ask_to_sign_in() -> ResponseReturnValue:
    if g.api or wants_json():
        return _unknown_token()
    came_from = here() if request.method == "GET" or is_fragment() else None
    return go_to(url_for("sign_in", next=came_from))
