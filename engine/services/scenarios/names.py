"""What a scenario's names mean: people, departments, records; and cells as they are written become wire values."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.catalog.forms import Field, Form
from engine.problems import Location, Problem, ProblemsFound, near_name
from engine.runtime.actors import SYSTEM, Actor
from engine.runtime.cells import Cells
from engine.runtime.programs import is_link
from engine.services.files import store_file
from engine.services.known_people import person_actor
from engine.services.records import fetch_record
from engine.services.site import OpenCompany
from engine.source.tree import Item

MANY = frozenset({"choices", "links", "users", "departments"})
FILES = frozenset({"file", "image"})
ROW = "row"  # no field is called so


@dataclass
class Names:
    """Everything that has been named so far. records: name → (form, id); rows of the demo are named form/key."""

    company: OpenCompany
    people: dict[str, int] = field(default_factory=dict)
    departments: dict[str, int] = field(default_factory=dict)
    records: dict[str, tuple[str, int]] = field(default_factory=dict)
    uploader: Actor = SYSTEM
    logins: Mapping[str, str] = field(default_factory=dict)  # where people are not named by their logins

    def copy(self) -> Names:
        """The same names, to be added to."""
        return Names(self.company, dict(self.people), dict(self.departments), dict(self.records), logins=self.logins)

    def actor(self, name: str, at: Location) -> Actor:
        """The person of that name, with the roles held now."""
        self.person(name, at)
        return person_actor(self.company, self.logins.get(name, name))

    def person(self, name: str, at: Location) -> int:
        """The id of a person."""
        return self._known(self.people, name, at)

    def record(self, name: str, at: Location) -> tuple[str, int]:
        """The form and id of a record."""
        if name not in self.records:
            raise ProblemsFound([Problem("E101", {"name": name, "near": near_name(name, self.records)}, at)])
        return self.records[name]

    def wire(self, form: Form, cells: Mapping[str, Item], record: int | None = None) -> dict[str, object]:
        """The values of cells in wire form; unknown fields go along, so that the save refuses them.

        Rows of lines that say `row: 2` are the second of the record's rows.
        """
        found = {
            name: self._value(form.fields[name], item) if name in form.fields else item.text
            for name, item in cells.items()
        }
        if record is not None:
            self._number_rows(form, record, found)
        return found

    def one(self, definition: Field, item: Item) -> object:
        """One value in wire form."""
        return self._value(definition, item)

    def _value(self, definition: Field, item: Item) -> object:
        if isinstance(item.value, str) and item.value.startswith("="):
            with self.company.reading(SYSTEM) as work:
                return Cells(frozenset(), work.moment).wire(item.value[1:], {}, definition)
        if definition.type == "lines":
            return [self._row(definition, row) for row in item.list]
        if definition.type in MANY or (definition.type in FILES and item.list):
            return [self._single(definition, entry) for entry in item.list or (item,)]
        found = self._single(definition, item)
        return [found] if definition.type == "file" and definition.many and found is not None else found

    def _number_rows(self, form: Form, record: int, values: Mapping[str, object]) -> None:
        """Put the ids of the rows that are there where their numbers stand."""
        for name, rows in values.items():
            if not isinstance(rows, list) or not any(isinstance(row, dict) and ROW in row for row in rows):
                continue
            kept: Any = fetch_record(self.company, SYSTEM, form.id, record).values[name]
            for row in rows:
                number = int(row.pop(ROW, 0))
                if 0 < number <= len(kept):
                    row["id"] = kept[number - 1]["id"]

    def _row(self, definition: Field, row: Item) -> dict[str, object]:
        found: dict[str, object] = {}
        for name, item in row.map.items():
            inner = definition.fields.get(name)
            found[name] = self._value(inner, item) if inner is not None else item.value
        return found

    def _single(self, definition: Field, item: Item) -> object:
        if item.text == "" and not isinstance(item.value, bool):
            return None
        if definition.type in ("user", "users"):
            return self.person(item.text, item.at)
        if definition.type in ("department", "departments"):
            return self._known(self.departments, item.text, item.at)
        if definition.type in FILES:
            stream = io.BytesIO(item.text.encode())
            return store_file(self.company, self.uploader, item.text, stream, "application/pdf").id
        if is_link(definition):
            known = (f"{target}/{item.text}" for target in definition.to)
            form, record = self.record(next((each for each in known if each in self.records), item.text), item.at)
            return record if len(definition.to) == 1 else {"form": form, "id": record}
        return item.value

    def _known(self, names: Mapping[str, int], name: str, at: Location) -> int:
        if name not in names:
            raise ProblemsFound([Problem("E101", {"name": name, "near": near_name(name, names)}, at)])
        return names[name]
