"""Do rows and import mappings name forms and fields that exist?"""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog.catalog import Catalog
from engine.catalog.forms import Form
from engine.catalog.names import SYSTEM_FIELDS
from engine.problems import Location, Problem, near_name
from engine.source.tree import Document, Item


def check_row_file(catalog: Catalog, document: Document) -> list[Problem]:
    """The problems of a data: or import: file in one company."""
    first = next(iter(document.item.map.values()))
    form = catalog.forms.get(document.id)
    if form is None:
        return [Problem("C104", {"name": document.id, "near": near_name(document.id, catalog.forms)}, first.at)]
    names = _import_names(document.item) if document.kind == "import" else _row_names(document.item)
    problems = _unmatched(catalog, form, document.item) if document.kind == "import" else {}
    for name, at in names:
        if not _known(form, name) and name not in problems:
            values = {"name": name, "form": form.id, "near": near_name(name, form.fields)}
            problems[name] = Problem("C103", values, at)
    return list(problems.values())


def _unmatched(catalog: Catalog, form: Form, item: Item) -> dict[str, Problem]:
    """`match:` names a field of the form that the link leads to."""
    problems = {}
    for entry in item.map["columns"].map.values():
        match, target = entry.map.get("match"), entry.map.get("to")
        field = form.fields.get(target.text) if target is not None else None
        linked = catalog.forms.get(field.to[0]) if field is not None and len(field.to) == 1 else None
        if match is not None and linked is not None and not _known(linked, match.text):
            values = {"name": match.text, "form": linked.id, "near": near_name(match.text, linked.fields)}
            problems[f"match {match.text}"] = Problem("C103", values, match.at)
    return problems


def _known(form: Form, name: str) -> bool:
    return name in form.fields or name in SYSTEM_FIELDS


def _row_names(item: Item) -> Iterator[tuple[str, Location]]:
    rows = item.map.get("rows")
    for row in rows.map.values() if rows is not None else ():
        for name, entry in row.map.items():
            yield name, entry.place


def _import_names(item: Item) -> Iterator[tuple[str, Location]]:
    for entry in item.map["columns"].map.values():
        target = entry.map.get("to", entry)
        yield target.text, target.at
    written = item.map.get("set")
    for name, entry in written.map.items() if written is not None else ():
        yield name, entry.place
    key = item.map.get("key")
    for word in (key.list or (key,)) if key is not None else ():
        yield word.text, word.at
