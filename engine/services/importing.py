"""Rows of a file become records: found by their key or made, checked like everything else, 500 in one transaction."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from engine.catalog.forms import Form
from engine.problems import NotAllowed, Problem, ProblemsFound
from engine.runtime.access import refusal
from engine.runtime.actors import Actor
from engine.runtime.cells import Cells
from engine.runtime.parsing import parse_field
from engine.runtime.programs import is_link, link_target
from engine.runtime.work import Work
from engine.services.saving import Given, check_batch, prepare_batch, write_batch
from engine.services.site import OpenCompany
from engine.services.views_of_pages import ImportReport
from engine.source.reader import read_yaml
from engine.source.shorthand import expand
from engine.source.tree import plain
from engine.storage.matching import fetch_matching
from engine.values import in_language

ROWS_AT_ONCE = 500
MANY = frozenset({"choices", "links", "users", "departments"})
Row = Mapping[str, str]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of the file becomes."""

    name: str
    to: str
    match: str | None
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """An import: definition at work."""

    form: str
    file: Path
    encoding: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    set: Mapping[str, object]
    distinct: bool
    skip: str | None


@dataclass
class Outcome:
    """What has become of the rows so far. `refused` = (row of the file, column, problem)."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[tuple[int, str, Problem]] = field(default_factory=list)
    rows_refused: int = 0


def import_file(company: OpenCompany, actor: Actor, mapping: Path, *, progress: Progress | None = None) -> ImportReport:
    """Import the file that an import: definition names; running it again changes nothing.

    Rows that are refused stand in <file>.errors.csv beside the company's files, with row, column and reason.
    """
    plan = read_mapping(mapping)
    rights = company.access.rights(actor).of(plan.form)
    if "import" not in rights.verbs:
        raise NotAllowed(refusal("import"))
    rows = _rows_to_take(company, actor, plan, rights.form)
    outcome = Outcome()
    for at in range(0, len(rows), ROWS_AT_ONCE):
        _import_batch(company, actor, plan, rows[at : at + ROWS_AT_ONCE], outcome)
        if progress is not None:
            progress(min(at + ROWS_AT_ONCE, len(rows)), len(rows))
    errors = _write_errors(company, mapping, plan, rights.form, actor, outcome)
    return ImportReport(outcome.created, outcome.updated, outcome.unchanged, outcome.rows_refused, errors)


def read_mapping(path: Path) -> ImportPlan:
    """The mapping in a YAML file of kind import. Raises ProblemsFound (Y…, D…)."""
    document = read_yaml(path, path.name)
    written: Any = plain(expand("import", document.item))
    columns = []
    for name, target in written["columns"].items():
        said = target if isinstance(target, Mapping) else {"to": target}
        columns.append(Column(name, said["to"], said.get("match"), said.get("values", {})))
    key = written.get("key", ())
    return ImportPlan(
        form=written["import"],
        file=path.parent / written.get("from", f"{path.stem}.csv"),
        encoding=written.get("encoding", "utf-8"),
        key=(key,) if isinstance(key, str) else tuple(key),
        columns=tuple(columns),
        set=written.get("set", {}),
        distinct=bool(written.get("distinct")),
        skip=written.get("skip") if isinstance(written.get("skip"), str) else None,
    )


def read_rows(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    """The rows of a CSV file with its heading; I104 when there is none, I105 when it is not in this encoding."""
    if not path.is_file():
        raise ProblemsFound([Problem("I104", {"name": path.name})])
    try:
        with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as stream:
            return [
                {name: (cell or "").strip() for name, cell in row.items() if name} for row in csv.DictReader(stream)
            ]
    except UnicodeDecodeError as error:
        raise ProblemsFound([Problem("I105", {"name": path.name})]) from error


def _rows_to_take(company: OpenCompany, actor: Actor, plan: ImportPlan, form: Form) -> list[tuple[int, Row]]:
    """(row of the file, cells): without skipped ones, each key once where said so, parents before children."""
    rows = read_rows(plan.file, plan.encoding)
    heading = frozenset(rows[0]) if rows else frozenset()
    missing = [column.name for column in plan.columns if rows and column.name not in heading]
    if missing:
        raise ProblemsFound(Problem("I101", {"name": name}) for name in missing)
    numbered: list[tuple[int, Row]] = list(enumerate(rows, 2))
    if plan.skip is not None:
        with company.reading(actor) as work:
            cells = Cells(heading, work.moment)
            numbered = [each for each in numbered if not cells.value(plan.skip, each[1])]
    key_columns = [column.name for column in plan.columns if column.to in plan.key]
    if plan.distinct:
        numbered = list(
            {tuple(row[name] for name in key_columns): (at, row) for at, row in reversed(numbered)}.values()
        )[::-1]
    return _parents_first(plan, form, numbered)


def _parents_first(plan: ImportPlan, form: Form, rows: list[tuple[int, Row]]) -> list[tuple[int, Row]]:
    """Rows in an order in which a row's parent, named by a link of the form to itself, comes before it."""
    links = [
        column
        for column in plan.columns
        if column.to in form.fields and form.id in form.fields[column.to].to and is_link(form.fields[column.to])
    ]
    if not links:
        return rows
    names = {column.to: column.name for column in plan.columns}
    ordered: dict[int, tuple[int, Row]] = {}
    for link in links:
        known = names.get(link.match or "", "")
        by_name = {row.get(known, ""): (at, row) for at, row in rows}
        for start in rows:
            chain: list[tuple[int, Row]] = []
            current: tuple[int, Row] | None = start
            while current is not None and current[0] not in ordered and current not in chain:
                chain.append(current)
                current = by_name.get(current[1].get(link.name, "")) if current[1].get(link.name) else None
            ordered.update({at: (at, row) for at, row in reversed(chain)})
    return list(ordered.values())


def _import_batch(
    company: OpenCompany, actor: Actor, plan: ImportPlan, rows: Sequence[tuple[int, Row]], outcome: Outcome
) -> None:
    """Rows that link to records of the same file come after those have been written."""
    waiting = list(rows)
    while waiting:
        later = company.again(partial(_write_rows, company, actor, plan, waiting, outcome))
        if len(later) == len(waiting):
            return
        waiting = later


def _write_rows(
    company: OpenCompany, actor: Actor, plan: ImportPlan, rows: Sequence[tuple[int, Row]], outcome: Outcome
) -> list[tuple[int, Row]]:
    """One transaction; what became of the rows counts only when it is kept."""
    found = replace(outcome, refused=list(outcome.refused))
    with company.writing(actor, "import") as work:
        later = _import_rows(work, plan, rows, found)
    vars(outcome).update(vars(found))
    return later


def _import_rows(
    work: Work, plan: ImportPlan, rows: Sequence[tuple[int, Row]], outcome: Outcome
) -> list[tuple[int, Row]]:
    """Write what can be written; the rows whose parent stands in this very batch come back."""
    form = work.form(plan.form)
    reader = RowReader(work, form, plan, frozenset(rows[0][1]) if rows else frozenset())
    matches = reader.fetch_matches([row for _, row in rows])
    here = reader.keys_in(row for _, row in rows)
    ready: list[tuple[int, Row, dict[str, object]]] = []
    later: list[tuple[int, Row]] = []
    for at, row in rows:
        values, problems, waits = reader.read(row, matches, here)
        if waits:
            later.append((at, row))
        elif problems:
            outcome.rows_refused += 1
            outcome.refused += [(at, name, problem) for name, problem in problems]
        else:
            ready.append((at, row, values))
    if not ready and later:
        for at, row in later:
            values, problems, _ = reader.read(row, matches, frozenset())
            outcome.rows_refused += 1
            outcome.refused += [(at, name, problem) for name, problem in problems]
        return []
    _save(work, plan, form, ready, outcome)
    return later


def _save(
    work: Work, plan: ImportPlan, form: Form, ready: Sequence[tuple[int, Row, dict[str, object]]], outcome: Outcome
) -> None:
    keys = [tuple(_value(form, name, values.get(name)) for name in plan.key) for _, _, values in ready]
    known = fetch_matching(work.uow, form.id, plan.key, [key for key in keys if None not in key]) if plan.key else {}
    given, places = [], []
    for (at, _, values), key in zip(ready, keys, strict=True):
        ids = known.get(key, [])
        given.append(Given(ids[0] if ids else None, values))
        places.append(at)
    saving = prepare_batch(work, form.id, given, importing=True)
    check_batch(saving)
    new = {id(draft) for draft in saving.sound() if draft.is_new}
    written = write_batch(saving)
    outcome.created += sum(1 for draft in written if id(draft) in new)
    outcome.updated += sum(1 for draft in written if id(draft) not in new)
    outcome.unchanged += len(saving.sound()) - len(written)
    for at, draft in zip(places, saving.drafts, strict=True):
        if draft.problems:
            outcome.rows_refused += 1
            outcome.refused += [(at, _column_of(plan, problem.pointer), problem) for problem in draft.problems]


def _value(form: Form, name: str, wired: object) -> Any:
    try:
        return parse_field(form.fields[name], wired)
    except ProblemsFound:
        return None


def _column_of(plan: ImportPlan, pointer: str) -> str:
    return next((column.name for column in plan.columns if column.to == pointer), pointer)


@dataclass
class RowReader:
    """Turns rows of texts into wire values; links are looked up for a whole batch at once."""

    work: Work
    form: Form
    plan: ImportPlan
    heading: frozenset[str]

    def __post_init__(self) -> None:
        self.cells = Cells(self.heading, self.work.moment)

    def fetch_matches(self, rows: Sequence[Row]) -> dict[str, dict[str, list[int]]]:
        """For each link column: text → ids of the records it names."""
        return {column.name: self._matches(column, rows) for column in self._links()}

    def keys_in(self, rows: Iterator[Row]) -> frozenset[tuple[str, str]]:
        """(column of a link to this form, text) of every record that these rows themselves will make."""
        names = {column.to: column.name for column in self.plan.columns}
        found = set()
        own = [column for column in self._links() if self.form.id in self.form.fields[column.to].to]
        for row in rows if own else ():
            found |= {(column.name, row.get(names.get(column.match or "", ""), "")) for column in own}
        return frozenset(found)

    def read(
        self, row: Row, matches: Mapping[str, Mapping[str, list[int]]], here: frozenset[tuple[str, str]]
    ) -> tuple[dict[str, object], list[tuple[str, Problem]], bool]:
        """(wire values, problems by column, whether it must wait for a record of the same file)."""
        values: dict[str, object] = {}
        problems: list[tuple[str, Problem]] = []
        for column in self.plan.columns:
            text = _replaced(column, row[column.name])
            definition = self.form.fields[column.to]
            if column.name in matches and text:
                ids = matches[column.name].get(str(text), [])
                if not ids and (column.name, str(text)) in here:
                    return {}, [], True
                if len(ids) == 1:
                    values[column.to] = ids[0] if definition.type not in MANY else [ids[0]]
                else:
                    code = "V136" if ids else "I102"
                    problems.append((column.name, Problem(code, {"label": definition.label, "value": text})))
            elif text != "":
                values[column.to] = str(text).split(";") if definition.type in MANY and isinstance(text, str) else text
            elif column.to not in values:
                values[column.to] = None
        for name, said in self.plan.set.items():
            values[name] = self._said(name, said, row)
        missing = [name for name in self.plan.key if values.get(name) is None]
        problems += [(_column_of(self.plan, name), Problem("I103", {"name": name})) for name in missing]
        return values, problems, False

    def _said(self, name: str, said: object, row: Row) -> object:
        if isinstance(said, str) and said.startswith("="):
            return self.cells.wire(said[1:], row, self.form.fields[name])
        return said

    def _links(self) -> list[Column]:
        return [column for column in self.plan.columns if is_link(self.form.fields[column.to])]

    def _matches(self, column: Column, rows: Sequence[Row]) -> dict[str, list[int]]:
        target = self.work.catalog.forms[link_target(self.form.fields[column.to])]
        match = column.match or next((part[0] for part in target.title.parts if not isinstance(part, str)), "name")
        texts = {str(text) for row in rows if (text := _replaced(column, row[column.name]))}
        keys = {(_value(target, match, text),): text for text in sorted(texts)}
        found = fetch_matching(self.work.uow, target.id, (match,), [key for key in keys if key[0] is not None])
        return {keys[key]: ids for key, ids in found.items() if key in keys}


def _replaced(column: Column, text: str) -> object:
    return column.values.get(text, text)


def _write_errors(
    company: OpenCompany, mapping: Path, plan: ImportPlan, form: Form, actor: Actor, outcome: Outcome
) -> Path | None:
    """The refused rows as a file: row, column, what is wrong."""
    if not outcome.refused:
        return None
    folder = company.files_root.parent / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{mapping.stem}.errors.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "row", "column", "form", "problem"])
        label = in_language(form.label, actor.language)
        for at, column, problem in outcome.refused:
            writer.writerow([plan.file.name, at, column, label, problem.message(actor.language)])
    return path
