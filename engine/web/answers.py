"""Answers that several pages give: toasts, JSON, redirects that htmx understands too."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from flask import Response, current_app, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from engine.problems import Problem
from engine.values import Label, in_language
from engine.web.texts import Texts


def language() -> str:
    """The language of this request's reader."""
    known = g.get("language")
    return known if isinstance(known, str) else "en"


def say(text_id: str, **values: object) -> str:
    """An interface text in the reader's language."""
    texts = current_app.extensions["weft.texts"]
    if not isinstance(texts, Texts):
        raise TypeError(text_id)
    return texts.text(language(), text_id, values)


def label(text: Label) -> str:
    """A definition's label in the reader's language."""
    return in_language(text, language())


def is_fragment() -> bool:
    """Whether htmx asked for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def wants_json() -> bool:
    """Whether a script of ours asked for JSON."""
    return request.accept_mimetypes.best == "application/json"


def json_answer(body: object, status: int = 200, kind: str = "application/json") -> Response:
    """`body` as JSON, Chinese left readable."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=dict)
    return Response(text, status, mimetype=kind)


def toast(response: AnyResponse, text: str, kind: str = "ok", undo: Mapping[str, object] | None = None) -> AnyResponse:
    """Adds a short message to an answer to htmx; `undo` = {"url", "values"} offers to take the act back."""
    event = {"e-toast": {"text": text, "kind": kind, "undo": undo}}
    response.headers["HX-Trigger"] = json.dumps(event)
    return response


def go_to(address: str) -> AnyResponse:
    """Sends the reader to a page of this site, also when htmx asked; `address` comes from url_for or own_path."""
    if is_fragment():
        return Response("", 204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def here() -> str:
    """The page the reader looks at, as a path with its query."""
    current = request.headers.get("HX-Current-URL")
    if current and is_fragment():
        parts = urlsplit(current)
        return parts.path + (f"?{parts.query}" if parts.query else "")
    return request.full_path.rstrip("?")


def problem_list(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Problems for a script: JSON pointer, code, message and advice in the reader's language."""
    speech = language()
    return [
        {
            "pointer": f"/{problem.pointer}" if problem.pointer else "",
            "code": problem.code,
            "message": problem.message(speech),
            "advice": problem.advice(speech),
        }
        for problem in problems
    ]
