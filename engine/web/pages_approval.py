"""Approvals as everybody meets them: starting one from a record, its page with log and picture, what one may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.catalog.forms import Form
from engine.problems import Conflict, NotAllowed, NotVisible, Problem, ProblemsFound
from engine.services.flow import commands, monitoring, stories
from engine.services.flow.picture import NARROW, WIDE
from engine.services.flow.views import Story
from engine.services.site import Actor, OpenCompany
from engine.web.answers import go_to, language
from engine.web.flow_words import FLOW_WORDS
from engine.web.ids import find_id
from engine.web.pages_record import record_with_problems
from engine.web.routes import Route
from engine.web.security import own_path
from engine.web.visit import fetch_form, note_once, visit

Act = Callable[[OpenCompany, Actor, int], object]
_PREFIX = "people."


def start(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """Starts a workflow on a record that is saved."""
    definition, current = fetch_form(app, form), visit()
    try:
        commands.start_workflow(
            current.company,
            current.actor,
            _workflow_of(definition),
            record_id,
            version=find_id(request.form.get("version", "")),
            key=request.form.get("key") or None,
            people=chosen_people(),
        )
    except (ProblemsFound, Conflict, NotAllowed) as refused:
        return record_with_problems(definition, record_id, problems_of(refused)), 422
    note_once("flow.submitted", title=request.form.get("title", ""))
    return go_to(url_for("record", app=app, form=form, record_id=record_id))


def _workflow_of(definition: Form) -> str:
    wanted = request.form.get("workflow", "")
    workflow = visit().company.catalog.workflows.get(wanted)
    if workflow is None or workflow.form != definition.id:
        raise NotVisible(wanted)
    return wanted


def chosen_people() -> Mapping[str, list[int]]:
    """Whom the form's inputs `people.<step>` choose."""
    chosen: dict[str, list[int]] = {}
    for name in request.form:
        if name.startswith(_PREFIX):
            found = [person for each in request.form.getlist(name) if (person := find_id(each)) is not None]
            if found:
                chosen[name.removeprefix(_PREFIX)] = found
    return chosen


def problems_of(refused: ProblemsFound | Conflict | NotAllowed) -> tuple[Problem, ...]:
    """What is wrong, whatever way it was said."""
    return tuple(refused.problems) if isinstance(refused, ProblemsFound) else (refused.problem,)


# --- one approval ----------------------------------------


def show_approval(instance_id: int) -> ResponseReturnValue:
    """The page of an approval: who has it, its log, its picture; for administrators what they may do."""
    return _page(instance_id)


def approval_with_problems(instance_id: int, problems: tuple[Problem, ...]) -> str:
    """The page with what went wrong at its top."""
    return _page(instance_id, problems)


def _page(instance_id: int, problems: tuple[Problem, ...] = ()) -> str:
    current = visit()
    story = stories.fetch_story(current.company, current.actor, instance_id)
    return render_template(
        "flow/approval.html",
        story=story,
        form=current.company.catalog.forms.get(story.instance.form),
        pictures=_pictures(instance_id),
        targets=monitoring.jump_targets(story),
        relatives=stories.fetch_relatives(current.company, current.actor, story),
        problems=[problem.message(language()) for problem in problems],
        **FLOW_WORDS,
    )


def _pictures(instance_id: int) -> tuple[object, object]:
    """For phones and for wider screens."""
    current = visit()
    narrow, wide = (
        stories.fetch_picture(current.company, current.actor, instance_id, language(), width)
        for width in (NARROW, WIDE)
    )
    return narrow, wide


def show_picture(instance_id: int) -> ResponseReturnValue:
    """The picture of an approval, for a dialog."""
    current = visit()
    story = stories.fetch_story(current.company, current.actor, instance_id)
    return render_template("flow/picture.html", story=story, pictures=_pictures(instance_id))


def act(instance_id: int, name: str) -> ResponseReturnValue:
    """Does one thing about an approval and leads back to where it was asked."""
    current = visit()
    done = _ACTS.get(name)
    if done is None:
        raise NotVisible(name)
    story = stories.fetch_story(current.company, current.actor, instance_id)
    try:
        done[0](current.company, current.actor, instance_id)
    except (ProblemsFound, Conflict, NotAllowed) as refused:
        return _page(instance_id, problems_of(refused)), 422
    note_once(done[1])
    return go_to(own_path(request.form.get("back"), _home_of(story)))


def _home_of(story: Story) -> str:
    return url_for("approval", instance_id=story.instance.id)


def _text() -> str | None:
    return request.form.get("opinion", "").strip()[:4000] or None


def _task() -> int:
    return find_id(request.form.get("task", "")) or 0


def _key() -> str | None:
    return request.form.get("key") or None


def _jump(company: OpenCompany, actor: Actor, instance_id: int) -> object:
    step = request.form.get("step", "")
    return commands.jump(company, actor, instance_id, step, opinion=_text(), key=_key())


def _pass_step(company: OpenCompany, actor: Actor, instance_id: int) -> object:
    step = request.form.get("step", "")
    return commands.pass_step(company, actor, instance_id, step, opinion=_text(), key=_key())


def _reassign(company: OpenCompany, actor: Actor, instance_id: int) -> object:
    to = find_id(request.form.get("to", ""))
    if to is None:
        raise ProblemsFound([Problem("R114", {"name": ""}, pointer="to")])
    return commands.reassign(company, actor, _task(), to, opinion=_text(), key=_key())


_ACTS: Mapping[str, tuple[Act, str]] = MappingProxyType(
    {
        "withdraw": (lambda c, a, i: commands.revoke(c, a, i, opinion=_text(), key=_key()), "flow.withdrawn"),
        "urge": (lambda c, a, i: commands.urge(c, a, i, text=_text(), key=_key()), "flow.urged"),
        "comment": (lambda c, a, i: commands.comment(c, a, i, _text() or "", key=_key()), "flow.commented"),
        "take_back": (lambda c, a, i: commands.take_back(c, a, _task(), key=_key()), "flow.taken_back"),
        "suspend": (lambda c, a, i: commands.suspend(c, a, i, opinion=_text(), key=_key()), "flow.done_suspend"),
        "resume": (lambda c, a, i: commands.resume(c, a, i, opinion=_text(), key=_key()), "flow.done_resume"),
        "retry": (lambda c, a, i: commands.retry(c, a, i, opinion=_text(), key=_key()), "flow.done_retry"),
        "terminate": (lambda c, a, i: commands.terminate(c, a, i, opinion=_text(), key=_key()), "flow.done_terminate"),
        "jump": (_jump, "flow.done_jump"),
        "pass_step": (_pass_step, "flow.done_pass_step"),
        "reassign": (_reassign, "flow.done_reassign"),
    }
)

ROUTES = (
    Route("/<company>/<app>/<form>/<int:record_id>/approval/start", "approval_start", start, ("POST",)),
    Route("/<company>/approvals/<int:instance_id>", "approval", show_approval),
    Route("/<company>/approvals/<int:instance_id>/picture", "approval_picture", show_picture),
    Route("/<company>/approvals/<int:instance_id>/<name>", "approval_act", act, ("POST",)),
)
