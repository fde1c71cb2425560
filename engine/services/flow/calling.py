"""Steps that call other workflows: one instance for every record that is called, waited for or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from engine.catalog.catalog import Catalog
from engine.catalog.workflows import Step, Workflow
from engine.problems import Conflict, NotVisible, Problem, ProblemsFound
from engine.runtime.flow.surroundings import RowValues, Values
from engine.runtime.flow.votes import APPROVED, REJECTED
from engine.services.flow.acting import fetch_draft
from engine.services.flow.carrying_out import problems_of, write_record
from engine.services.reading import fetch_title_map
from engine.storage.flow_children import Child, fetch_children
from engine.storage.flows import RUNNING

if TYPE_CHECKING:
    from engine.services.flow.running import Running


def open_call(running: Running, step: Step, visit: int) -> str | None:
    """Start the called workflow on every record that the step leads to: approved where nothing is waited for."""
    targets = dict(_targets(running, step))
    if len(targets) > step.most:
        raise ProblemsFound([Problem("A174", {"step": step.label, "count": len(targets), "most": step.most})])
    form_id = called_workflow(running.system.catalog, step.calls).form
    for record_id, around in targets.items():
        values = {name: running.closures.of(each)(around, running.moment) for name, each in step.given.items()}
        try:
            if values:
                write_record(running, form_id, record_id, values)
            running.begin_other(step.calls, record_id, visit)
        except (ProblemsFound, Conflict, NotVisible) as found:
            raise _failed(running, step, record_id, found) from found
    running.log("call", step=step.name, details={"count": len(targets)})
    if step.wait_for == "none" or not targets:
        return APPROVED
    return ask_called(running, step, visit)


def called_workflow(catalog: Catalog, name: str) -> Workflow:
    """A workflow as it is now; A176 when it has been removed since somebody else began to rely on it."""
    found = catalog.workflows.get(name)
    if found is None:
        raise ProblemsFound([Problem("A176", {"workflow": name})])
    return found


def _failed(
    running: Running, step: Step, record_id: int, found: ProblemsFound | Conflict | NotVisible
) -> ProblemsFound:
    """Why a record cannot be called, with what it is called."""
    form_id = running.system.catalog.workflows[step.calls].form
    title = fetch_title_map(running.system, form_id, [record_id]).get(record_id, f"#{record_id}")
    reason = {language: " ".join(each.message(language) for each in problems_of(found)) for language in ("en", "zh")}
    return ProblemsFound([Problem("A175", {"step": step.label, "title": title, "reason": reason})])


def ask_called(running: Running, step: Step, visit: int) -> str | None:
    """What the called instances have come to: approved or rejected, None while they are waited for."""
    children = fetch_children(running.work.uow, running.stored.id, [visit])
    outcome = _outcome(step, children)
    if outcome is not None:
        close_called(running, children)
    if outcome == APPROVED and step.taken:
        _take(running, step, [child for child in children if child.state == APPROVED])
    return outcome


def close_called(running: Running, children: Sequence[Child]) -> None:
    """Nobody waits for them any more: those that still go on are terminated."""
    for child in children:
        if child.state == RUNNING:
            running.end_other(child.id)


def _outcome(step: Step, children: Sequence[Child]) -> str | None:
    """all: everybody has ended, but the first refusal is enough where refusals count. any: the first approval."""
    going = any(child.state == RUNNING for child in children)
    approved = any(child.state == APPROVED for child in children)
    refused = any(child.state not in (RUNNING, APPROVED) for child in children)
    refusals_count = step.on_reject != "continue"
    if step.wait_for == "any":
        if approved or (refused and not refusals_count):
            return APPROVED
        return None if going else REJECTED
    if refused and refusals_count:
        return REJECTED
    return None if going else APPROVED


def _targets(running: Running, step: Step) -> Iterator[tuple[int, Values]]:
    """The records that are called, each with what the step's values are evaluated on."""
    record = running.values
    around: list[Values] = [record]
    if step.rows:
        around = [RowValues(row, record) for row in record.rows(step.rows)]
    if step.rows and not step.target:  # a related list shows the newest first; they are called in the order of making
        around.sort(key=_record_of)
    for each in around:
        target = each.value(step.target or ("this",))
        found = target if isinstance(target, tuple) and not (target and isinstance(target[0], str)) else (target,)
        for one in found:
            if isinstance(one, int):
                yield one, each


def _record_of(row: Values) -> int:
    found = row.value(("this",))
    return found if isinstance(found, int) else 0


def _take(running: Running, step: Step, children: Sequence[Child]) -> None:
    """Bring back what the step takes from the called records, in the order in which they were called."""
    form_id, values = called_workflow(running.system.catalog, step.calls).form, {}
    for child in children:
        called = fetch_draft(running.system, form_id, child.record_id).read(running.system.links)
        values = {name: running.closures.of(each)(called, running.moment) for name, each in step.taken.items()}
    if values:
        write_record(running, running.form_id, running.record_id, values)
