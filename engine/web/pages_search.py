"""Search over everything the reader may see: a page, and the hits of the dialog that Ctrl K opens."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engine.services import search
from engine.web.answers import is_fragment
from engine.web.routes import Route
from engine.web.visit import visit

_DIALOG, _PAGE = 5, 20
_LONGEST = 200


def show_search() -> ResponseReturnValue:
    """Hits by form; the fragment alone for the dialog."""
    current = visit()
    text = request.args.get("q", "").strip()[:_LONGEST]
    limit = _DIALOG if is_fragment() else _PAGE
    found = search.search_everywhere(current.company, current.actor, text, limit) if text else ()
    entries = [(form, [(hit, form.app, form.name) for hit in hits], len(hits) >= limit) for form, hits in found if hits]
    template = "search_hits.html" if is_fragment() else "search.html"
    return render_template(template, text=text, found=entries)


ROUTES = (Route("/<company>/search", "search", show_search),)
