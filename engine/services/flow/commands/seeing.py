"""What you saw is what you approve: the differences of the fields a step shows, since the version that was shown."""

from __future__ import annotations

from dataclasses import replace

from engine.catalog.workflows import FieldRights, Step
from engine.problems import Change, Stale
from engine.runtime.work import Work
from engine.services.flow.handler_rights import HandlerRights
from engine.services.flow.running import Running
from engine.services.stale import net_changes


def require_fresh(running: Running, step: Step | None, rights: FieldRights, version: int | None) -> None:
    """Stale, with the differences, when what the step shows has changed since that version of the record.

    Hidden fields do not count, nor do fields that have their old value again. `stale: accept` asks for nothing.
    """
    if version is None or version == running.draft.version:
        return
    if step is not None and step.policies.stale == "accept":
        return
    changes = changes_since(running.work, running, rights, version)
    if changes:
        raise Stale(running.draft.version or version, changes)


def changes_since(work: Work, running: Running, rights: FieldRights, version: int) -> tuple[Change, ...]:
    """What has changed since a version of the record, in fields that a step with these rights shows."""
    with_rights = replace(work, rights=HandlerRights.at(work, running.stored.form, rights))
    return net_changes(with_rights, running.draft, version)
