"""Layers on layers: what merges, what is replaced, what misses, and what each value remembers."""

from __future__ import annotations

from engine.problems import Problem
from engine.source.overlay import merge
from engine.source.reader import read_item
from engine.source.shorthand import expand
from engine.source.tree import Item, find_item, plain


def laid(base: str, change: str, kind: str = "form") -> tuple[Item, list[Problem]]:
    problems: list[Problem] = []
    lower = expand(kind, read_item(base.encode(), "pack.yaml", "pack crm"))
    upper = expand(kind, read_item(change.encode(), "company.yaml", "company acme"))
    return merge(lower, upper, "desk.task", problems), problems


def fields_of(item: Item) -> object:
    return plain(item.map["fields"])


def test_maps_merge_property_by_property_and_short_forms_count_as_long_ones() -> None:
    merged, problems = laid("fields: {amount: money, name: text}", "fields: {amount: {required: true, label: {zh: 金额}}}")
    assert problems == []
    assert fields_of(merged) == {
        "amount": {"type": "money", "required": True, "label": {"zh": "金额"}}, "name": {"type": "text"},
    }  # fmt: skip


def test_a_label_in_one_language_keeps_the_other() -> None:
    merged, _ = laid("label: Customer", "label: {zh: 客户}")
    assert plain(merged.map["label"]) == {"en": "Customer", "zh": "客户"}


def test_an_entry_is_removed_by_the_word_and_missing_ones_are_told_with_near_names() -> None:
    merged, problems = laid("fields: {amount: money, name: text}", "fields: {amount: remove, nmae: remove}")
    assert fields_of(merged) == {"name": {"type": "text"}}
    assert [(problem.code, problem.values["near"]) for problem in problems] == [("O102", "name")]


def test_a_new_entry_stands_where_after_and_before_say() -> None:
    merged, problems = laid(
        "fields: {a: text, b: text, c: text}", "fields: {x: {type: text, after: a}, c: {before: a}, y: {type: text}}"
    )
    assert problems == []
    assert list(merged.map["fields"].map) == ["c", "a", "x", "b", "y"]


def test_replace_takes_the_place_of_a_whole_map() -> None:
    merged, _ = laid(
        "stages: {a: A, b: B}\nends: {won: {outcome: won}}", "stages: {replace: {c: {label: C}}}", kind="pipeline"
    )
    assert plain(merged) == {"stages": {"c": {"label": {"en": "C"}}}, "ends": {"won": {"outcome": "won"}}}


def test_lists_of_words_are_replaced_or_edited() -> None:
    base = "views: {list: {columns: [a, b, c]}}"
    replaced, _ = laid(base, "views: {list: {columns: [c]}}")
    edited, problems = laid(base, "views: {list: {columns: {add: [x, y], after: a, remove: [c]}}}")
    assert plain(replaced) == {"views": {"list": {"columns": ["c"]}}}
    assert plain(edited) == {"views": {"list": {"columns": ["a", "x", "y", "b"]}}}
    assert problems == []


def test_choices_may_be_edited_like_a_list() -> None:
    merged, problems = laid(
        "fields: {kind: {type: choice, choices: [a, b]}}", "fields: {kind: {choices: {add: [c], remove: [a]}}}"
    )
    assert problems == []
    assert find_item(merged, ("fields", "kind", "choices")).map.keys() == {"b", "c"}  # type: ignore[union-attr]


def test_every_value_knows_its_layer_and_the_values_it_beat() -> None:
    merged, _ = laid("fields: {amount: {type: money, label: Amount}}", "fields: {amount: {label: {en: Order amount}}}")
    label = find_item(merged, ("fields", "amount", "label", "en"))
    assert label is not None
    assert (label.text, label.layer, str(label.at)) == ("Order amount", "company acme", "company.yaml:1:31")
    assert [(lost.text, lost.layer, str(lost.at)) for lost in label.beaten] == [("Amount", "pack crm", "pack.yaml:1:39")]
