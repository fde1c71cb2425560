"""Everything people read in the pack and in the demo companies is there in Chinese and in English."""

from __future__ import annotations

from engine.source.tree import Item, find_item
from tests.templates_pack.demo import read_demo_site, texts

LANGUAGES = {"en", "zh"}


def test_every_text_of_the_pack_has_both_languages() -> None:
    site = read_demo_site()
    pack = [each.document.item for each in site.shared if each.document and each.source.layer in ("pack", "engine")]

    assert [place for item in pack for place, text in texts(item) if set(text.map) != LANGUAGES] == []


def test_every_text_of_the_demo_companies_has_both_languages() -> None:
    files = [each for files in read_demo_site().companies.values() for each in files if each.document]
    lacking = [
        place
        for each in files
        if each.document and each.source.role != "rows"
        for place, text in texts(each.document.item)
        if set(text.map) != LANGUAGES
    ]

    assert lacking == []


def test_everything_with_a_name_of_its_own_in_the_pack_has_a_label() -> None:
    site = read_demo_site()
    forms = [
        each.document.item
        for each in site.shared
        if each.document and each.document.kind == "form" and each.source.layer == "pack"
    ]

    assert [place for form in forms for place in _without_label(form)] == []


def _without_label(form: Item) -> list[str]:
    entries = _fields(form.map["fields"])
    for part in (("views",), ("actions",), ("page", "sections")):
        found = find_item(form, part)
        entries += found.map.values() if found else ()
    return [str(entry.at) for entry in entries if "label" not in entry.map]


def _fields(fields: Item) -> list[Item]:
    """Fields with their columns and options."""
    found: list[Item] = []
    for field in fields.map.values():
        found += [field, *_fields(field.map["fields"])] if "fields" in field.map else [field]
        found += field.map["choices"].map.values() if "choices" in field.map else []
        found += [field.map["inverse"]] if "inverse" in field.map else []
    return found
