"""Fills a company with the rows that its definitions bring along: data: files, CSV files beside them, then imports.

Rows are named by their key; links name such keys, also of rows that come later. What was loaded once is never loaded
again, so people may change or delete it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.catalog.forms import Field, Form
from engine.problems import Problem, ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.runtime.cells import Cells
from engine.runtime.programs import is_link
from engine.runtime.work import Work
from engine.services.definitions import row_documents
from engine.services.importing import import_file
from engine.services.saving import Given, check_batch, prepare_batch, write_batch
from engine.services.site import OpenCompany, Site
from engine.source.tree import plain
from engine.storage.matching import fetch_matching
from engine.storage.saved_views import fetch_preference, keep_preference

MANY = frozenset({"choices", "links", "users", "departments"})
NOBODY = 0
KEYS, IMPORTED = "demo_rows", "demo_imports"
ROWS_AT_ONCE = 500
FIRST = ("people.department", "people.person")
Progress = Callable[[str, int], None]
Keys = dict[str, dict[str, int]]


@dataclass
class Rows:
    """The rows of one form by key, cells as written; lines by (lines field, key of the record)."""

    form: Form
    cells: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)


@dataclass
class Loading:
    """One run: the ids of all named rows, those made now (form, key), what could not be loaded."""

    company: OpenCompany
    keys: Keys
    problems: list[Problem] = field(default_factory=list)
    made: set[tuple[str, str]] = field(default_factory=set)


def load_demo(site: Site, company: OpenCompany, progress: Progress) -> tuple[Problem, ...]:
    """Load the rows that were not loaded before; the problems of those that could not be (pointer = form/key/field)."""
    with company.reading(SYSTEM) as work:
        kept = fetch_preference(work.uow, NOBODY, KEYS)
        done = fetch_preference(work.uow, NOBODY, IMPORTED)
    keys: Keys = {form: dict(rows) for form, rows in kept.items()} if isinstance(kept, dict) else {}
    loading = Loading(company, keys)
    rows = read_all_rows(site, company)
    for form_id in order_forms(company, rows):
        fresh = [key for key in rows[form_id].cells if key not in keys.get(form_id, {})]
        if fresh:
            progress(form_id, _load_form(loading, rows[form_id], fresh))
    _link_later(loading, rows)
    imported = set(done) if isinstance(done, list) else set()
    for path in import_files(site, company):
        if path.name not in imported:
            report = import_file(company, SYSTEM, path)
            progress(path.stem, report.created + report.updated)
            imported.add(path.name)
            with company.writing(SYSTEM, "demo") as work:
                keep_preference(work.uow, NOBODY, IMPORTED, sorted(imported))
    return tuple(loading.problems)


def read_all_rows(site: Site, company: OpenCompany) -> dict[str, Rows]:
    """The rows of every form of the company, from data: files and from CSV files named after forms."""
    found: dict[str, Rows] = {}
    forms = company.catalog.forms
    for document in row_documents(site.files, company.id, tuple(company.catalog.apps)):
        if document.kind == "data" and document.id in forms:
            written: Any = plain(document.item)
            rows = found.setdefault(document.id, Rows(forms[document.id]))
            rows.cells.update({key: dict(row) for key, row in written.get("rows", {}).items()})
    for folder in data_folders(site, company):
        for path in sorted(folder.glob("*.csv")):
            _read_csv(path, forms, found)
    return found


def data_folders(site: Site, company: OpenCompany) -> Iterator[Path]:
    """Where rows lie: in the apps of the pack, of the site, of the company."""
    pack = site.root / "templates_pack"
    for app in company.catalog.apps:
        yield from (folder for folder in (pack / app / "data", site.root / "forms" / app / "data") if folder.is_dir())
    own = site.root / "forms" / "companies" / company.id / "data"
    if own.is_dir():
        yield own


def import_files(site: Site, company: OpenCompany) -> list[Path]:
    """The import: definitions of the company, in the order of their names."""
    documents = row_documents(site.files, company.id, tuple(company.catalog.apps))
    names = {document.name for document in documents if document.kind == "import"}
    found = [path for folder in data_folders(site, company) for path in sorted(folder.glob("*.yaml"))]
    return [path for path in found if any(str(path).endswith(name) for name in names)]


def _read_csv(path: Path, forms: Mapping[str, Form], found: dict[str, Rows]) -> None:
    """<form id>.csv holds records by `key`, <form id>.<lines>.csv their rows of lines by `record`."""
    if path.stem in forms:
        rows = found.setdefault(path.stem, Rows(forms[path.stem]))
        rows.cells.update({row["key"]: _given(row, "key") for row in read_rows(path) if row.get("key")})
        return
    form_id, _, lines = path.stem.rpartition(".")
    if form_id in forms and lines in forms[form_id].fields and forms[form_id].fields[lines].type == "lines":
        rows = found.setdefault(form_id, Rows(forms[form_id]))
        for row in read_rows(path):
            rows.lines.setdefault((lines, row.get("record", "")), []).append(_given(row, "record"))


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with its heading, cells trimmed."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [{name: (cell or "").strip() for name, cell in row.items() if name} for row in csv.DictReader(stream)]


def _given(row: Mapping[str, str], but: str) -> dict[str, Any]:
    return {name: cell for name, cell in row.items() if name != but and cell != ""}


def order_forms(company: OpenCompany, rows: Mapping[str, Rows]) -> list[str]:
    """Departments and persons first, then the settings, then every form after those it links to or reads by match."""
    ordered: list[str] = []
    forms = company.catalog.forms

    def visit(form_id: str, path: tuple[str, ...]) -> None:
        if form_id in ordered or form_id in path or form_id not in rows:
            return
        for _, definition in _links(rows[form_id].form):
            if definition.required is not None:
                for target in definition.to:
                    visit(target, (*path, form_id))
        for _, definition in _links(rows[form_id].form):
            for target in definition.to:
                visit(target, (*path, form_id))
        for related in rows[form_id].form.related.values():
            if related.match is not None:  # what is frozen at creation must find the rows it adds up
                visit(related.form, (*path, form_id))
        ordered.append(form_id)

    for form_id in (*FIRST, *(form.id for form in forms.values() if form.single), *forms):
        visit(form_id, ())
    return ordered


def _links(form: Form) -> Iterator[tuple[str, Field]]:
    for definition in form.fields.values():
        for each in (definition, *definition.fields.values()):
            if is_link(each):
                yield definition.id, each


def _load_form(loading: Loading, rows: Rows, fresh: Sequence[str]) -> int:
    """Make the records of one form; the number made."""
    made = 0
    for at in range(0, len(fresh), ROWS_AT_ONCE):
        batch = fresh[at : at + ROWS_AT_ONCE]
        with loading.company.writing(SYSTEM, "demo") as work:
            made += _load_batch(loading, work, rows, batch)
            keep_preference(work.uow, NOBODY, KEYS, loading.keys)
    return made


def _load_batch(loading: Loading, work: Work, rows: Rows, batch: Sequence[str]) -> int:
    reader = CellReader(loading, work)
    given = [Given(None, reader.values(rows, key)) for key in batch]
    saving = prepare_batch(work, rows.form.id, given, importing=True)
    check_batch(saving)
    write_batch(saving)
    ids = loading.keys.setdefault(rows.form.id, {})
    for key, draft in zip(batch, saving.drafts, strict=True):
        if draft.problems:
            loading.problems += [_about(rows.form, key, problem) for problem in draft.problems]
        elif draft.record_id is not None:
            ids[key] = draft.record_id
            loading.made.add((rows.form.id, key))
    return len(saving.sound())


def _about(form: Form, key: str, problem: Problem) -> Problem:
    return Problem(
        problem.code, problem.values, problem.at, f"{form.id}/{key}/{problem.pointer}", problem.hint, problem.text
    )


def _link_later(loading: Loading, rows: Mapping[str, Rows]) -> None:
    """Set the links that lead to rows which came later."""
    for form_id, each in rows.items():
        names = {name for name, link in _links(each.form) if link.id == name}
        linked = [key for key, cells in each.cells.items() if names & cells.keys() and (form_id, key) in loading.made]
        if not linked:
            continue
        with loading.company.writing(SYSTEM, "demo") as work:
            reader = CellReader(loading, work)
            given = []
            for key in linked:
                later = reader.postponed(each.form, each.cells[key], names)
                if later:
                    given.append(Given(loading.keys[form_id][key], later))
            if given:
                saving = prepare_batch(work, form_id, given, importing=True)
                check_batch(saving)
                write_batch(saving)
                loading.problems += [
                    _about(each.form, str(d.record_id), one) for d in saving.drafts for one in d.problems
                ]


@dataclass
class CellReader:
    """Turns cells into wire values: keys of rows into ids, expressions into their values."""

    loading: Loading
    work: Work

    def __post_init__(self) -> None:
        self.cells = Cells(frozenset(), self.work.moment)

    def values(self, rows: Rows, key: str) -> dict[str, object]:
        """The wire values of one row with its lines; links to rows that are not there yet are left out."""
        values: dict[str, object] = {}
        for name, cell in rows.cells[key].items():
            definition = rows.form.fields.get(name)
            if definition is None:
                self.loading.problems.append(Problem("R101", {"name": name}, pointer=f"{rows.form.id}/{key}/{name}"))
            else:
                values.update(self._one(definition, cell))
        for (lines, record), each in rows.lines.items():
            if record == key:
                fields = rows.form.fields[lines].fields
                values[lines] = [self._row(fields, row) for row in each]
        return values

    def postponed(self, form: Form, cells: Mapping[str, Any], names: set[str]) -> dict[str, object]:
        """The links of a row, now that all rows are there."""
        found: dict[str, object] = {}
        for name in names & cells.keys():
            found.update(self._one(form.fields[name], cells[name]))
        return found

    def _row(self, fields: Mapping[str, Field], row: Mapping[str, Any]) -> dict[str, object]:
        values: dict[str, object] = {}
        for name, cell in row.items():
            if name in fields:
                values.update(self._one(fields[name], cell))
        return values

    def _one(self, definition: Field, cell: object) -> dict[str, object]:
        if isinstance(cell, str) and cell.startswith("="):
            return {definition.id: self.cells.wire(cell[1:], {}, definition)}
        if definition.type == "lines" and isinstance(cell, Sequence) and not isinstance(cell, str):
            return {definition.id: [self._row(definition.fields, row) for row in cell if isinstance(row, Mapping)]}
        if definition.type in MANY:
            parts = cell.split(";") if isinstance(cell, str) else cell
            words = [str(part).strip() for part in parts] if isinstance(parts, Sequence) else []
            ids = [self._id(definition, word) for word in words] if is_link(definition) else words
            return {definition.id: [each for each in ids if each is not None]}
        if is_link(definition):
            found = self._id(definition, str(cell))
            return {} if found is None else {definition.id: found}
        return {definition.id: cell}

    def _id(self, definition: Field, name: str) -> object:
        """The record that a cell names: a row's key, else the first field of its title."""
        for target in definition.to:
            found = self.loading.keys.get(target, {}).get(name)
            if found is not None:
                return found if len(definition.to) == 1 else {"form": target, "id": found}
        form = self.work.catalog.forms[definition.to[0]]
        title = next((part[0] for part in form.title.parts if not isinstance(part, str)), None)
        if title is None or title not in form.fields or form.fields[title].type not in ("text", "serial"):
            return None
        try:
            ids = fetch_matching(self.work.uow, form.id, (title,), [(name,)]).get((name,), [])
        except ProblemsFound:
            return None
        return ids[0] if len(ids) == 1 else None
