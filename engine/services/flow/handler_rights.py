"""What somebody who handles a task may read and write of the record: exactly what the step says."""

from __future__ import annotations

from dataclasses import dataclass

from engine.catalog.hiding import tells
from engine.catalog.workflows import FieldRights
from engine.runtime.access import TRUE, ActorRights, FormRights
from engine.runtime.work import Work
from engine.values import empty


@dataclass(frozen=True, slots=True)
class HandlerRights(ActorRights):
    """The rights of somebody who handles a task: on its form, exactly what the step says."""

    form_id: str
    handler: FormRights

    @classmethod
    def at(cls, work: Work, form_id: str, rights: FieldRights) -> HandlerRights:
        """The rights at a step with these field rights."""
        system = work.catalog.forms[form_id]
        keys = set(system.fields)
        inner = {f"{name}.{each}" for name, field in system.fields.items() for each in field.fields}
        hidden = {key for key in keys | inner if tells(system, key, frozenset(rights.hide))}
        edit = {key for key in keys | inner if key in rights.edit or key.split(".")[0] in rights.edit}
        # a column of lines is written through its lines
        edit |= {key.split(".")[0] for key in rights.edit}
        verbs = {"see": TRUE, "change": TRUE}
        see = frozenset(keys | inner) - hidden
        handler = FormRights(system, verbs, see, empty(), frozenset(edit) & see, empty())
        return cls(work.rights.person, work.rights.roles, form_id, handler)

    @property
    def in_flow(self) -> bool:
        """Whoever handles a task writes what the approval holds."""
        return True

    def of(self, form_id: str) -> FormRights:
        """The rights on a form."""
        return self.handler if form_id == self.form_id else ActorRights.of(self, form_id)
