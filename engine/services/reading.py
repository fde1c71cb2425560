"""The one way out: turns rows that a VisibleQuery let through into records as their reader may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.catalog import field_types
from engine.catalog.forms import Field, Form
from engine.catalog.stages import StageSet
from engine.runtime.access import FormRights
from engine.runtime.work import Work
from engine.services.views_of_records import (
    LINK_TYPES,
    PERSON_FORM,
    RecordView,
    StageState,
    Stamps,
    linked_form,
    links_in,
)
from engine.storage.pending import Pending
from engine.storage.queries import STAMPS, Record, VisibleQuery
from engine.storage.tables import AS_OF, STALE
from engine.storage.titles import fetch_titles
from engine.values import empty

PAGE_VERBS = ("change", "delete", "assign")
_NOT_STALE: frozenset[str] = frozenset()
STAMP_PERSONS = ("created_by", "updated_by", "deleted_by")
_UNSTAMPED = Stamps()

Titles = dict[str, dict[int, str]]


def with_verbs(work: Work, query: VisibleQuery, rights: FormRights) -> VisibleQuery:
    """The query with a flag for each verb that depends on the record."""
    for verb in PAGE_VERBS:
        rule = rights.verbs.get(verb)
        if rule is not None and rule.constant is not True:
            query = query.also(f"may_{verb}", rule)
    return query


def title_fields(form: Form) -> tuple[str, ...]:
    """The form's own fields that its title is made of."""
    return tuple(part[0] for part in form.title.parts if not isinstance(part, str) and part[0] in form.fields)


def computing_columns(work: Work, form: Form) -> tuple[str, ...]:
    """The columns that say what waits to be computed again, and of which day the daily values are."""
    columns = work.uow.database.tables.forms[form.id].c
    return tuple(name for name in (STALE, AS_OF) if name in columns)


def build_views(
    work: Work,
    form: Form,
    records: Sequence[Record],
    fields: Sequence[str],
    known: Mapping[str, Mapping[int, str]] = empty(),
) -> tuple[RecordView, ...]:
    """The records as views: titles of linked records fetched once for each form; `known` ones are not fetched again."""
    titles = fetch_linked_titles(work, form, records, fields, known)
    own = _fetch_own_titles(work, form, records)
    rights = work.form_rights(form.id)
    always = frozenset({"see", *(verb for verb in rights.verbs if rights.always(verb))})
    staged = {field_id: sets for (form_id, field_id), sets in work.catalog.stage_sets.items() if form_id == form.id}
    making = _Making(form, work.catalog.company.language, titles, own, always, staged, work.pending.get(form.id))
    return tuple(making.view(record) for record in records)


@dataclass(frozen=True, slots=True)
class _Making:
    """What is the same for every record of a page."""

    form: Form
    language: str
    titles: Titles
    own: Mapping[int, str] | None
    always: frozenset[str]
    staged: Mapping[str, tuple[StageSet, ...]]
    pending: Pending | None = None

    def view(self, record: Record) -> RecordView:
        """One record as its reader may see it."""
        values: Mapping[str, object] = record.values
        if record.unseen:
            values = {name: value for name, value in values.items() if name not in record.unseen}
        return RecordView(
            form=self.form,
            id=record.id,
            version=record.version,
            title=self._title(record.id, values) or f"#{record.id}",
            values=values,
            titles=self.titles,
            unseen=record.unseen,
            may=self._verbs(record),
            stamps=stamps_of(record),
            stages=self._stages(record) if self.staged else empty(),
            stale=self._stale(record) if STALE in values else _NOT_STALE,
            as_of=record.values.get(AS_OF),
        )

    def _stale(self, record: Record) -> frozenset[str]:
        """The fields shown that wait to be computed again: by the record's own mark, or with all of its form."""
        marks = record.values.get(STALE)
        if not marks and self.pending is None:
            return _NOT_STALE
        keys = {*str(marks or "").split(), *(self.pending.fields(record.id) if self.pending is not None else ())}
        return frozenset(key.split(".")[0] for key in keys) & (record.values.keys() - record.unseen)

    def _title(self, record_id: int, values: Mapping[str, object]) -> str:
        if self.own is not None:
            return self.own.get(record_id, "")
        return make_title(self.form, values, self.titles, self.language)

    def _verbs(self, record: Record) -> frozenset[str]:
        if not record.flags:
            return self.always
        return self.always | {verb for verb in PAGE_VERBS if record.flags.get(f"may_{verb}")}

    def _stages(self, record: Record) -> dict[str, StageState]:
        """Stage and set of each stage field that was fetched, without tasks and moves."""
        states = {}
        for field_id, sets in self.staged.items():
            if field_id in record.values:
                chosen = set_of_stage(sets, record.values[field_id])
                stage = chosen.stages.get(str(record.values[field_id]))
                states[field_id] = StageState(chosen, stage, None)
        return states


def stamps_of(record: Record) -> Stamps:
    """Who made and changed the record, and when."""
    given = {name: record.values[name] for name in STAMPS if name in record.values}
    return Stamps(**given) if given else _UNSTAMPED


def set_of_stage(sets: tuple[StageSet, ...], stage_id: object) -> StageSet:
    """The first set that has the stage, else the first set."""
    return next((each for each in sets if stage_id in each.stages), sets[0])


def fetch_linked_titles(
    work: Work,
    form: Form,
    records: Sequence[Record],
    fields: Sequence[str],
    known: Mapping[str, Mapping[int, str]] = empty(),
) -> Titles:
    """Titles of every record the rows link to, by form; records the reader may not see are absent."""
    wanted: dict[str, set[int]] = {}
    linking = [form.fields[name] for name in fields if name in form.fields and may_link(form.fields[name])]
    for definition in linking:
        for record in records:
            collect_links(definition, record.values.get(definition.id), wanted)
    for record in records:
        persons = [record.values.get(name) for name in STAMP_PERSONS]
        if any(persons):
            wanted.setdefault(PERSON_FORM, set()).update(each for each in persons if each is not None)
    titles = {form_id: dict(found) for form_id, found in known.items()}
    if work.actor.id is not None and work.actor.id in wanted.get(PERSON_FORM, ()):
        titles.setdefault(PERSON_FORM, {})[work.actor.id] = work.actor.name
    for form_id, ids in wanted.items():
        missing = ids - titles.get(form_id, {}).keys()
        if missing:
            titles.setdefault(form_id, {}).update(fetch_title_map(work, form_id, missing))
    return titles


def may_link(definition: Field) -> bool:
    """Whether values of the field, or of its lines, can lead to other records."""
    return definition.type == "lines" or definition.type in LINK_TYPES


def collect_links(definition: Field, value: object, wanted: dict[str, set[int]]) -> None:
    """Add the ids that a field's value holds to `wanted`, by form."""
    if definition.type == "lines" and isinstance(value, list):
        for row in value:
            for inner in definition.fields.values():
                collect_links(inner, row.get(inner.id), wanted)
    elif definition.type in LINK_TYPES:
        for form_id, each in links_in(definition, value):
            wanted.setdefault(form_id, set()).add(each)


def fetch_title_map(work: Work, form_id: str, ids: Iterable[int]) -> dict[int, str]:
    """The titles of some records of a form that the actor may see; none when the actor sees no such form."""
    uow = work.uow
    if form_id not in uow.catalog.forms or work.rights.see(form_id) is None:
        return {}
    return dict(fetch_titles(uow.connection, uow.database, uow.catalog, work.rights, work.moment, form_id, sorted(ids)))


def _fetch_own_titles(work: Work, form: Form, records: Sequence[Record]) -> Mapping[int, str] | None:
    """Titles that read through links are made by the database; None when the rows have all it takes."""
    if not records or all(isinstance(part, str) or _at_hand(work, form, part) for part in form.title.parts):
        return None
    return fetch_title_map(work, form.id, [record.id for record in records])


def _at_hand(work: Work, form: Form, part: Sequence[str]) -> bool:
    """Whether a part of a title is a field, or all of a linked record's own title."""
    definition = form.fields.get(part[0])
    if len(part) == 1 or definition is None:
        return True
    target = work.catalog.forms.get(linked_form(definition))
    return len(part) == 2 and definition.type == "link" and target is not None and target.title.parts == ((part[1],),)


def make_title(form: Form, values: Mapping[str, object], titles: Mapping[str, Mapping[int, str]], language: str) -> str:
    """A title whose holes are the form's own fields, filled from values at hand."""
    texts = []
    for part in form.title.parts:
        if isinstance(part, str):
            texts.append(part)
        elif part[0] in form.fields and values.get(part[0]) is not None:
            texts.append(_text(form.fields[part[0]], values[part[0]], titles, language))
    return "".join(texts).strip()


def _text(definition: Field, value: object, titles: Mapping[str, Mapping[int, str]], language: str) -> str:
    if definition.type in LINK_TYPES:
        return "、".join(titles.get(form_id, {}).get(each, "") for form_id, each in links_in(definition, value))
    return field_types.FIELD_TYPES[definition.type].to_text(definition, value, language)
