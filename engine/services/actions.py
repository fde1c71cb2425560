"""The buttons of a record: which are offered, and what they do with the rights of whoever presses them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

from engine.catalog.forms import Action, Field, Form
from engine.catalog.workflows import workflows_of
from engine.problems import NotAllowed, NotVisible, Problem, ProblemsFound
from engine.runtime.access import FormRights, refusal, require
from engine.runtime.actors import Actor
from engine.runtime.dependents import draft_of
from engine.runtime.drafts import Draft
from engine.runtime.evaluation import action_lines, action_values, holds, readable
from engine.runtime.journal import to_wire
from engine.runtime.parsing import parse_field
from engine.runtime.work import Work
from engine.services.flow.carrying_out import carry_out
from engine.services.flow.commands.following import finish_moves, start_on
from engine.services.flow.record_alone import RecordAlone
from engine.services.flow.saving_moves import save_moving
from engine.services.one_record import fetch_view
from engine.services.saving import Given, save_one
from engine.services.site import OpenCompany
from engine.services.views_of_pages import ActionOffer, ActionResult
from engine.services.views_of_records import RecordView
from engine.storage.handlers import Hold, fetch_holds
from engine.storage.records import fetch_system_rows
from engine.values import empty, is_empty

NEVER_COPIED = frozenset({"serial", "stage", "file", "image", "signature"})


def list_actions(company: OpenCompany, actor: Actor, view: RecordView) -> tuple[ActionOffer, ...]:
    """The actions of a record that the actor's roles allow; `enabled` tells whether their condition holds now, and no
    approval keeps what they would change.
    """
    if view.id is None or not view.form.actions:
        return ()
    with company.reading(actor) as work:
        draft = _draft(work, view.form.id, view.id, lock=False)
        offered = [each for each in view.form.actions.values() if _may_use(work, view.form, each, view.may)]
        hold = _hold(work, view.form.id, view.id, offered)
        return tuple(ActionOffer(each, holds(work, draft, each.when) and not _is_held(each, hold)) for each in offered)


def run_action(
    company: OpenCompany,
    actor: Actor,
    form_id: str,
    record_id: int,
    action_id: str,
    asked: Mapping[str, object] = empty(),
) -> ActionResult:
    """Do it: R105 when its condition does not hold, NotVisible when there is no such action for the actor."""

    def run() -> ActionResult:
        with company.writing(actor, "action") as work:
            view = fetch_view(work, form_id, record_id, page=False)
            action = view.form.actions.get(action_id)
            if action is None or not _may_use(work, view.form, action, view.may):
                raise NotVisible(f"{form_id}/{record_id}/{action_id}")
            answers = _answers(action, asked)
            work.moment = replace(work.moment, asked=answers)
            draft = _draft(work, form_id, record_id, lock=action.kind in ("sets", "starts", "runs"))
            _require_answers(work, draft, action, answers)
            if not holds(work, draft, action.when):
                raise ProblemsFound([Problem("R105", {"name": action.label})])
            if action.kind == "creates":
                return ActionResult(opens=(action.creates or "", _opening(work, draft, action, view)))
            if action.kind == "duplicate":
                return ActionResult(opens=(form_id, _copy(work, draft)))
            if action.kind == "starts":
                started = start_on(company, work, action.starts or "", record_id)
                finish_moves(company, work)
                return ActionResult(saved=_seen_after(work, draft), started=started)
            if action.kind == "runs":
                return _run(company, work, draft, action, answers)
            return _set(company, work, draft, action)

    return company.again(run)


def link_back(work: Work, origin: tuple[str, int, str], created: int) -> None:
    """Set the link that the action `origin` (form, record, action) keeps to the record made from it."""
    form_id, record_id, action_id = origin
    action = work.form(form_id).actions.get(action_id)
    if action is None or action.back is None:
        return
    require(work.uow, work.form_rights(form_id), "see", record_id, work.moment)
    draft = _draft(work, form_id, record_id, lock=True)
    if is_empty(draft.values.get(action.back)):
        save_one(work, form_id, Given(record_id, {action.back: created}))


def _hold(work: Work, form_id: str, record_id: int, offered: Iterable[Action]) -> Hold | None:
    """What an approval holds; nothing is read where no action changes the record or no approval could hold it."""
    changing = any(each.kind in ("sets", "starts", "runs") for each in offered)
    if not changing or not workflows_of(work.catalog.workflows, form_id):
        return None
    return fetch_holds(work.uow, form_id, [record_id]).get(record_id)


def _is_held(action: Action, hold: Hold | None) -> bool:
    """Whether the action would be refused because of an approval."""
    if hold is None:
        return False
    if action.kind == "starts":
        return hold.running
    names = [name for name in action.values if "." not in name] if action.kind == "sets" else []
    if action.kind == "runs":
        names = [name for each in action.runs if each.kind == "set" for name in each.values]
    return any(hold.holds(name) for name in names)


def _may_use(work: Work, form: Form, action: Action, may: frozenset[str]) -> bool:
    if action.who and not work.actor.is_administrator and work.actor.roles.isdisjoint(action.who):
        return False
    if action.kind == "sets":
        own = [name for name in action.values if "." not in name]
        return not own or "change" in may or "assign" in may
    if action.kind == "starts":
        return _may_start(work, action)
    if action.kind == "runs":
        return "change" in may
    target = work.rights.roles.of(action.creates or "" if action.kind == "creates" else form.id)
    return target is not None and "create" in target.verbs


def _may_start(work: Work, action: Action) -> bool:
    """Whether the actor could be one of those who may start: told by roles alone, the rest is asked on starting."""
    who = work.catalog.workflows[action.starts or ""].start.who
    return not who or any(each.kind != "role" or each.name in work.actor.roles for each in who)


def _draft(work: Work, form_id: str, record_id: int, *, lock: bool) -> Draft:
    stored = fetch_system_rows(work.uow, form_id, [record_id], lock=lock).get(record_id)
    if stored is None or stored.deleted_at is not None:
        raise NotVisible(f"{form_id}/{record_id}")
    return draft_of(work, form_id, stored)


def _answers(action: Action, asked: Mapping[str, object]) -> dict[str, object]:
    """The answers to what the action asks, as Python values; all problems at once."""
    answers: dict[str, object] = {}
    problems: list[Problem] = []
    for name, definition in action.asks.items():
        try:
            answers[name] = parse_field(definition, asked.get(name))
        except ProblemsFound as found:
            problems += [replace(problem, pointer=f"asked/{name}") for problem in found.problems]
    if problems:
        raise ProblemsFound(problems)
    return answers


def _require_answers(work: Work, draft: Draft, action: Action, answers: Mapping[str, object]) -> None:
    """V101 for every answer that is missing although the record, or another answer, asks for it."""
    missing = [
        Problem("V101", {"label": each.label}, pointer=f"asked/{name}")
        for name, each in action.asks.items()
        if each.required is not None and is_empty(answers[name]) and holds(work, draft, each.required)
    ]
    if missing:
        raise ProblemsFound(missing)


def _opening(work: Work, draft: Draft, action: Action, view: RecordView) -> dict[str, object]:
    """The wire values of the form that an action opens: what the actor may read here and write there."""
    target = work.form_rights(action.creates or "")
    hidden = frozenset(draft.program.form.fields) - work.form_rights(draft.program.form.id).see | view.unseen
    given: dict[str, object] = {}
    for name, value in action_values(work, draft, action).items():
        if name in target.change and name in target.form.fields and readable(action.values[name], hidden):
            given[name] = to_wire(target.form.fields[name], value)
    for name, rows in action_lines(work, draft, action).items():
        if name in target.change:
            given[name] = [_row(target, name, row) for row in rows]
    return {name: value for name, value in given.items() if value is not None}


def _row(target: FormRights, lines: str, row: Mapping[str, Any]) -> dict[str, object]:
    fields = target.form.fields[lines].fields
    mine = {name: value for name, value in row.items() if name in fields and f"{lines}.{name}" in target.change}
    wired = {name: to_wire(fields[name], value) for name, value in mine.items()}
    return {name: value for name, value in wired.items() if value is not None and fields[name].formula is None}


def _copy(work: Work, draft: Draft) -> dict[str, object]:
    """The wire values of a duplicate: what the actor may see and write, without numbers, stages and files."""
    rights = work.form_rights(draft.program.form.id)
    given: dict[str, object] = {}
    for name, definition in draft.program.form.fields.items():
        if name not in rights.change or name in rights.see_rules or not _is_copied(definition):
            continue
        if definition.type == "lines":
            names = [inner for inner, each in definition.fields.items() if _is_copied(each)]
            given[name] = [_row(rights, name, {inner: row.get(inner) for inner in names}) for row in draft.rows(name)]
        else:
            given[name] = to_wire(definition, draft.values.get(name))
    return {name: value for name, value in given.items() if value is not None}


def _is_copied(definition: Field) -> bool:
    return definition.copy and definition.formula is None and definition.type not in NEVER_COPIED


def _run(company: OpenCompany, work: Work, draft: Draft, action: Action, answers: Mapping[str, object]) -> ActionResult:
    """Carry out effects with the rights of whoever pressed the button."""
    form_id, record_id = draft.program.form.id, draft.record_id or 0
    begin = partial(start_on, company, work)
    key = f"action:{form_id}:{record_id}:{action.id}:{uuid4().hex}"
    acting = RecordAlone(work, company.flows.closures, work.actor, form_id, record_id, key, answers, begin)
    carry_out(acting, action.runs, action.label)
    finish_moves(company, work)
    return ActionResult(saved=_seen_after(work, draft))


def _seen_after(work: Work, draft: Draft) -> RecordView:
    """The record as the actor may see it now; one handed over may be out of sight."""
    try:
        return fetch_view(work, draft.program.form.id, draft.record_id or 0, page=False)
    except NotVisible:
        return RecordView(draft.program.form, draft.record_id, draft.version, f"#{draft.record_id}", {})


def _set(company: OpenCompany, work: Work, draft: Draft, action: Action) -> ActionResult:
    """Save what the action sets, here and behind links, in one transaction: each with all its gates."""
    form_id, record_id = draft.program.form.id, draft.record_id or 0
    found = action_values(work, draft, action)
    own = _wired(work, draft.program.form, {name: value for name, value in found.items() if "." not in name})
    if own:
        save_moving(company, work, form_id, Given(record_id, own))
    for link in sorted({name.split(".")[0] for name in found if "." in name}):
        behind = {name: value for name, value in found.items() if name.startswith(f"{link}.")}
        _set_behind(company, work, draft, link, behind)
    return ActionResult(saved=fetch_view(work, form_id, record_id, page=False))


def _set_behind(company: OpenCompany, work: Work, draft: Draft, link: str, values: Mapping[str, object]) -> None:
    target_id = draft.values.get(link)
    target = work.form(draft.program.form.fields[link].to[0])
    if not isinstance(target_id, int):
        raise ProblemsFound([Problem("V101", {"label": draft.program.form.fields[link].label}, pointer=link)])
    if "change" not in work.form_rights(target.id).verbs:
        raise NotAllowed(refusal("change"))
    written = _wired(work, target, {_rest(name): value for name, value in values.items()})
    save_moving(company, work, target.id, Given(target_id, written))


def _rest(name: str) -> str:
    return name.partition(".")[2]


def _wired(work: Work, form: Form, values: Mapping[str, object]) -> dict[str, object]:
    return {name: to_wire(form.fields[name], value) for name, value in values.items() if name in form.fields}
