"""What goes along when a record goes: links say whether it may not go, goes with its record, or lets go of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.catalog.forms import Field, Form
from engine.expressions.nodes import Path
from engine.problems import Problem
from engine.runtime.dependents import draft_of
from engine.runtime.drafts import Draft
from engine.runtime.programs import is_link
from engine.runtime.work import Work
from engine.storage.pointing import fetch_pointing
from engine.storage.records import fetch_system_rows
from engine.storage.selects import fetch_total


@dataclass
class Deletion:
    """Everything a deletion does: records that go (in the order found), records that let go, and what forbids it."""

    work: Work
    going: dict[tuple[str, int], Draft] = field(default_factory=dict)
    letting_go: dict[tuple[str, int], Draft] = field(default_factory=dict)
    blockers: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def add(self, form_id: str, record_id: int) -> None:
        """Let a record go, and follow every link that leads to it."""
        if (form_id, record_id) in self.going:
            return
        self._take(form_id, [record_id])

    def problems(self) -> list[Problem]:
        """One problem for each link that forbids it, naming how many records the actor sees of which form point here.

        Of records the actor may not see neither form nor number is told.
        """
        found, unseen = [], False
        for (form_id, _), ids in self.blockers.items():
            still = {each for each in ids if (form_id, each) not in self.going}
            seen = self._seen(form_id, still)
            unseen = unseen or seen < len(still)
            if seen:
                found.append(Problem("V130", {"form": self.work.catalog.forms[form_id].label, "count": seen}))
        return [*found, Problem("V139")] if unseen else found

    def _seen(self, form_id: str, ids: set[int]) -> int:
        if not ids or self.work.rights.see(form_id) is None:
            return 0
        return fetch_total(self.work.uow.connection, self.work.query(form_id).with_ids(ids), None)[0]

    def _take(self, form_id: str, ids: Sequence[int]) -> None:
        for record_id, stored in fetch_system_rows(self.work.uow, form_id, ids, lock=True).items():
            if stored.deleted_at is None:
                self.going[form_id, record_id] = draft_of(self.work, form_id, stored)
                self._follow(form_id, record_id)

    def _follow(self, form_id: str, record_id: int) -> None:
        for form, path, link in links_to(self.work, form_id):
            uow = self.work.uow
            ids = [
                each
                for each in fetch_pointing(uow.connection, uow.database, form.id, path, (record_id,))
                if (form.id, each) not in self.going
            ]
            alive = fetch_system_rows(uow, form.id, ids) if ids else {}
            for other, stored in alive.items():
                if stored.deleted_at is not None:
                    continue
                if link.on_delete == "cascade" and len(path) == 1:
                    self._take(form.id, [other])
                elif link.on_delete == "restrict":
                    self.blockers.setdefault((form.id, ".".join(path)), []).append(other)
                else:
                    draft = self.letting_go.get((form.id, other)) or draft_of(self.work, form.id, stored)
                    self.letting_go[form.id, other] = draft
                    _let_go(draft, path, form_id, record_id)


def links_to(work: Work, form_id: str) -> Iterator[tuple[Form, Path, Field]]:
    """Every link of any form that may lead to records of a form."""
    for form in work.catalog.forms.values():
        for key, program in work.program(form.id).fields.items():
            if is_link(program.field) and form_id in program.field.to:
                yield form, tuple(key.split(".")), program.field


def _let_go(draft: Draft, path: Path, form_id: str, record_id: int) -> None:
    rows = [draft.values] if len(path) == 1 else draft.rows(path[0])
    for row in rows:
        value = row.get(path[-1])
        if value in (record_id, (form_id, record_id)):
            row[path[-1]] = None
        elif isinstance(value, tuple) and record_id in value:
            row[path[-1]] = tuple(each for each in value if each != record_id)
