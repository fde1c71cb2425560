"""Signing in and out, the first start, and choosing a language."""

from __future__ import annotations

from flask import current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.problems import NotVisible, ProblemsFound
from engine.services import people
from engine.services.site import OpenCompany, Site
from engine.web.answers import go_to, label, language, say
from engine.web.errors import answer_error
from engine.web.ids import find_id
from engine.web.routes import Route
from engine.web.security import is_loopback, own_path, session_cookie
from engine.web.texts import LANGUAGES
from engine.web.visit import LANGUAGE_COOKIE, Visit

_LANGUAGE_AGE = 365 * 24 * 3600


def choose_company() -> ResponseReturnValue:
    """The companies of the site; a site with one leads straight to its sign-in page."""
    site = _site()
    companies = _companies(site)
    if len(companies) == 1:
        return redirect(url_for("sign_in", company=companies[0][0]), 303)
    return render_template("sign_in.html", companies=companies, people=(), chosen=None)


def sign_in() -> ResponseReturnValue:
    """The sign-in page; on a demo site with the people one can be by one click."""
    if request.method == "POST":
        return _sign_in_with_password()
    return _sign_in_page()


def sign_in_as() -> ResponseReturnValue:
    """Signs in as any person of a demo site; refused when the request does not come from this machine."""
    site = _site()
    if not (site.demo and is_loopback(request)):
        return answer_error(403, say("errors.same_person"))
    person = find_id(request.form.get("person", ""))
    if person is None:
        raise NotVisible
    token = people.sign_in_as(g.company, person, _address(), _agent())
    return _welcome(token)


def sign_out() -> ResponseReturnValue:
    """Ends the session."""
    current = g.visit
    people.sign_out(current.company, current.session)
    answer = redirect(url_for("sign_in"), 303)
    answer.delete_cookie(session_cookie(https=_https()), path="/", secure=_https(), httponly=True, samesite="Lax")
    return answer


def change_language() -> ResponseReturnValue:
    """Keeps the chosen language: with the person who is signed in, in a cookie for visitors."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        raise NotVisible
    current = g.get("visit")
    if isinstance(current, Visit):
        people.set_language(current.company, current.actor, chosen)
    fallback = url_for("home") if g.company is not None else url_for("choose_company")
    answer = make_response(go_to(own_path(request.form.get("next"), fallback)))
    answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=_LANGUAGE_AGE, secure=_https(), samesite="Lax", path="/")
    return answer


def _sign_in_page(problem: str = "", status: int = 200) -> ResponseReturnValue:
    site, company = _site(), g.company
    shown = people.people_for_demo(company) if site.demo and is_loopback(request) else ()
    page = render_template(
        "sign_in.html",
        companies=_companies(site),
        chosen=company.id,
        chosen_label=label(company.catalog.company.label),
        people=shown,
        roles=company.catalog.roles,
        problem=problem,
        login=request.form.get("login", ""),
        next=_next(company),
    )
    return page, status


def _sign_in_with_password() -> ResponseReturnValue:
    login, password = request.form.get("login", ""), request.form.get("password", "")
    try:
        return sign_in_with(login, password)
    except ProblemsFound as error:
        return _sign_in_page(" ".join(problem.message(language()) for problem in error.problems), 422)


def sign_in_with(login: str, password: str) -> ResponseReturnValue:
    """A new session and the way in; ProblemsFound when login and password do not fit."""
    return _welcome(people.sign_in(g.company, login, password, _address(), _agent()))


def _welcome(token: str) -> ResponseReturnValue:
    answer = redirect(_next(g.company), 303)
    answer.set_cookie(session_cookie(https=_https()), token, secure=_https(), httponly=True, samesite="Lax", path="/")
    return answer


def _next(company: OpenCompany) -> str:
    home = url_for("home")
    wanted = own_path(request.values.get("next"), home)
    return wanted if wanted.startswith(f"/{company.id}/") else home


def _companies(site: Site) -> list[tuple[str, str]]:
    return [(each.id, label(each.catalog.company.label)) for each in site.served()]


def _site() -> Site:
    site: Site = current_app.extensions["weft.site"]
    return site


def _https() -> bool:
    return bool(current_app.config["WEFT_HTTPS"])


def _address() -> str:
    return request.remote_addr or ""


def _agent() -> str:
    return (request.user_agent.string or "")[:200]


ROUTES = (
    Route("/sign-in", "choose_company", choose_company, signed_in=False),
    Route("/language", "visitor_language", change_language, ("POST",), signed_in=False),
    Route("/<company>/sign-in", "sign_in", sign_in, ("GET", "POST"), signed_in=False),
    Route("/<company>/sign-in-as", "sign_in_as", sign_in_as, ("POST",), signed_in=False),
    Route("/<company>/sign-out", "sign_out", sign_out, ("POST",)),
    Route("/<company>/language", "language", change_language, ("POST",), signed_in=False),
)
