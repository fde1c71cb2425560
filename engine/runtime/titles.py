"""What a record is called, and by which words it is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.catalog import field_types
from engine.catalog.catalog import Catalog
from engine.catalog.forms import Field, Form
from engine.catalog.hiding import find_hidden
from engine.catalog.searching import is_read_by_all
from engine.expressions.nodes import Path
from engine.runtime.drafts import Draft
from engine.runtime.programs import is_link, link_target
from engine.runtime.work import Work
from engine.storage.titles import title_parts

TEXTS = frozenset({"text", "long_text", "email", "phone", "url", "address", "serial", "code"})
MOST_TEXTS = 5

Titles = Mapping[str, Mapping[int, str]]


def search_texts(work: Work, draft: Draft, titles: Titles) -> list[str | None]:
    """The texts a record is found by: title, number, and the search fields;
    fields with their own access and what stands in records that some reader does not see are left out.
    """
    form = draft.program.form
    parts = [part for part in form.title.parts if isinstance(part, str) or _is_searched(work.catalog, form, part)]
    texts: list[str | None] = ["".join(_part(work, draft, part, titles) for part in parts)]
    for name in form.search or default_search(form):
        if _is_searched(work.catalog, form, (name,)):
            texts.append(field_text(work, form.fields[name], draft.values.get(name), titles))
    return texts


def search_shape(catalog: Catalog, form: Form) -> tuple[object, ...]:
    """What the search texts of a form's records are made of: when it changes, they must be made anew."""
    parts = tuple(part for part in form.title.parts if isinstance(part, str) or _is_searched(catalog, form, part))
    names = tuple(name for name in form.search or default_search(form) if _is_searched(catalog, form, (name,)))
    heads = dict.fromkeys((*(part[0] for part in parts if not isinstance(part, str)), *names))
    links = [form.fields[name] for name in heads if is_link(form.fields[name])]
    called = tuple((each.id, _titled(catalog, catalog.forms.get(link_target(each)))) for each in links)
    return parts, names, called


def _titled(catalog: Catalog, target: Form | None) -> tuple[object, ...]:
    found = title_parts(catalog, target) if target is not None else ()
    return tuple(part if isinstance(part, str) else part[0] for part in found)


def _is_searched(catalog: Catalog, form: Form, path: Path) -> bool:
    """Whether everybody who sees the record may find it by the value at `path`."""
    definition = form.fields.get(path[0])
    if definition is None or definition.access is not None:
        return False
    if find_hidden(catalog.workflows, form, path[0]):
        return False
    end = _end(catalog, definition, path[1:])
    open_to_all = not is_link(definition) or is_read_by_all(catalog, form, definition)
    return open_to_all and end is not None and end.access is None


def default_search(form: Form) -> tuple[str, ...]:
    """The number and the first text fields."""
    found = [name for name, each in form.fields.items() if each.type in TEXTS and each.access is None]
    return tuple(found[:MOST_TEXTS])


def searched_fields(form: Form) -> frozenset[str]:
    """The fields whose change changes the search text."""
    parts = {part[0] for part in form.title.parts if not isinstance(part, str)}
    return frozenset(parts) | frozenset(form.search or default_search(form))


def title_of(work: Work, draft: Draft, titles: Titles) -> str:
    """The title of a draft, in the company's language."""
    form = draft.program.form
    return "".join(_part(work, draft, part, titles) for part in form.title.parts).strip()


def _part(work: Work, draft: Draft, part: str | Path, titles: Titles) -> str:
    if isinstance(part, str):
        return part
    definition = draft.program.form.fields.get(part[0])
    if definition is None or definition.access is not None:
        return ""
    if len(part) == 1:
        return field_text(work, definition, draft.values.get(part[0]), titles) or ""
    value = draft.read(work.links).value(part)
    end = _end(work.catalog, definition, part[1:])
    return "" if value is None or end is None else field_text(work, end, value, titles) or ""


def _end(catalog: Catalog, definition: Field, path: Path) -> Field | None:
    """The field at the end of a path below a link."""
    current: Field | None = definition
    for name in path:
        form = catalog.forms.get(link_target(current)) if current is not None else None
        current = form.fields.get(name) if form is not None else None
    return current


def field_text(work: Work, definition: Field, value: object, titles: Titles) -> str | None:
    """The text of a value, None when empty; linked records by their titles."""
    if value is None or value == ():
        return None
    if is_link(definition):
        return " ".join(_link_texts(definition, value, titles))
    return field_types.FIELD_TYPES[definition.type].to_text(definition, value, work.catalog.company.language)


def _link_texts(definition: Field, value: object, titles: Titles) -> Iterator[str]:
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
        yield titles.get(value[0], {}).get(value[1], "")
        return
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, int):
            yield titles.get(link_target(definition), {}).get(each, "")
