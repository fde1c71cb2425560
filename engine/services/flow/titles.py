"""What instances and their tasks are called."""

from __future__ import annotations

from engine.catalog.forms import Form, Template
from engine.catalog.hiding import find_hidden
from engine.catalog.workflows import Workflow
from engine.runtime.actors import SYSTEM
from engine.runtime.flow.surroundings import ClosureBook, Path
from engine.runtime.work import Work
from engine.services.flow.record_alone import RecordAlone
from engine.services.flow.telling import template_text


def title_of(system: Work, workflow: Workflow, record_id: int) -> str:
    """The workflow's title, else the record's, filled as everybody who handles it may read it: without what some step
    hides, or what has rights of its own.
    """
    form = system.catalog.forms[workflow.form]
    template = workflow.title or form.title
    parts = tuple(part for part in template.parts if isinstance(part, str) or _is_open(system, form, part))
    acting = RecordAlone(system, ClosureBook(), SYSTEM, form.id, record_id, "")
    return template_text(acting, Template("", parts), system.catalog.company.language) or f"#{record_id}"


def _is_open(system: Work, form: Form, path: Path) -> bool:
    definition = form.fields.get(path[0])
    withheld = definition is not None and definition.access is not None
    return not withheld and not find_hidden(system.catalog.workflows, form, path[0])
