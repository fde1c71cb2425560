"""What list and board have in common: the view, saved views, what the address keeps, what may be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request, url_for

from engine.catalog.forms import Form, View
from engine.problems import NotVisible
from engine.services import views
from engine.services.records import FormSight
from engine.services.views_of_records import ListRequest
from engine.web.answers import label, say
from engine.web.filters import Filters
from engine.web.visit import visit

_ONE_BY_ONE = frozenset({"lines", "stage", "serial", "file", "image", "signature", "rich_text", "secret"})
_NO_COLUMN = frozenset({"lines", "secret"})
_STAMPS = ("created_at", "created_by", "updated_at", "updated_by")
KEPT = ("view", "saved", "where", "search", "sort", "fields", "limit", "set")


def chosen_view(form: Form, asked: ListRequest) -> View:
    """The view that the address names, else the form's list; NotVisible when it names none."""
    found = form.views.get(asked.view or "list")
    if found is None and asked.view is None:
        found = next(iter(form.views.values()), None)
    if found is None:
        raise NotVisible
    return found


def head_values(form: Form, view: View, sight: FormSight, asked: ListRequest) -> Mapping[str, object]:
    """What list and board share: form, views, saved views, what may be done, what the address keeps."""
    current = visit()
    saved = views.list_saved_views(current.company, current.actor, form.id)
    return {
        "form": form,
        "offered": offered_views(form, sight),
        "view": view,
        "sight": sight,
        "asked": asked,
        "saved_views": saved,
        "saved": next((each for each in saved if each.id == asked.saved_view), None),
        "kept": [(name, request.args[name]) for name in KEPT if request.args.get(name)],
        "here_with": here_with,
        "may_create": "create" in sight.verbs,
        "choosable": _choosable(form, sight),
        "changeable": changeable(form, sight),
    }


def _choosable(form: Form, sight: FormSight) -> list[tuple[str, str]]:
    """(id, label) of everything that may be a column."""
    fields = [field for field in form.fields.values() if field.id in sight.see and field.type not in _NO_COLUMN]
    return [(field.id, label(field.label)) for field in fields] + [
        (name, say(f"list.field_{name}")) for name in _STAMPS
    ]


def offered_views(form: Form, sight: FormSight) -> tuple[View, ...]:
    """The views whose own filter names nothing that the reader may not see."""
    return tuple(view for view in form.views.values() if not _filtered_by(view) & (form.fields.keys() - sight.see))


def _filtered_by(view: View) -> set[str]:
    return {reference.path[0] for reference in view.where.references} if view.where is not None else set()


def changeable(form: Form, sight: FormSight) -> Filters:
    """The fields that many records can be given at once, as inputs of the bulk dialog."""
    return Filters.of_fields(
        form,
        [field for field in form.fields.values() if field.id in sight.change and field.type not in _ONE_BY_ONE],
    )


def here_with(**changes: str | None) -> str:
    """This list's address with some words changed (None takes one away); any change leads to the first page."""
    words: dict[str, Any] = {name: request.args[name] for name in KEPT if request.args.get(name)}
    words.update({name: value for name, value in changes.items() if value})
    for name, value in changes.items():
        if not value:
            words.pop(name, None)
    return url_for("list", **(request.view_args or {}), **words)
