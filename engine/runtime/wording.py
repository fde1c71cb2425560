"""What the names in an expression are called by one reader, and which of them that reader may know at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from engine.catalog.catalog import Catalog
from engine.catalog.forms import Field, Form
from engine.catalog.names import ENTERED
from engine.expressions.nodes import ALL_DEPARTMENTS, Node, Path
from engine.expressions.words import to_words
from engine.runtime.access import ActorRights
from engine.runtime.programs import TREE_SOURCES, link_target
from engine.values import Label, in_language

PERSON_FORM = "people.person"
_SYSTEM: Mapping[str, Label] = {
    "id": {"en": "this record", "zh": "本记录"},
    "version": {"en": "version", "zh": "版本"},
    "created_at": {"en": "created at", "zh": "创建时间"},
    "created_by": {"en": "created by", "zh": "创建人"},
    "updated_at": {"en": "changed at", "zh": "修改时间"},
    "updated_by": {"en": "changed by", "zh": "修改人"},
    ALL_DEPARTMENTS: {"en": "departments", "zh": "所属部门"},
    "below": {"en": "records below, this one included", "zh": "下级记录（含本级）"},
    "above": {"en": "records above, this one included", "zh": "上级记录（含本级）"},
}
_ENTERING = (("en", "time of entering ", ""), ("zh", "进入", "的时间"))
_PERSONS = frozenset({"created_by", "updated_by"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where names are looked up: a form, or rows of lines of it."""

    form: Form
    lines: Field | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One name on a path: what it is called, the right it needs (form, key), and where its dot leads."""

    label: Label | None
    needs: tuple[str, str] | None = None
    field: Field | None = None
    place: Place | None = None


def steps_of(catalog: Catalog, place: Place, path: Path) -> Iterator[Step]:
    """The steps of a path from a place on; it ends early where a name means nothing here."""
    current: Place | None = place
    for name in path:
        if current is None:
            return
        found = _step(catalog, current, name)
        yield found
        current = found.place


def _step(catalog: Catalog, place: Place, name: str) -> Step:
    form, lines = place.form, place.lines
    if name in ("header", "this") and name not in form.fields:
        return Step(None, place=Place(form))
    if lines is not None and name in lines.fields:
        return _of_field(catalog, place, lines.fields[name], f"{lines.id}.{name}")
    if name in form.fields:
        return _of_field(catalog, Place(form), form.fields[name], name)
    if name == "owner" and form.owner:
        return _of_field(catalog, Place(form), form.fields[form.owner], form.owner)
    related = form.related.get(name)
    if related is not None:
        key = f"{related.lines}.{related.field}" if related.lines else related.field
        return Step(related.label, (related.form, key or "id"), place=_related_place(catalog, related))
    if name in TREE_SOURCES:
        return Step(_SYSTEM[name], (form.id, form.tree.id if form.tree is not None else "id"), place=Place(form))
    stage = form.fields.get(name.removesuffix(ENTERED))
    if stage is not None:
        label = {each: f"{before}{in_language(stage.label, each)}{after}" for each, before, after in _ENTERING}
        return Step(label, (form.id, stage.id))
    person = catalog.forms.get(PERSON_FORM) if name in _PERSONS else None
    return Step(_SYSTEM.get(name), place=Place(person) if person is not None else None)


def _related_place(catalog: Catalog, related: object) -> Place | None:
    form = catalog.forms.get(getattr(related, "form", ""))
    lines = getattr(related, "lines", None)
    return None if form is None else Place(form, form.fields[lines] if lines else None)


def _of_field(catalog: Catalog, place: Place, field: Field, key: str) -> Step:
    if field.type == "lines":
        return Step(field.label, (place.form.id, key), field, Place(place.form, field))
    target = catalog.forms.get(link_target(field))
    return Step(field.label, (place.form.id, key), field, Place(target) if target is not None else None)


@dataclass(frozen=True, slots=True)
class ReaderLabels:
    """`Labels` of one reader at one place; `places` innermost first, as scopes are counted."""

    catalog: Catalog
    rights: ActorRights
    language: str
    places: tuple[Place, ...]

    def words(self, node: Node) -> str:
        """The sentence that says what `node` computes."""
        return to_words(node, self, self.language)

    def field(self, node: Node) -> str | None:
        """The names along the path, None when the reader must not know one of them."""
        path = node.value if isinstance(node.value, tuple) else (str(node.value),)
        place, owner = self._place_of(node)
        if place is None:
            return None
        return self._named(place, path, owner)

    def rows(self, node: Node) -> str | None:
        """The name of a row source."""
        path = node.value if isinstance(node.value, tuple) else ()
        return self._named(self.places[node.depth], path, self._outer(node.depth))

    def inside(self, source: Node) -> ReaderLabels:
        """The labels in each row of `source`."""
        path = source.value if isinstance(source.value, tuple) else ()
        steps = list(steps_of(self.catalog, self.places[source.depth], path))
        inner = steps[-1].place if steps else None
        return replace(self, places=(inner or self.places[0], *self.places))

    def option(self, node: Node, value: object) -> str | None:
        """The label of an option or stage."""
        place, _ = self._place_of(node)
        path = node.value if isinstance(node.value, tuple) else ()
        steps = list(steps_of(self.catalog, place, path)) if place is not None else []
        field = steps[-1].field if steps else None
        needs = steps[-1].needs if steps else None
        if field is None or needs is None:
            return None
        if field.type == "stage":
            return self._stage(needs[0], field.id, value)
        choice = field.choice(value)
        return None if choice is None else in_language(choice.label, self.language)

    def knows(self, place: Place, path: Path) -> bool:
        """Whether the reader may know of every field on a path."""
        steps = list(steps_of(self.catalog, place, path))
        return all(self._may_know(step) for step in steps)

    def sees_always(self, place: Place, path: Path) -> bool:
        """Whether the reader's roles show every field on a path whatever the record."""
        return all(self._shows_always(step) for step in steps_of(self.catalog, place, path))

    def _shows_always(self, step: Step) -> bool:
        if step.needs is None or not self._may_know(step):
            return step.needs is None
        rights = self.rights.roles.of(step.needs[0])
        return rights is not None and step.needs[1] not in rights.see_rules

    def _may_know(self, step: Step) -> bool:
        if step.needs is None:
            return True
        rights = self.rights.roles.of(step.needs[0])
        return rights is not None and step.needs[1] in rights.see

    def _place_of(self, node: Node) -> tuple[Place | None, str]:
        if node.op == "me":
            person = self.catalog.forms.get(PERSON_FORM)
            return (None if person is None else Place(person)), {"zh": "我"}.get(self.language, "me")
        if node.op == "settings":
            return self._settings(node.value if isinstance(node.value, tuple) else ("",))
        if node.op != "field" or node.depth >= len(self.places):
            return None, ""
        return self.places[node.depth], self._outer(node.depth)

    def _settings(self, path: Path) -> tuple[Place | None, str]:
        single = next((form for form in self.catalog.forms.values() if form.single and path[0] in form.fields), None)
        return (None, "") if single is None else (Place(single), in_language(single.label, self.language))

    def _outer(self, depth: int) -> str:
        """What an outer record is called from inside rows."""
        return {"zh": "本记录"}.get(self.language, "this record") if depth else ""

    def _named(self, place: Place, path: Path, owner: str) -> str | None:
        steps = list(steps_of(self.catalog, place, path))
        if len(steps) < len(path) or not all(self._may_know(step) for step in steps):
            return None
        names = [owner, *(in_language(step.label, self.language) for step in steps if step.label)]
        between = "的" if self.language == "zh" else "’s "
        return between.join(name for name in names if name) or in_language(_SYSTEM["id"], self.language)

    def _stage(self, form_id: str, field_id: str, value: object) -> str | None:
        for stages in self.catalog.stage_sets.get((form_id, field_id), ()):
            stage = stages.stages.get(str(value))
            if stage is not None:
                return in_language(stage.label, self.language)
        return None
