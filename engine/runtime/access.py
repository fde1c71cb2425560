"""May this actor do this to this record, see this field, write it? The rules of the roles held, joined once per set
of roles.

Lists ask through `ActorRights.see` (storage puts the rule into the query); single records ask through `require`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.catalog.access import ADMINISTRATOR, FieldAccess
from engine.catalog.catalog import Catalog
from engine.catalog.forms import Field, Form
from engine.catalog.hiding import find_hidden
from engine.catalog.workflows import workflows_of
from engine.expressions import all_of, any_of
from engine.expressions.nodes import Expression as Expression
from engine.expressions.nodes import Moment, Node, Type
from engine.problems import NotAllowed, NotVisible, Problem
from engine.runtime.actors import Actor
from engine.runtime.seen import SeenDefinitions, seen_forms
from engine.storage.collaborators import is_collaborator
from engine.storage.database import UnitOfWork
from engine.storage.handlers import UNHIDDEN, handles_hiding, is_handler
from engine.storage.lookups import satisfies
from engine.storage.rights import Right

TRUE = Expression("true", Node("literal", Type("boolean"), value=True), frozenset())
FALSE = Expression("false", Node("literal", Type("boolean"), value=False), frozenset())
SYSTEM_FIELDS = frozenset({"id", "version", "created_at", "created_by", "updated_at", "updated_by"})
# Colleagues and departments are named on every page, so everybody reads these fields of them even without a rule.
NAMED_BY_ALL = {
    "people.person": frozenset({"name", "department", "active"}),
    "people.department": frozenset({"name", "parent", "head"}),
}


@dataclass(frozen=True, slots=True)
class FormRights:
    """What a set of roles may do with one form. Absent = never; a rule is asked per record.

    verbs         verb → rule
    see           field ids that may be seen at all, "lines.price" for fields of lines, system fields
    see_rules     of those, the ones asked per record
    step_rules    of those, the ones asked only because a step hides the field from its handlers
    change        field ids that may be written at all, likewise
    """

    form: Form
    verbs: Mapping[str, Expression]
    see: frozenset[str]
    see_rules: Mapping[str, Expression]
    change: frozenset[str]
    change_rules: Mapping[str, Expression]
    step_rules: frozenset[str] = frozenset()

    def always(self, verb: str) -> bool:
        """Whether the verb is allowed on every record."""
        rule = self.verbs.get(verb)
        return rule is not None and rule.constant is True


@dataclass(frozen=True)
class RoleRights:
    """The rights of one set of roles, worked out per form when first asked."""

    catalog: Catalog
    roles: frozenset[str]
    system: bool
    _forms: dict[str, FormRights | None] = field(default_factory=dict)
    _seen: list[SeenDefinitions] = field(default_factory=list)

    def of(self, form_id: str) -> FormRights | None:
        """The rights on a form; None when the form is unknown or these roles may not see any of it."""
        if form_id not in self._forms:
            self._forms[form_id] = self._build(form_id)
        return self._forms[form_id]

    def seen(self) -> SeenDefinitions:
        """The definitions without what these roles may not see."""
        if not self._seen:
            see = {form_id: rights.see for form_id in self.catalog.forms if (rights := self.of(form_id)) is not None}
            self._seen.append(SeenDefinitions(seen_forms(self.catalog.forms, see), self.catalog.stage_sets))
        return self._seen[0]

    def _build(self, form_id: str) -> FormRights | None:
        reached = self._reach(form_id)
        if reached is None:
            return None
        form, (verbs, named) = self.catalog.forms[form_id], reached
        own = {
            name: rule
            for name, definition in fields_of(form)
            if (named is None or name in named) and (rule := self._rule(form, name, definition, "see"))
        }
        see = {name: self._unless_hidden(form, name, rule) for name, rule in own.items()}
        change = {
            name: rule
            for name, definition in fields_of(form)
            if name in see and not _is_computed(definition) and (rule := self._rule(form, name, definition, "change"))
        }
        return FormRights(
            form,
            verbs,
            frozenset(see) | SYSTEM_FIELDS,
            {name: rule for name, rule in see.items() if rule.constant is not True},
            frozenset(change),
            {name: rule for name, rule in change.items() if rule.constant is not True},
            frozenset(name for name, rule in see.items() if rule is not own[name] and own[name].constant is True),
        )

    def _reach(self, form_id: str) -> tuple[Mapping[str, Expression], frozenset[str] | None] | None:
        """The verbs on a form, and the only fields that may be seen (None: all); None when nothing of it may be."""
        form = self.catalog.forms.get(form_id)
        if form is None:
            return None
        verbs = _system_verbs() if self.system else _join_verbs(form, self.roles)
        if "see" in verbs:
            return verbs, None
        named = NAMED_BY_ALL.get(form_id)
        if named is not None:
            return {"see": TRUE}, frozenset(named)
        if workflows_of(self.catalog.workflows, form_id):
            return {**verbs, "see": FALSE}, None  # only the records whose approvals one handles
        return None

    def _unless_hidden(self, form: Form, name: str, rule: Expression) -> Expression:
        """The rule of a field, and hidden at no step that the reader handles: itself, or what it is computed from."""
        if self.system or not find_hidden(self.catalog.workflows, form, name):
            return rule
        word = Node("rule", Type("boolean"), value=f"{UNHIDDEN}{name}")
        return all_of(rule, Expression(f"{UNHIDDEN}{name}", word, frozenset(), frozenset({"rule"})))

    def _rule(self, form: Form, name: str, definition: Field, verb: str) -> Expression | None:
        if self.system:
            return TRUE
        own = _own_rule(definition.access, self.roles, verb)
        if "." in name:
            header = form.fields[name.split(".")[0]]
            own = _both(own, _own_rule(header.access, self.roles, verb))
        if own is None or definition.access is None or definition.discloses or verb == "change":
            return own
        for source_form, source_field in definition.access.inherited:
            own = _both(own, self._inherited(form, source_form, source_field))
        return own

    def _inherited(self, form: Form, source_form: str, source_field: str) -> Expression | None:
        """The source's rule; of another form's record it can only be yes or no, so a rule per record means no."""
        if source_form == form.id:
            source = dict(fields_of(form)).get(source_field)
            return TRUE if source is None else self._rule(form, source_field, source, "see")
        reached = self._reach(source_form)
        if reached is None:
            return None
        source = dict(fields_of(self.catalog.forms[source_form])).get(source_field)
        if source is None:
            return TRUE if source_field in SYSTEM_FIELDS | {""} else None
        if reached[1] is not None and source_field not in reached[1]:
            return None
        # only this field is asked: forms may well be computed from each other, fields never
        rule = self._rule(self.catalog.forms[source_form], source_field, source, "see")
        return TRUE if rule is not None and rule.constant is True else None


@dataclass(frozen=True, slots=True)
class ActorRights:
    """The rights of one person: what storage's queries ask for (`Rights`)."""

    person: int
    roles: RoleRights

    @property
    def in_flow(self) -> bool:
        """Whether these are the rights of a step: what an approval holds may be written with them."""
        return self.roles.system

    @property
    def key(self) -> Hashable:
        """Equal for all persons who hold the same roles."""
        return (self.roles.roles, self.roles.system)

    def of(self, form_id: str) -> FormRights:
        """The rights on a form; NotVisible when there are none."""
        rights = self.roles.of(form_id)
        if rights is None:
            raise NotVisible(form_id)
        return rights

    def see(self, form_id: str) -> Right | None:
        """What the person may read of a form, None = nothing."""
        rights = self.roles.of(form_id)
        if rights is None:
            return None
        return Right(form_id, rights.verbs["see"], rights.see, self.person, rights.see_rules)


@dataclass(frozen=True)
class AccessBook:
    """The rights of every set of roles met so far; one per catalog."""

    catalog: Catalog
    _roles: dict[tuple[frozenset[str], bool], RoleRights] = field(default_factory=dict)

    def rights(self, actor: Actor) -> ActorRights:
        """The rights of `actor`."""
        key = (actor.roles, actor.system)
        if key not in self._roles:
            self._roles[key] = RoleRights(self.catalog, actor.roles, actor.system)
        return ActorRights(actor.person, self._roles[key])


def fields_of(form: Form) -> Iterator[tuple[str, Field]]:
    """Every field of a form, those of its lines as "lines.price"."""
    for name, definition in form.fields.items():
        yield name, definition
        for inner_name, inner in definition.fields.items():
            yield f"{name}.{inner_name}", inner


def may_copy(uow: UnitOfWork, rights: ActorRights, source: str, path: Iterable[str], form_id: str, key: str) -> bool:
    """Whether the value at `path` of a `source` record may be copied into the field `key` of a form: what the actor
    may not read is copied only to where the actor may not read it either.
    """
    shown = rights.roles.of(form_id)
    return shown is None or key not in shown.see or _may_read(uow, rights, source, tuple(path))


def _may_read(uow: UnitOfWork, rights: ActorRights, form_id: str, path: tuple[str, ...]) -> bool:
    if not path:
        return True
    found = rights.roles.of(form_id)
    if found is None or path[0] not in found.see or path[0] in found.see_rules.keys() - found.step_rules:
        return False
    if path[0] in found.step_rules:
        hidden = find_hidden(rights.roles.catalog.workflows, found.form, path[0])
        if handles_hiding(uow, form_id, hidden, rights.person):
            return False
    definition = found.form.fields.get(path[0])
    return definition is None or not definition.to or _may_read(uow, rights, definition.to[0], path[1:])


def may(uow: UnitOfWork, rights: FormRights, verbs: Iterable[str], record_id: int, moment: Moment) -> bool:
    """Whether all of `verbs` are allowed on a stored record; at most one statement unless the answer is no."""
    rules = [rights.verbs.get(verb) for verb in verbs]
    if any(rule is None for rule in rules):
        return False
    joined = all_of(*(rule for rule in rules if rule is not None))
    if joined.constant is True or satisfies(uow, rights.form.id, record_id, joined, moment):
        return True
    return _as_collaborator(uow, set(verbs), rights, record_id, moment)


def may_differ(form: Form, rule: Expression, changed: frozenset[str]) -> bool:
    """Whether a rule may answer differently once `changed` fields of a record have changed.

    Rules over other rows or computed fields may always; else only when a field they read, or the owner, changes.
    """
    read = {form.owner, form.department} if "rule" in rule.volatile else set()
    for reference in rule.references:
        definition = form.fields.get(reference.path[0])
        if reference.rows is not None or definition is None or definition.formula is not None:
            return True
        read.add(definition.id)
    return bool(read & changed)


def require(uow: UnitOfWork, rights: FormRights, verb: str, record_id: int, moment: Moment) -> None:
    """Raises NotVisible when the record may not be seen, NotAllowed when it may be seen but `verb` is refused."""
    if may(uow, rights, ("see", verb), record_id, moment):
        return
    if verb != "see" and may(uow, rights, ("see",), record_id, moment):
        raise NotAllowed(refusal(verb))
    raise NotVisible(f"{rights.form.id}/{record_id}")


def refusal(verb: str) -> Problem:
    """The problem that says that `verb` is not allowed."""
    return Problem("R102", {"verb": verb})


def _as_collaborator(uow: UnitOfWork, verbs: set[str], rights: FormRights, record_id: int, moment: Moment) -> bool:
    if not verbs <= {"see", "change"} or moment.me is None:
        return False
    in_approval = verbs == {"see"} and bool(workflows_of(uow.catalog.workflows, rights.form.id))
    if in_approval and is_handler(uow, rights.form.id, record_id, moment.me):
        return True
    return is_collaborator(uow, rights.form.id, record_id, moment.me, may_change="change" in verbs)


def _system_verbs() -> Mapping[str, Expression]:
    return dict.fromkeys(("see", "create", "change", "delete", "export", "import", "assign"), TRUE)


def _join_verbs(form: Form, roles: frozenset[str]) -> Mapping[str, Expression]:
    verbs: dict[str, list[Expression]] = {}
    for role in sorted(roles):
        for verb, rule in form.access.rules.get(role, {}).items():
            verbs.setdefault(verb, []).append(rule)
    joined = {verb: any_of(*rules) for verb, rules in verbs.items()}
    return {verb: rule for verb, rule in joined.items() if rule.constant is not False}


def _is_computed(definition: Field) -> bool:
    """Whether nobody ever writes the field; what is computed once may be written afterwards."""
    return definition.formula is not None and definition.compute != "once"


def _own_rule(access: FieldAccess | None, roles: frozenset[str], verb: str) -> Expression | None:
    """The field's own rule: TRUE where it follows its form, None = never."""
    if access is None:
        return TRUE
    rules = (access.change or access.see) if verb == "change" else access.see
    if not rules or (ADMINISTRATOR in roles and ADMINISTRATOR not in rules):
        return TRUE
    held = [rule for role, rule in sorted(rules.items()) if role in roles]
    joined = any_of(*held) if held else None
    return None if joined is None or joined.constant is False else joined


def _both(left: Expression | None, right: Expression | None) -> Expression | None:
    return None if left is None or right is None else all_of(left, right)
