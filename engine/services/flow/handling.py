"""Whether somebody has to do with the approvals of a form: then its pages may be opened without any other right."""

from __future__ import annotations

from engine.catalog.workflows import workflows_of
from engine.runtime.actors import Actor
from engine.services.site import OpenCompany
from engine.storage.handlers import handles_any


def may_handle(company: OpenCompany, actor: Actor, form_id: str) -> bool:
    """Whether the actor started, handles, has handled or got a copy of any approval of the form.

    No statement for forms without workflows.
    """
    if not workflows_of(company.catalog.workflows, form_id) or actor.id is None:
        return False
    with company.reading(actor) as work:
        return handles_any(work.uow, form_id, actor.id)
