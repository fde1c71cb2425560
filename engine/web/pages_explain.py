"""How a computed value came about, as a panel beside the page it stands on, or as a page of its own."""

from __future__ import annotations

from datetime import date, datetime

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.catalog.forms import Form
from engine.services import explaining
from engine.services.views_of_explaining import Explanation, SourceList
from engine.web.answers import is_fragment, language
from engine.web.explaining import explain_address, record_address
from engine.web.ids import find_id
from engine.web.moments import exact
from engine.web.routes import Route
from engine.web.visit import fetch_form, visit


def explain(
    app: str, form: str, record_id: int, field: str, lines: str | None = None, row: int | None = None
) -> ResponseReturnValue:
    """The panel; `?part` asks for the parts alone, to be unfolded below the part that this value is of another."""
    current, definition = visit(), fetch_form(app, form)
    key = f"{lines}.{field}" if lines is not None else field
    found = explaining.explain(current.company, current.actor, definition.id, record_id, key, row, language())
    template = "explain/page.html"
    if is_fragment():
        template = "explain/parts.html" if "part" in request.args else "explain/panel.html"
    return render_template(
        template,
        found=found,
        form=definition,
        field=definition.fields[lines].fields[field] if lines is not None else definition.fields[field],
        when=_when(found),
        why=f"weft why {_place(definition, lines, field)} --company {current.company.id}",
        source_address=source_address,
        record_address=record_address,
        explain_address=explain_address,
    )


def sources(app: str, form: str, record_id: int, field: str, index: int) -> ResponseReturnValue:
    """More of the records behind an aggregate."""
    current, definition = visit(), fetch_form(app, form)
    after = find_id(request.args.get("after", "")) or 0
    found = explaining.more_sources(
        current.company, current.actor, definition.id, record_id, field, index, after, language()
    )
    return render_template(
        "explain/more.html",
        sources=found,
        here=(definition.id, record_id, field),
        source_address=source_address,
        record_address=record_address,
    )


def source_address(here: tuple[str, int, str], found: SourceList) -> str:
    """The address of the next page of the records behind an aggregate."""
    app, _, form = here[0].partition(".")
    address = {"app": app, "form": form, "record_id": here[1], "field": here[2]}
    return url_for("explain_sources", index=found.index, after=found.next, **address)  # type: ignore[arg-type]


def _when(found: Explanation) -> str:
    """As of when the value was computed."""
    if isinstance(found.as_of, datetime):
        return exact(found.as_of)
    return found.as_of.isoformat() if isinstance(found.as_of, date) else ""


def _place(form: Form, lines: str | None, field: str) -> str:
    return f"{form.id}.fields.{field}.formula" if lines is None else f"{form.id}.fields.{lines}.fields.{field}.formula"


_FIELD = "/<company>/<app>/<form>/<int:record_id>/explain"
ROUTES = (
    Route(f"{_FIELD}/<field>", "explain", explain),
    Route(f"{_FIELD}/<lines>/<int:row>/<field>", "explain_line", explain),
    Route(f"{_FIELD}/<field>/sources/<int:index>", "explain_sources", sources),
)
