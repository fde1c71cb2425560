"""Is it alive, is it ready: two addresses for whoever watches the server. They tell nothing else."""

from __future__ import annotations

from flask import Response, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from engine.services.site import Site
from engine.web.routes import Route


def live() -> ResponseReturnValue:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


def ready() -> ResponseReturnValue:
    """Every company can be opened."""
    site: Site = current_app.extensions["weft.site"]
    for company in site.companies:
        site.company(company)
    return Response("ok\n", mimetype="text/plain")


def start() -> ResponseReturnValue:
    """The site's own address leads to signing in."""
    return redirect(url_for("choose_company"), 303)


ROUTES = (
    Route("/", "start", start, signed_in=False),
    Route("/livez", "livez", live, signed_in=False),
    Route("/readyz", "readyz", ready, signed_in=False),
)
