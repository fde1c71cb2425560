"""The record page: sections, figures and tabs as written, or a sensible layout when they are left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.catalog.forms import Field, Form, Page, Section, Tab
from engine.catalog.notes import Compiler, entries_of, flag_of, label_of, text_of, texts_of, whole_of, words_of
from engine.catalog.scopes import FormScope
from engine.catalog.world import World
from engine.problems import near_name
from engine.source.tree import Item
from engine.values import Label

BUILTIN: dict[str, Label] = {
    "files": {"en": "Files", "zh": "附件"},
    "comments": {"en": "Comments", "zh": "评论"},
    "history": {"en": "History", "zh": "历史"},
}
_DETAILS: Label = {"en": "Details", "zh": "详细信息"}
_MORE: Label = {"en": "More", "zh": "更多"}
_WIDE = ("long_text", "rich_text", "lines", "file", "image", "signature", "address")
_MOST_FIGURES = 4


def build_page(world: World, form: Form, item: Item | None) -> Page:
    """The page as written; what is left out of it is generated."""
    compiler = Compiler(world.notes, FormScope(world, form.id))
    sections = _with_added(world, form, tuple(_sections(world, form, item, compiler)), item)
    figures = item.map.get("figures") if item is not None else None
    tabs = item.map.get("tabs") if item is not None else None
    return Page(
        sections or tuple(_generated_sections(form)),
        tuple(known_fields(world, form, figures)) if figures is not None else _generated_figures(form),
        tuple(_tabs(world, form, tabs, compiler)) if tabs is not None else tuple(_generated_tabs(form)),
    )


def _with_added(world: World, form: Form, sections: tuple[Section, ...], item: Item | None) -> tuple[Section, ...]:
    """The sections with the fields that a higher layer added without saying where: each behind the field before it."""
    if item is None or not sections:
        return sections
    written = item.map["sections"]
    arranged = {layer for each in written.map.values() for layer in (each.layer, each.map["fields"].layer)}
    entries = world.item(form.id).map["fields"].map
    shown = {name for each in sections for name in each.fields} | _shown_elsewhere(item)
    columns = {each.id: list(each.fields) for each in sections}
    before = ""
    for name, entry in entries.items():
        if name in form.fields and name not in shown and entry.layer not in arranged:
            home = next((each for each in columns.values() if before in each), list(columns.values())[-1])
            home.insert(home.index(before) + 1 if before in home else len(home), name)
        before = name
    return tuple(replace(each, fields=tuple(columns[each.id])) for each in sections)


def _shown_elsewhere(item: Item) -> set[str]:
    figures = {word.text for word in words_of(item.map.get("figures"))}
    tabs = item.map.get("tabs")
    in_tabs = {word.text for _, tab in entries_of(tabs) for word in words_of(tab.map.get("fields"))}
    return figures | in_tabs


def known_fields(world: World, form: Form, item: Item | None) -> Iterator[str]:
    """The fields that a list of words names; unknown ones are noted."""
    for word in words_of(item):
        if word.text in form.fields:
            yield word.text
        else:
            world.notes.unknown("C103", word, word.text, form.fields, form=form.id)


def _sections(world: World, form: Form, item: Item | None, compiler: Compiler) -> Iterator[Section]:
    for name, entry in entries_of(item.map.get("sections") if item is not None else None):
        yield Section(
            id=name,
            label=label_of(entry.map.get("label"), name),
            fields=tuple(known_fields(world, form, entry.map.get("fields"))),
            columns=whole_of(entry, "columns", 2),
            note=texts_of(entry.map.get("note")),
            folded=flag_of(entry, "folded"),
            when=compiler.condition(entry.map.get("when")),
        )


def _generated_sections(form: Form) -> Iterator[Section]:
    """Short fields in two columns, then everything that needs the whole width."""
    shown = [field for field in form.fields.values() if field.type not in ("serial", "secret")]
    narrow = tuple(field.id for field in shown if field.type not in _WIDE)
    wide = tuple(field.id for field in shown if field.type in _WIDE)
    if narrow:
        yield Section("details", _DETAILS, narrow)
    if wide:
        yield Section("more", _MORE if narrow else _DETAILS, wide, columns=1)


def _generated_figures(form: Form) -> tuple[str, ...]:
    def counts(field: Field) -> bool:
        return field.type in ("money", "number", "percent", "integer") and field.formula is not None

    figures = [field.id for field in form.fields.values() if field.type == "stage" or counts(field)]
    return tuple(figures[:_MOST_FIGURES])


def _tabs(world: World, form: Form, item: Item, compiler: Compiler) -> Iterator[Tab]:
    for word in item.list:
        tab = _named_tab(form, word.text)
        if tab is None:
            known = (*form.related, *BUILTIN)
            world.notes.unknown("C129", word, word.text, known, form=form.id)
        else:
            yield tab
    for name, entry in entries_of(item):
        related, builtin = text_of(entry, "related"), text_of(entry, "builtin")
        if related is not None and related not in form.related:
            written = entry.map["related"]
            world.notes.add("C129", written.at, name=related, form=form.id, near=near_name(related, form.related))
            continue
        fields = tuple(known_fields(world, form, entry.map.get("fields")))
        found = _named_tab(form, builtin or related or name)
        label = label_of(entry.map.get("label"), name) if "label" in entry.map or found is None else found.label
        when = compiler.condition(entry.map.get("when"))
        if fields:
            yield Tab(name, label, fields=fields, when=when)
        elif found is not None:
            yield Tab(name, label, related=found.related, builtin=found.builtin, when=when)
        else:
            world.notes.add(
                "C129", entry.place, name=name, form=form.id, near=near_name(name, (*form.related, *BUILTIN))
            )


def _named_tab(form: Form, name: str) -> Tab | None:
    if name in form.related:
        return Tab(name, form.related[name].label, related=name)
    if name in BUILTIN:
        return Tab(name, BUILTIN[name], builtin=name)
    return None


def _generated_tabs(form: Form) -> Iterator[Tab]:
    for related in form.related.values():
        if related.lines is None:
            yield Tab(related.name, related.label, related=related.name)
    for name in ("files", "history"):
        yield Tab(name, BUILTIN[name], builtin=name)
