"""Access rules: by role and verb, with the usual defaults; of forms and of fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.catalog.access import ADMINISTRATOR, VERBS, FieldAccess, FormAccess
from engine.catalog.notes import BOOLEAN, Compiler, entries_of
from engine.catalog.scopes import FormScope
from engine.catalog.world import World
from engine.expressions import all_of, compile_literal
from engine.expressions.nodes import Expression
from engine.problems import near_name
from engine.source.tree import Item


def build_form_access(world: World, form_id: str, item: Item | None) -> FormAccess:
    """The rules of a form; roles that are not named may nothing, the administrator everything."""
    compiler = Compiler(world.notes, FormScope(world, form_id, access=True))
    rules: dict[str, Mapping[str, Expression]] = {}
    for role, entry in entries_of(item):
        if not _known(world, role, entry):
            continue
        rules[role] = _with_defaults(dict(_verbs(compiler, entry)))
    always = compile_literal(value=True, type_=BOOLEAN)
    everything = dict.fromkeys(VERBS, always)
    rules[ADMINISTRATOR] = {**everything, **rules.get(ADMINISTRATOR, {})}
    return FormAccess(rules)


def _known(world: World, role: str, entry: Item) -> bool:
    if role in world.roles:
        return True
    world.notes.add("C105", entry.place, role=role, near=near_name(role, world.roles))
    return False


def _verbs(compiler: Compiler, entry: Item) -> Iterator[tuple[str, Expression]]:
    if not entry.map:
        for verb in VERBS:
            rule = compile_rule(compiler, entry)
            if rule is not None:
                yield verb, rule
        return
    for verb, written in entry.map.items():
        rule = compile_rule(compiler, written)
        if rule is not None:
            yield verb, rule


def _with_defaults(rules: dict[str, Expression]) -> Mapping[str, Expression]:
    """Decision 26: export as see, import as create and change, assign as change. Never = absent."""
    if "see" in rules:
        rules.setdefault("export", rules["see"])
    if "create" in rules and "change" in rules:
        rules.setdefault("import", all_of(rules["create"], rules["change"]))
    if "change" in rules:
        rules.setdefault("assign", rules["change"])
    return {verb: rule for verb, rule in rules.items() if rule.constant is not False}


def compile_rule(compiler: Compiler, item: Item) -> Expression | None:
    """One rule; the word department alone means the reader's departments, not a field."""
    if isinstance(item.value, str) and item.value.strip() == "department":
        return compiler.text("same_department", item.at, "boolean")
    return compiler.condition(item)


def build_field_access(world: World, form_id: str, item: Item | None) -> FieldAccess | None:
    """The rules of one field, None when it has none of its own."""
    if item is None:
        return None
    compiler = Compiler(world.notes, FormScope(world, form_id, access=True))
    see = dict(_roles(world, compiler, item.map.get("see")))
    change = dict(_roles(world, compiler, item.map.get("change")))
    return FieldAccess(see=_with_administrator(see), change=_with_administrator(change))


def _with_administrator(rules: dict[str, Expression]) -> Mapping[str, Expression]:
    return (
        {**rules, ADMINISTRATOR: rules.get(ADMINISTRATOR, compile_literal(value=True, type_=BOOLEAN))} if rules else {}
    )


def _roles(world: World, compiler: Compiler, item: Item | None) -> Iterator[tuple[str, Expression]]:
    if item is None:
        return
    for word in item.list:
        if word.text in world.roles:
            yield word.text, compile_literal(value=True, type_=BOOLEAN)
        else:
            world.notes.add("C105", word.at, role=word.text, near=near_name(word.text, world.roles))
    for role, entry in entries_of(item):
        rule = compile_rule(compiler, entry) if _known(world, role, entry) else None
        if rule is not None and rule.constant is not False:
            yield role, rule
