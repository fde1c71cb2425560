"""Values behind links that nobody else may change while an approval is going to write there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.problems import Problem
from engine.services.flow.acting import Incident
from engine.storage.records import lock_owners
from engine.storage.titles import field_at

if TYPE_CHECKING:
    from engine.services.flow.running import Running


def watch(running: Running) -> None:
    """Keep the values as they are now: when the approval starts, is handed in again, or somebody has looked."""
    if running.workflow.start.guard:
        running.keep_facts(guard=list(_values(running)))


def check_watched(running: Running, form_id: str, record_id: int) -> None:
    """Incident when a watched value of a record is another one than it was; the record is locked first."""
    watched = _of(running, form_id, record_id)
    if not watched:
        return
    lock_owners(running.work.uow, form_id, [record_id])
    running.system.links.forget(form_id, record_id)
    for each in watched:
        now = _text(running.system.links.value(form_id, record_id, (each["path"][-1],)))
        if now != each["value"]:
            path = tuple(each["path"])
            form = running.system.catalog.forms[running.form_id]
            field = field_at(running.system.catalog, form, path)
            label = field.label if field is not None else ".".join(path)
            raise Incident(Problem("A124", {"label": label, "before": each["value"] or "", "after": now or ""}))


def rewatch(running: Running, form_id: str, record_id: int) -> None:
    """The approval itself has written a record: from now on its values count as they are."""
    if not _of(running, form_id, record_id):
        return
    running.system.links.forget(form_id, record_id)
    kept = []
    for each in running.stored.facts.get("guard", ()):
        mine = (each["form"], each["id"]) == (form_id, record_id)
        value = _text(running.system.links.value(form_id, record_id, (each["path"][-1],))) if mine else each["value"]
        kept.append({**each, "value": value})
    running.keep_facts(guard=kept)


def _of(running: Running, form_id: str, record_id: int) -> list[dict[str, Any]]:
    watched = running.stored.facts.get("guard", ())
    return [each for each in watched if (each["form"], each["id"]) == (form_id, record_id)]


def _values(running: Running) -> Iterator[dict[str, Any]]:
    """Every watched value, with the record that holds it now."""
    values, catalog = running.values, running.system.catalog
    for path in running.workflow.start.guard:
        holder = values.value(path[:-1])
        link = field_at(catalog, catalog.forms[running.form_id], path[:-1])
        form_id = link.to[0] if link is not None and link.to else ""
        if isinstance(holder, tuple) and len(holder) == 2:
            form_id, holder = str(holder[0]), holder[1]
        if isinstance(holder, int):
            yield {"path": list(path), "form": form_id, "id": holder, "value": _text(values.value(path))}


def _text(value: object) -> str | None:
    return None if value is None or value == () else str(value)
