"""How a computed value came about, for programs: words, parts with their values, the records behind them."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from engine.services import explaining
from engine.services.views_of_explaining import Explanation, PartView, SourceList
from engine.web.answers import json_answer, language
from engine.web.ids import find_id
from engine.web.routes import Route
from engine.web.visit import fetch_form, visit


def explain(
    app: str, form: str, record_id: int, field: str, lines: str | None = None, row: int | None = None
) -> ResponseReturnValue:
    """The explanation of a computed field, of the record or of a row of its lines; `?sources=0&after=20` continues
    the list of records behind its first aggregate.
    """
    current, definition = visit(), fetch_form(app, form)
    who = (current.company, current.actor, definition.id, record_id)
    key = f"{lines}.{field}" if lines is not None else field
    if "sources" in request.args:
        index, after = find_id(request.args["sources"]), find_id(request.args.get("after", ""))
        more = explaining.more_sources(*who, key, -1 if index is None else index, after or 0, language())
        return json_answer(_sources_json(more))
    return json_answer(_explanation_json(explaining.explain(*who, key, row, language())))


def _explanation_json(found: Explanation) -> dict[str, object]:
    body: dict[str, object] = {
        "form": found.form_id,
        "id": found.record_id,
        "field": found.key,
        "label": found.label,
        "value": found.value,
        "text": found.text,
        "words": found.part.words,
        "result": found.result,
        "agrees": found.agrees,
        "compute": found.compute,
        "as_of": None if found.as_of is None else found.as_of.isoformat().replace("+00:00", "Z"),
        "stale": found.stale,
        "frozen": found.frozen,
        "part": _part_json(found.part),
    }
    if found.at is not None:
        body |= {"at": str(found.at), "expression": found.written}
    return body


def _part_json(part: PartView) -> dict[str, object]:
    body: dict[str, object] = {"words": part.words, "kind": part.kind, "available": part.available}
    if part.available:
        body |= {"value": part.value, "text": part.text}
    if part.taken is not None:
        body["taken"] = part.taken
    if part.record is not None:
        body["record"] = {"form": part.record[0], "id": part.record[1]}
    if part.opens is not None:
        body["field"] = {"form": part.opens[0], "id": part.opens[1], "field": part.opens[2]}
    if part.parts:
        body["parts"] = [_part_json(each) for each in part.parts]
    if part.kind == "rows":
        body["sources"] = _sources_json(part.sources)
    return body


def _sources_json(found: SourceList | None) -> dict[str, object] | None:
    """The records; `hidden` is null where the reader may not even know how many there are."""
    if found is None:
        return None
    rows = [
        {
            "form": row.form_id,
            "id": row.record_id,
            "title": row.title,
            "available": row.available,
            **({} if row.position is None else {"row": row.position}),
            **({"value": row.value, "text": row.text} if row.available and not found.counts else {}),
        }
        for row in found.rows
    ]
    return {"index": found.index, "rows": rows, "seen": found.seen, "hidden": found.hidden, "next": found.next}


_FIELD = "/<company>/api/v1/<app>/<form>/<int:record_id>/explain"
ROUTES = (
    Route(f"{_FIELD}/<field>", "api_explain", explain),
    Route(f"{_FIELD}/<lines>/<int:row>/<field>", "api_explain_line", explain),
)
