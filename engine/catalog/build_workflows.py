"""Approval workflows: read, compiled and checked against the forms they stand on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.catalog.build_steps import StepBuilder
from engine.catalog.forms import Choice, Field, Form
from engine.catalog.names import is_name
from engine.catalog.notes import entries_of, flag_of, label_of, text_of, whole_of, words_of
from engine.catalog.templates import compile_template
from engine.catalog.workflows import STATES, Policies, Start, Step, Workflow, walk_steps
from engine.catalog.world import World
from engine.expressions import compile_literal
from engine.expressions.nodes import Path, Type
from engine.problems import Location
from engine.source.resolved import Definition
from engine.source.tree import Item, find_item

_CHOICES = (
    Choice("draft", {"en": "Draft", "zh": "草稿"}, "grey"),
    Choice("running", {"en": "In approval", "zh": "审批中"}, "blue"),
    Choice("approved", {"en": "Approved", "zh": "已通过"}, "green"),
    Choice("rejected", {"en": "Rejected", "zh": "已驳回"}, "red"),
    Choice("revoked", {"en": "Withdrawn", "zh": "已撤回"}, "grey"),
    Choice("terminated", {"en": "Terminated", "zh": "已终止"}, "grey"),
)


def draft_states(world: World) -> None:
    """Gives every form with a workflow the field `state`, which follows its latest instance."""
    for identifier, definition in world.of_kind("workflow").items():
        item = definition.item
        form = world.forms.get(world.full_id(item.map["of"].text, identifier.partition(".")[0]))
        if form is None or not flag_of(item, "state", default=True):
            continue
        known = form.fields.get("state")
        if known is None:
            state = _state_field(item.map["of"].at)
            world.forms[form.id] = replace(form, fields={**form.fields, "state": state})
        elif known.choices != _CHOICES:
            world.notes.add("WF004", known.at, form=form.id)


def _state_field(at: Location) -> Field:
    return Field(
        "state",
        "choice",
        {"en": "Approval", "zh": "审批状态"},
        "state",
        at,
        choices=_CHOICES,
        default=compile_literal("draft", Type("choice", options=STATES)),
        read_only=compile_literal(value=True, type_=Type("boolean")),
        copy=False,
    )


def build_workflows(world: World) -> dict[str, Workflow]:
    """Every workflow by id; what is wrong is noted."""
    found = {}
    for identifier, definition in world.of_kind("workflow").items():
        workflow = build_workflow(world, definition)
        if workflow is not None:
            found[identifier] = workflow
    return found


def build_workflow(world: World, definition: Definition) -> Workflow | None:
    """One workflow; also one of an earlier state of the definitions, on the forms as they are now."""
    item = definition.item
    form = _form(world, definition.id, item)
    if form is None:
        return None
    builder = StepBuilder(world, form, Policies())
    usual = builder.policies(item.map.get("defaults") or Item({}, item.at), Policies())
    builder = StepBuilder(world, form, usual)
    title = item.map.get("title")
    steps = builder.steps(item.map.get("steps"))
    _check_names(world, steps)
    _check_renamed(world, steps, find_item(item, ("migrate", "map")))
    return Workflow(
        id=definition.id,
        form=form.id,
        label=label_of(item.map.get("label"), definition.id.partition(".")[2]),
        title=compile_template(world, form.id, title) if title is not None else None,
        start=_start(builder, item.map.get("start")),
        steps=steps,
        at=item.map["of"].at,
        admin=builder.who.people(item.map.get("admin")),
        revoke=text_of(item, "revoke") or "never",
        unique_active=tuple(_unique(world, form, item)),
        max_rounds=whole_of(item, "max_rounds", 30),
        outcomes={
            name: builder.effects(entry.map.get("effects")) for name, entry in entries_of(item.map.get("outcomes"))
        },
        sets_state=flag_of(item, "state", default=True),
        when=builder.compiler.condition(item.map.get("when")),
        digest=definition.digest,
        renamed={old: entry.text for old, entry in entries_of(find_item(item, ("migrate", "map")))},
        policies=usual,
    )


def _check_names(world: World, steps: tuple[Step, ...]) -> None:
    """Every step has a name of its own, wherever it stands; `start` is the start task's."""
    seen = {"start", "end", "previous", "any"}
    for step in walk_steps(steps):
        if step.name in seen:
            world.notes.add("WF003", step.at, name=step.name)
        seen.add(step.name)


def _check_renamed(world: World, steps: tuple[Step, ...], written: Item | None) -> None:
    """Where running approvals go is a step, the start, or behind the step."""
    targets = {"start", "skip", *(step.name for step in walk_steps(steps))}
    for old, entry in entries_of(written):
        if entry.text not in targets:
            world.notes.unknown("WF093", entry, entry.text, targets, old=old)


def _form(world: World, identifier: str, item: Item) -> Form | None:
    written = item.map["of"]
    form = world.forms.get(world.full_id(written.text, identifier.partition(".")[0]))
    if form is None:
        world.notes.unknown("C104", written, written.text, world.forms)
    if not is_name(identifier.partition(".")[2]):
        world.notes.add("C107", written.at, name=identifier)
    return form


def _start(builder: StepBuilder, item: Item | None) -> Start:
    if item is None:
        return Start()
    return Start(
        who=builder.who.people(item.map.get("who")),
        rights=builder.rights(item),
        checks=builder.checks(item.map.get("check")),
        effects=builder.effects(item.map.get("effects")),
        guard=tuple(_guards(builder, item)),
    )


def _guards(builder: StepBuilder, item: Item) -> Iterator[Path]:
    """The watched values: fields behind links. The record's own are held while the approval runs."""
    for word in words_of(item.map.get("guard")):
        if "." not in word.text:
            builder.world.notes.add("WF096", word.at, name=word.text)
        elif builder.compiler.expression(word) is not None:
            yield tuple(word.text.split("."))


def _unique(world: World, form: Form, item: Item) -> Iterator[str]:
    for word in words_of(item.map.get("unique_active")):
        if word.text not in form.fields:
            world.notes.unknown("C103", word, word.text, form.fields, form=form.id)
        yield word.text
