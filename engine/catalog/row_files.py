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
    problems = {}
    for name, at in names:
        if not _known(form, name) and name not in problems:
            values = {"name": name, "form": form.id, "near": near_name(name, form.fields)}
            problems[name] = Problem("C103", values, at)
    return list(problems.values())


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
