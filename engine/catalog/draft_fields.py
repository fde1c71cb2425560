"""Fields without their expressions: types, properties, options, targets, limits."""

from __future__ import annotations

from collections.abc import Mapping

from engine.catalog.choice_lists import build_choices
from engine.catalog.field_types import FIELD_TYPES, FieldType
from engine.catalog.field_types.dates import parse_day
from engine.catalog.field_types.links import LinksType, LinkType
from engine.catalog.field_types.numbers import NumberType, parse_number
from engine.catalog.forms import Choice, Field
from engine.catalog.names import ENTERED, RESERVED, folded, is_name, safe_column, safe_suffix
from engine.catalog.notes import flag_of, label_of, text_of, texts_of, whole_of, words_of
from engine.catalog.world import World
from engine.problems import near_name
from engine.source.resolved import Definition
from engine.source.tree import Item, find_item
from engine.values import Label, empty

_ALIASES: Mapping[str, str] = {
    "bool": "boolean", "checkbox": "boolean", "switch": "boolean", "string": "text", "str": "text", "varchar": "text",
    "textarea": "long_text", "html": "rich_text", "int": "integer", "decimal": "number", "float": "number",
    "currency": "money", "amount": "money", "select": "choice", "enum": "choice", "dropdown": "choice",
    "multiselect": "choices",
    "person": "user", "people": "users", "dept": "department", "reference": "link",
    "relation": "link", "many2one": "link", "many2many": "links", "table": "lines", "subform": "lines",
    "attachment": "file", "picture": "image", "photo": "image", "timestamp": "datetime", "tel": "phone",
}  # fmt: skip
_NOT_WITH_FORMULA = ("required", "default", "fill", "fixed", "read_only")
_NOT_IN_LINES = ("lines", "stage")
_OWN_TABLE = ("lines", "links", "users", "departments")


def draft_fields(world: World, form_id: str, item: Item | None, *, in_lines: bool = False) -> dict[str, Field]:
    """The fields that the map `item` defines; what is wrong is noted and left out."""
    fields: dict[str, Field] = {}
    seen: dict[str, str] = {}
    for name, entry in item.map.items() if item is not None else ():
        if not _name_fits(world, name, entry, seen, in_lines=in_lines):
            continue
        field_type = _field_type(world, name, entry)
        if field_type is None:
            continue
        if in_lines and field_type.name in _NOT_IN_LINES:
            world.notes.add("C120", entry.map["type"].at, type=field_type.name)
            continue
        fields[name] = _draft(world, form_id, name, entry, field_type)
    return fields


def _name_fits(world: World, name: str, entry: Item, seen: dict[str, str], *, in_lines: bool) -> bool:
    if not is_name(name):
        world.notes.add("C107", entry.place, name=name)
        return False
    if name in RESERVED or (in_lines and name == "position"):
        world.notes.add("C106", entry.place, name=name)
        return False
    alike = seen.setdefault(folded(name), name)
    clash = name.removesuffix(ENTERED) if name.endswith(ENTERED) and name.removesuffix(ENTERED) in seen.values() else ""
    if alike != name or clash:
        world.notes.add("C108", entry.place, name=name, other=clash or alike)
        return False
    return True


def _field_type(world: World, name: str, entry: Item) -> FieldType | None:
    written = entry.map["type"]
    field_type = FIELD_TYPES.get(written.text)
    if field_type is None:
        near = _ALIASES.get(written.text.lower()) or near_name(written.text, FIELD_TYPES)
        world.notes.add("C101", written.at, field=name, type=written.text, near=near)
        return None
    for key, value in entry.map.items():
        if key not in field_type.properties:
            own = ", ".join(sorted(field_type.own)) or "-"
            near = near_name(key, field_type.own)
            world.notes.add("C102", value.place, key=key, type=field_type.name, near=near, known=own)
    if "was" in entry.map:
        world.notes.add("D108", entry.map["was"].place, kind="was")
    if "formula" in entry.map:
        for key in _NOT_WITH_FORMULA:
            if key in entry.map:
                world.notes.add("C131", entry.map[key].place, key=key)
    return field_type


def _draft(world: World, form_id: str, name: str, entry: Item, field_type: FieldType) -> Field:
    many = flag_of(entry, "many")
    column = safe_suffix(name) if field_type.name in _OWN_TABLE or many else safe_column(name)
    field = Field(
        id=name,
        type=field_type.name,
        label=label_of(entry.map.get("label"), name),
        column=column,
        at=entry.place,
        help=texts_of(entry.map.get("help")),
        placeholder=texts_of(entry.map.get("hint")),
        compute=text_of(entry, "compute") or "stored",
        clear_when_hidden=flag_of(entry, "clear_when_hidden"),
        fixed=flag_of(entry, "fixed"),
        copy=flag_of(entry, "copy", default=True),
        discloses=flag_of(entry, "discloses"),
        personal=flag_of(entry, "personal"),
        places=_places(entry, field_type),
        currency=text_of(entry, "currency"),
        minimum=_limit(world, entry, "min", field_type),
        maximum=_limit(world, entry, "max", field_type),
        max_length=whole_of(entry, "max_length", 0) or None,
        pattern=text_of(entry, "pattern"),
        blank_zero=text_of(entry, "blank") == "zero",
        grouped=flag_of(entry, "grouped", default=True),
        choices=_choices(world, form_id, name, entry, field_type),
        to=_targets(world, form_id, name, entry, field_type),
        on_delete=text_of(entry, "on_delete") or "restrict",
        inverse=_inverse_name(entry),
        fill=_fill(world, name, entry),
        tree=flag_of(entry, "tree"),
        many=many or isinstance(field_type, LinksType),
        fields=draft_fields(world, form_id, entry.map.get("fields"), in_lines=True),
    )
    return _with_columns(world, field, entry)


def _with_columns(world: World, field: Field, entry: Item) -> Field:
    if field.type == "lines" and not field.fields:
        world.notes.add("C130", entry.place, field=field.id, key="fields")
    return field


def _places(entry: Item, field_type: FieldType) -> int:
    default = field_type.default_places if isinstance(field_type, NumberType) else 0
    return whole_of(entry, "places", default)


def _limit(world: World, entry: Item, key: str, field_type: FieldType) -> object:
    written = entry.map.get(key)
    if written is None:
        return None
    value: object
    if isinstance(field_type, NumberType):
        percent = written.text.endswith("%")
        number = parse_number(written.text.rstrip("%"))
        value = number.scaleb(-2) if number is not None and percent else number
        expected = "1234.50"
    else:
        value, expected = parse_day(written.text), "2026-11-22"
    if value is None:
        reason = f"'{written.text}' ≠ {expected}"
        world.notes.add("C111", written.at, where=key, reason=reason)
    return value


def _choices(world: World, form_id: str, name: str, entry: Item, field_type: FieldType) -> tuple[Choice, ...]:
    if field_type.name not in ("choice", "choices"):
        return ()
    written = entry.map.get("choices")
    if written is None:
        world.notes.add("C117", entry.place, field=name)
        return ()
    if isinstance(written.value, str):
        shared = world.full_id(written.value, form_id.partition(".")[0])
        if shared not in world.shared_choices:
            world.notes.unknown("C116", written, written.value, world.shared_choices)
        return world.shared_choices.get(shared, ())
    return build_choices(world, written)


def _targets(world: World, form_id: str, name: str, entry: Item, field_type: FieldType) -> tuple[str, ...]:
    if not isinstance(field_type, (LinkType, LinksType)):
        return ()
    if field_type.target:
        return (field_type.target,)
    written = entry.map.get("to")
    if written is None:
        world.notes.add("C130", entry.place, field=name, key="to")
        return ()
    known = world.of_kind("form")
    targets = []
    for word in words_of(written):
        target = world.full_id(word.text, form_id.partition(".")[0])
        if target in known:
            targets.append(target)
        elif _are_lines(known, word.text, form_id):
            world.notes.add("C138", word.at, name=word.text)
        else:
            world.notes.unknown("C104", word, word.text, known)
    return tuple(targets)


def _are_lines(known: Mapping[str, Definition], text: str, form_id: str) -> bool:
    """Whether `contract.nodes` or `crm.contract.nodes` names lines of a form."""
    form, _, field = text.rpartition(".")
    owner = known.get(form) or known.get(f"{form_id.partition('.')[0]}.{form}")
    kind = find_item(owner.item, ("fields", field, "type")) if owner is not None and field else None
    return kind is not None and kind.text == "lines"


def _inverse_name(entry: Item) -> str | None:
    found = find_item(entry, ("inverse", "name"))
    return found.text if found is not None else None


def inverse_label(entry: Item) -> Label:
    """The label that a link gives to the other side, empty when it gives none."""
    found = find_item(entry, ("inverse", "label"))
    return texts_of(found) if found is not None else empty()


def _fill(world: World, name: str, entry: Item) -> Mapping[str, tuple[str, ...]]:
    written = entry.map.get("fill")
    paths = {}
    for target, path in written.map.items() if written is not None else ():
        steps = tuple(path.text.split("."))
        if steps[0] != name or len(steps) < 2:
            world.notes.add("C119", path.at, path=path.text, field=name)
            continue
        paths[target] = steps
    return paths
