"""What programs ask besides records: who am I, what is there, and the description of it all (OpenAPI)."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from engine.services import records
from engine.services.dashboards.boards import list_boards
from engine.web.answers import json_answer, label
from engine.web.api_openapi import build_document
from engine.web.routes import Route
from engine.web.visit import may_open, visit


def show_start() -> ResponseReturnValue:
    """The person behind the token and the forms it may see."""
    current = visit()
    catalog, actor = current.company.catalog, current.actor
    forms = [form for form in catalog.forms.values() if may_open(actor, form)]
    return json_answer(
        {
            "company": current.company.id,
            "person": {"id": actor.person, "name": actor.name, "roles": sorted(actor.roles)},
            "forms": [
                {"id": form.id, "label": label(form.label), "url": url_for("api_list", app=form.app, form=form.name)}
                for form in forms
            ],
            **(_approvals() if catalog.workflows else {}),
            **({"boards": url_for("api_boards")} if catalog.dashboards else {}),
            "description": url_for("api_description"),
        }
    )


def _approvals() -> dict[str, str]:
    """Where tasks and approvals are asked for."""
    return {"tasks": url_for("api_tasks"), "approvals": url_for("api_approvals")}


def describe() -> ResponseReturnValue:
    """The OpenAPI document of what this person may see: hidden fields do not occur in it."""
    current = visit()
    catalog = current.company.catalog
    forms = [form for form in catalog.forms.values() if may_open(current.actor, form)]
    sights = {form.id: records.form_sight(current.company, current.actor, form.id) for form in forms}
    boards = list_boards(current.company, current.actor) if catalog.dashboards else ()
    return json_answer(build_document(catalog, forms, sights, boards, current.language))


ROUTES = (
    Route("/<company>/api/v1/", "api_start", show_start),
    Route("/<company>/api/v1/openapi.json", "api_description", describe),
)
