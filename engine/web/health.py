"""Is it alive, is it ready: two addresses for whoever watches the server. They tell nothing else."""

from __future__ import annotations

from flask import Response, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from engine.problems import NotVisible
from engine.services.site import Site
from engine.web.routes import Route


def live() -> ResponseReturnValue:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


def ready() -> ResponseReturnValue:
    """Some company can be opened and asked; 503 before the first apply."""
    site: Site = current_app.extensions["weft.site"]
    for name in site.companies:
        try:
            site.company(name)
        except NotVisible:
            continue
        return Response("ok\n", mimetype="text/plain")
    return Response("not ready\n", 503, mimetype="text/plain")


def start() -> ResponseReturnValue:
    """The site's own address leads to signing in."""
    return redirect(url_for("choose_company"), 303)


ROUTES = (
    Route("/", "start", start, signed_in=False),
    Route("/livez", "livez", live, signed_in=False),
    Route("/readyz", "readyz", ready, signed_in=False),
)
