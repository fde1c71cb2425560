"""What a text must not tell somebody: values of fields with rights of their own, and what their step hides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.catalog.forms import Form, Template
from engine.catalog.hiding import find_hidden
from engine.runtime.access import FormRights, RoleRights
from engine.runtime.actors import Actor
from engine.runtime.flow.surroundings import Path
from engine.runtime.programs import link_target
from engine.runtime.work import Work
from engine.services.flow.acting import Acting
from engine.services.moments import moment_for
from engine.storage.lookups import which_hold


def withheld_from(
    acting: Acting, templates: Iterable[Template], people: Sequence[int]
) -> Mapping[frozenset[Path], Sequence[int]]:
    """The people, by the paths of the templates that they may not read. Nothing is asked where no field has rights of
    its own and no step hides any: a text tells what its author put in, whoever sees the record.
    """
    paths = {part for template in templates for part in template.parts if not isinstance(part, str)}
    narrow = {path for path in paths if _is_narrow(acting.system, acting.form_id, path)}
    if not narrow:
        return {frozenset(): people}
    found: dict[frozenset[Path], list[int]] = {}
    for person in people:
        found.setdefault(_refused(acting, narrow, person), []).append(person)
    return found


def without(template: Template, hidden: frozenset[Path]) -> Template:
    """The template without these values."""
    parts = tuple(part for part in template.parts if isinstance(part, str) or part not in hidden)
    return Template(template.text, parts)


def _is_narrow(work: Work, form_id: str, path: Path) -> bool:
    """Whether some readers of the records may not read the value at a path."""
    form = work.catalog.forms[form_id]
    definition = form.fields.get(path[0])
    if definition is None:
        return False
    if definition.access is not None or find_hidden(work.catalog.workflows, form, path[0]):
        return True
    return len(path) > 1 and len(definition.to) == 1 and _is_narrow(work, link_target(definition), path[1:])


def _refused(acting: Acting, paths: Iterable[Path], person: int) -> frozenset[Path]:
    found = acting.organisation.people[person]
    work, actor = acting.system, Actor(person, found.name, found.login, found.roles, "", found.department)
    roles = RoleRights(work.catalog, found.roles, system=False)
    own = _seen_here(acting, roles.of(acting.form_id), {path[0] for path in paths}, actor)
    form = work.catalog.forms[acting.form_id]
    return frozenset(path for path in paths if path[0] not in own or not _seen_there(work, roles, form, path))


def _seen_here(acting: Acting, rights: FormRights | None, names: set[str], actor: Actor) -> set[str]:
    """Which of the record's own fields the person sees on it."""
    work = acting.system
    fields = work.catalog.forms[acting.form_id].fields
    if rights is None:
        return {name for name in names if name not in fields or fields[name].access is None}
    rules = {name: rights.see_rules[name] for name in names & rights.see_rules.keys()}
    moment = moment_for(work.uow, actor)
    held = which_hold(work.uow, acting.form_id, acting.record_id, rules, moment) if rules else frozenset()
    refused = {name for name in names if name not in rights.see or (name in rules and name not in held)}
    return names - {name for name in refused if name in fields}


def _seen_there(work: Work, roles: RoleRights, form: Form, path: Path) -> bool:
    """Whether what lies behind the link may be read by these roles, as far as it has rights of its own."""
    if len(path) == 1:
        return True
    definition = form.fields.get(path[0])
    if definition is None or len(definition.to) != 1:
        return True
    target = work.catalog.forms[link_target(definition)]
    behind, rights = target.fields.get(path[1]), roles.of(target.id)
    own = behind is not None and behind.access is not None
    if own and (rights is None or path[1] not in rights.see or path[1] in rights.see_rules):
        return False
    return _seen_there(work, roles, target, path[1:])
