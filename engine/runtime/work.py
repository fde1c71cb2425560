"""Everything one request needs to read and write records: the unit of work, who acts, what is allowed,
what was compiled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from engine.catalog.catalog import Catalog
from engine.catalog.forms import Form
from engine.expressions.nodes import Moment, Path, Values
from engine.runtime.access import AccessBook, ActorRights, FormRights
from engine.runtime.actors import Actor
from engine.runtime.other_rows import RowReader
from engine.runtime.programs import FormProgram, ProgramBook
from engine.storage.database import UnitOfWork
from engine.storage.lookups import fetch_link_values
from engine.storage.pending import Pending
from engine.storage.queries import VisibleQuery
from engine.values import empty


@dataclass
class StoredLinks:
    """A LinkReader on the database, with system rights; what was read once is kept for the rest of the request."""

    uow: UnitOfWork
    moment: Moment
    _known: dict[tuple[str, int], dict[Path, object]] = field(default_factory=dict)

    def prepare(self, form_id: str, ids: Iterable[int], paths: Iterable[Path]) -> None:
        """Fetch `paths` of many records of a form at once: one statement, none when all is known."""
        wanted = tuple(sorted(set(paths)))
        missing = sorted({each for each in ids if not set(wanted) <= self._known.get((form_id, each), {}).keys()})
        if not missing or not wanted:
            return
        found = fetch_link_values(self.uow, form_id, missing, wanted)
        for record_id in missing:
            known = self._known.setdefault((form_id, record_id), {})
            known.update({path: found.get(record_id, {}).get(path) for path in wanted})

    def forget(self, form_id: str, record_id: int) -> None:
        """Drop what is known of a record that has been written."""
        self._known.pop((form_id, record_id), None)

    def forget_all(self) -> None:
        """Drop everything that is known: other records have been written too, or a part of it was undone."""
        self._known.clear()

    def value(self, form_id: str, record_id: int, path: Path) -> object:
        """The value at `path` of a stored record."""
        self.prepare(form_id, (record_id,), (path,))
        return self._known[(form_id, record_id)][path]

    def rows(self, form_id: str, record_id: int, source: Path) -> Sequence[Values]:
        """The rows of a row source of a record, all of them (a rule must not depend on who looks)."""
        return RowReader(self.uow, self.moment, self).rows(form_id, record_id, source)

    def matched(self, form_id: str, name: str, values: Values) -> Sequence[Values]:
        """The rows of a declared relation of a record with these values, saved or not."""
        return RowReader(self.uow, self.moment, self).matched(form_id, name, values)


@dataclass
class Work:
    """One request at work. `links` reads with system rights; `rights` are the actor's."""

    uow: UnitOfWork
    actor: Actor
    rights: ActorRights
    moment: Moment
    programs: ProgramBook
    links: StoredLinks
    pending: Mapping[str, Pending] = field(default_factory=empty)

    @cached_property
    def moment_for_new(self) -> Moment:
        """The moment as expressions of records that do not exist yet read it."""
        return replace(self.moment, is_new=True)

    @property
    def catalog(self) -> Catalog:
        """The definitions in force."""
        return self.uow.catalog

    def form(self, form_id: str) -> Form:
        """The definition of a form the actor may see."""
        return self.rights.of(form_id).form

    def form_rights(self, form_id: str) -> FormRights:
        """The actor's rights on a form; NotVisible when there are none."""
        return self.rights.of(form_id)

    def program(self, form_id: str) -> FormProgram:
        """The compiled form."""
        return self.programs.of(form_id)

    def query(self, form_id: str) -> VisibleQuery:
        """A query for what the actor may see of a form."""
        self.rights.of(form_id)
        return VisibleQuery(self.uow.database, self.catalog, self.rights, self.moment, form_id)

    def system_query(self, form_id: str) -> VisibleQuery:
        """A query that no access rule narrows, for rules that count all rows."""
        return VisibleQuery(self.uow.database, self.catalog, None, self.moment, form_id)


def start_work(
    uow: UnitOfWork,
    actor: Actor,
    moment: Moment,
    programs: ProgramBook,
    access: AccessBook,
    pending: Mapping[str, Pending] | None = None,
) -> Work:
    """The work of `actor` inside a unit of work that is open."""
    return Work(uow, actor, access.rights(actor), moment, programs, StoredLinks(uow, moment), pending or {})


def by_field(paths: Mapping[str, frozenset[Path]], lines: str | None) -> Mapping[str, frozenset[Path]]:
    """Of a form's reads, those below links of the header (None) or of one kind of lines, by the link's id."""
    if lines is None:
        return {key: found for key, found in paths.items() if "." not in key}
    return {key.split(".")[1]: found for key, found in paths.items() if key.startswith(f"{lines}.")}
