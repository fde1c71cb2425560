"""Stage sets: which field they serve, their stages and ends, how records move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from engine.catalog.forms import Choice
from engine.catalog.names import is_name
from engine.catalog.notes import Compiler, entries_of, flag_of, label_of, share_of, text_of, texts_of, words_of
from engine.catalog.scopes import FormScope
from engine.catalog.stages import Stage, StageSet, StageTask
from engine.catalog.world import World
from engine.problems import near_name
from engine.source.tree import Item, find_item
from engine.values import Label

_DONE = Decimal(1)


def draft_stages(world: World) -> None:
    """Fills `world.stage_sets` with sets without expressions, and the options of the stage fields."""
    found: dict[tuple[str, str], list[StageSet]] = {}
    for identifier, definition in world.of_kind("pipeline").items():
        target = _target(world, definition.item)
        if target is not None:
            found.setdefault(target, []).append(_draft_set(world, identifier, target, definition.item))
    for form in list(world.forms.values()):
        for field in form.fields.values():
            if field.type != "stage":
                continue
            sets = tuple(found.get((form.id, field.id), ()))
            if not sets:
                world.notes.add("C113", field.at, field=field.id, form=form.id)
            world.stage_sets[form.id, field.id] = sets
            choices = tuple(_choices(sets))
            fields = {**world.forms[form.id].fields, field.id: replace(field, choices=choices)}
            world.forms[form.id] = replace(world.forms[form.id], fields=fields)


def _choices(sets: tuple[StageSet, ...]) -> Iterator[Choice]:
    seen: set[str] = set()
    for stage in (stage for each in sets for stage in each.stages.values()):
        if stage.id not in seen:
            seen.add(stage.id)
            yield Choice(stage.id, stage.label, stage.color)


def _target(world: World, item: Item) -> tuple[str, str] | None:
    of = item.map["of"]
    form_id, _, field_id = of.text.rpartition(".")
    form = world.forms.get(form_id)
    field = form.fields.get(field_id) if form is not None else None
    if form is None or field is None or field.type != "stage":
        names = [
            f"{each.id}.{field.id}"
            for each in world.forms.values()
            for field in each.fields.values()
            if field.type == "stage"
        ]
        world.notes.add("C112", of.at, of=of.text, near=near_name(of.text, names))
        return None
    return form_id, field_id


def _draft_set(world: World, identifier: str, target: tuple[str, str], item: Item) -> StageSet:
    stages: dict[str, Stage] = {}
    for key in ("stages", "ends"):
        for name, entry in entries_of(item.map.get(key)):
            if not is_name(name):
                world.notes.add("C107", entry.place, name=name)
            elif name in stages:
                world.notes.add("C108", entry.place, name=name, other=name)
            else:
                stages[name] = _draft_stage(world, target[0], name, entry, len(stages))
    if not any(stage.outcome == "open" for stage in stages.values()):
        world.notes.add("C114", item.map["of"].at, set=identifier)
    reopen = find_item(item, ("moves", "reopen"))
    return StageSet(
        id=identifier,
        form=target[0],
        field=target[1],
        when=None,
        stages=stages,
        order=(text_of(item.map["moves"], "order") if "moves" in item.map else None) or "steps",
        reopen_from=tuple(_stage_names(world, identifier, stages, reopen, "from")),
        reopen_to=next(_stage_names(world, identifier, stages, reopen, "to"), None),
        reopen_who=tuple(_roles(world, reopen.map.get("who") if reopen is not None else None)),
        moved=dict(_moved(world, identifier, stages, item)),
        at=item.map["of"].at,
        label=label_of(item.map.get("label"), identifier.rpartition(".")[2]),
    )


def _stage_names(
    world: World, identifier: str, stages: dict[str, Stage], reopen: Item | None, key: str
) -> Iterator[str]:
    for word in words_of(reopen.map.get(key)) if reopen is not None else ():
        if word.text in stages:
            yield word.text
        else:
            world.notes.add("C115", word.at, stage=word.text, set=identifier, near=near_name(word.text, stages))


def _roles(world: World, who: Item | None) -> Iterator[str]:
    for entry in who.list if who is not None else ():
        role = entry.map["role"]
        if role.text not in world.roles:
            world.notes.add("C105", role.at, role=role.text, near=near_name(role.text, world.roles))
        yield role.text


def _moved(world: World, identifier: str, stages: dict[str, Stage], item: Item) -> Iterator[tuple[str, str]]:
    for old, entry in entries_of(item.map.get("moved")):
        if entry.text not in stages:
            world.notes.add("C115", entry.at, stage=entry.text, set=identifier, near=near_name(entry.text, stages))
        yield old, entry.text


def _draft_stage(world: World, form_id: str, name: str, item: Item, rank: int) -> Stage:
    outcome = text_of(item, "outcome") or "open"
    days, since = _stale(world, form_id, item.map.get("stale_after"))
    return Stage(
        id=name,
        label=label_of(item.map.get("label"), name),
        rank=rank,
        outcome=outcome,
        probability=_probability(world, item, outcome),
        stands_for=text_of(item, "stands_for"),
        at=item.place,
        color=text_of(item, "color"),
        tasks={task: _draft_task(task, entry) for task, entry in entries_of(item.map.get("tasks"))},
        requires=tuple(_required(world, form_id, item)),
        stale_after=days,
        stale_since=since,
        guidance=texts_of(item.map.get("guidance")),
        optional=flag_of(item, "optional"),
        was=text_of(item, "was"),
        who=tuple(_roles(world, item.map.get("who"))),
    )


def _draft_task(name: str, item: Item) -> StageTask:
    label: Label = label_of(item.map.get("label"), name)
    required = flag_of(item, "required", default=True)
    return StageTask(name, label, texts_of(item.map.get("help")), None, required, text_of(item, "was"))


def _required(world: World, form_id: str, item: Item) -> Iterator[str]:
    fields = world.forms[form_id].fields
    for word in words_of(item.map.get("requires")):
        if word.text in fields:
            yield word.text
        else:
            world.notes.unknown("C103", word, word.text, fields, form=form_id)


def _probability(world: World, item: Item, outcome: str) -> Decimal | None:
    written = item.map.get("probability")
    if written is None:
        return {"won": _DONE, "lost": Decimal(0), "void": Decimal(0), "cancelled": Decimal(0)}.get(outcome)
    share = share_of(written)
    if not isinstance(share, Decimal):
        world.notes.add("C126", written.at, value=written.text)
        return None
    return share


def _stale(world: World, form_id: str, item: Item | None) -> tuple[int | None, str | None]:
    """`14 days`, 14 or {days: 14, since: field}."""
    if item is None:
        return None, None
    if item.map:
        since, fields = item.map.get("since"), world.forms[form_id].fields
        if since is not None and since.text not in fields:
            world.notes.unknown("C103", since, since.text, fields, form=form_id)
        elif since is not None and fields[since.text].type not in ("date", "datetime"):
            world.notes.add("C122", since.at, name=since.text, expected="date, datetime")
        return int(item.map["days"].text), since.text if since is not None else None
    number, _, unit = item.text.partition(" ")
    if not number.isdigit() or unit not in ("", "day", "days", "天"):
        world.notes.add("C111", item.at, where="stale_after", reason=f"'{item.text}' ≠ 14 days")
        return None, None
    return int(number), None


def compile_stages(world: World) -> None:
    """Adds the conditions: of the set itself and of its tasks."""
    for key, sets in world.stage_sets.items():
        compiled = []
        for position, each in enumerate(sets):
            item = world.resolved.definitions[each.id].item
            compiler = Compiler(world.notes, FormScope(world, each.form))
            when = compiler.condition(item.map.get("when"))
            if when is None and position < len(sets) - 1 and "when" not in item.map:
                world.notes.add("C125", each.at, field=".".join(key))
            compiled.append(replace(each, when=when, stages=_with_tasks(each, item, compiler)))
        world.stage_sets[key] = tuple(compiled)


def _with_tasks(stages: StageSet, item: Item, compiler: Compiler) -> dict[str, Stage]:
    compiled = {}
    for stage in stages.stages.values():
        tasks = {}
        for task in stage.tasks.values():
            done_when = find_item(item, ("stages", stage.id, "tasks", task.id, "done_when"))
            tasks[task.id] = replace(task, done_when=compiler.condition(done_when))
        compiled[stage.id] = replace(stage, tasks=tasks)
    return compiled
