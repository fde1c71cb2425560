"""What went wrong, told calmly: a page for people, problem+json for programs. Nobody ever sees a stack trace."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import structlog
from flask import Flask, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, SecurityError

from engine.problems import Conflict, NotAllowed, NotVisible, ProblemsFound, Stale
from engine.web.answers import is_fragment, json_answer, language, problem_list, say, toast, wants_json
from engine.web.texts import LANGUAGES

PROBLEM_TYPE = "application/problem+json"
_VERBS = frozenset({"see", "create", "change", "delete", "assign", "import", "export"})
_TITLED = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503})


def add_error_pages(app: Flask) -> None:
    """Makes `app` answer every error in our words."""
    app.register_error_handler(ProblemsFound, _on_problems)
    app.register_error_handler(NotVisible, _on_not_visible)
    app.register_error_handler(NotAllowed, _on_not_allowed)
    app.register_error_handler(Stale, _on_stale)
    app.register_error_handler(Conflict, _on_conflict)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(Exception, _on_surprise)


def answer_error(status: int, detail: str = "", extra: Mapping[str, object] | None = None) -> Response:
    """The error `status` in the shape that was asked for; `extra` goes into the JSON only."""
    kind = status if status in _TITLED else 400
    title = say(f"errors.title_{kind}")
    if g.get("api") or wants_json():
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail or say(f"errors.text_{kind}")}
        return json_answer({**body, **(extra or {})}, status, PROBLEM_TYPE)
    if is_fragment():
        answer = Response("", status)
        toast(answer, detail or title, "bad")
        answer.headers["HX-Reswap"] = "none"
        return answer
    page = render_template("error.html", status=status, title=title, text=detail or say(f"errors.text_{kind}"))
    return Response(page, status)


def _on_problems(error: ProblemsFound) -> ResponseReturnValue:
    listed = problem_list(error.problems)
    return answer_error(422, " ".join(each["message"] for each in listed), {"errors": listed})


def _on_not_visible(_: NotVisible) -> ResponseReturnValue:
    return answer_error(404)


def _on_not_allowed(error: NotAllowed) -> ResponseReturnValue:
    detail = _refusal(str(error.problem.values.get("verb"))) or error.problem.message(language())
    return answer_error(403, detail, {"errors": problem_list([error.problem])})


def _on_conflict(error: Conflict) -> ResponseReturnValue:
    return answer_error(409, error.problem.message(language()), {"errors": problem_list([error.problem])})


def _refusal(verb: str) -> str:
    """The sentence for a right somebody lacks; "" for one without words of its own."""
    return say(f"errors.may_not_{verb}") if verb in _VERBS else ""


def _on_stale(error: Stale) -> ResponseReturnValue:
    changes = [
        {
            "field": change.field,
            "label": change.label.get(language()) or change.label.get("en") or change.field,
            "before": change.before,
            "after": change.after,
            "by": change.by,
            "at": change.at,
        }
        for change in error.changes
    ]
    return answer_error(409, say("errors.stale"), {"version": error.version, "changes": changes})


def _on_http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    if isinstance(error, SecurityError):  # no address of ours can be named under a foreign host
        return Response(f"{error.code}\n", error.code, mimetype="text/plain")
    if "language" not in g:  # refused before any route was found
        g.language = request.accept_languages.best_match(LANGUAGES) or "en"
    answer = answer_error(error.code)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def _on_surprise(error: Exception) -> ResponseReturnValue:
    number = uuid.uuid4().hex[:12]
    structlog.get_logger().error("request_failed", request=number, route=request.endpoint, exc_info=error)
    return answer_error(500, say("errors.surprise", number=number), {"request": number})
