"""What a sent form changes, and how the changes of two people are laid together."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from engine.catalog.forms import Field, Form, Template
from engine.problems import Location
from engine.web.form_builder import build_form_class, initial
from engine.web.form_values import Inputs, Sent, lay_over, read_sent

UTC = ZoneInfo("UTC")
HERE = Location("forms/work/order.yaml", 1, 1)


def a_field(name: str, type_: str, **more: Any) -> Field:
    return Field(id=name, type=type_, label={"en": name.title()}, column=name, at=HERE, **more)


ROW = {"item": a_field("item", "text"), "quantity": a_field("quantity", "number", places=2)}
FIELDS = {
    "data": a_field("data", "text"),
    "price": a_field("price", "money", places=2),
    "done": a_field("done", "boolean"),
    "tags": a_field("tags", "choices"),
    "lines": a_field("lines", "lines", fields=ROW),
}
ORDER = Form(
    id="work.order",
    app="work",
    name="order",
    label={"en": "Order"},
    icon="box",
    table="work_order",
    at=HERE,
    fields=FIELDS,
    title=Template("", ()),
)
START: Inputs = {
    "data": "old",
    "price": "1280.50",
    "done": "true",
    "tags": ("a",),
    "lines": [{"id": "1", "item": "Bolt", "quantity": "2"}, {"id": "2", "item": "Nut", "quantity": "5"}],
}


def sent(pairs: list[tuple[str, str]], start: Inputs, *, whole: bool = False) -> Sent:
    return read_sent(ORDER, build_form_class(ORDER, "en")(MultiDict(pairs)), start, UTC, whole=whole)


UNCHANGED = [
    ("data", "old"),
    ("price", "1,280.50"),
    ("done", "false"),
    ("done", "true"),
    ("tags", ""),
    ("tags", "a"),
    ("lines-0-id", "1"),
    ("lines-0-item", "Bolt"),
    ("lines-0-quantity", "2"),
    ("lines-4-id", "2"),
    ("lines-4-item", "Nut"),
    ("lines-4-quantity", "5"),
]


def test_what_was_not_touched_is_not_sent_to_the_service() -> None:
    assert sent(UNCHANGED, START).values == {}


def test_a_field_may_be_called_data_and_only_changed_fields_are_values() -> None:
    pairs = [("data", "new"), *UNCHANGED[1:2], ("done", "false"), ("tags", ""), *UNCHANGED[6:]]
    assert sent(pairs, START).values == {"data": "new", "done": False, "tags": []}


def test_rows_taken_out_are_deleted_and_new_ones_come_in_order() -> None:
    pairs = [
        *UNCHANGED[:6],
        ("lines-0-id", "2"),
        ("lines-0-item", "Nut"),
        ("lines-0-quantity", "6"),
        ("lines-9-id", ""),
        ("lines-9-item", "Washer"),
        ("lines-9-quantity", ""),
    ]
    assert sent(pairs, START).values == {
        "lines": [{"id": 2, "item": "Nut", "quantity": "6"}, {"item": "Washer"}, {"id": 1, "_delete": True}]
    }


def test_an_empty_new_row_is_no_row() -> None:
    pairs = [*UNCHANGED, ("lines-9-id", ""), ("lines-9-item", ""), ("lines-9-quantity", "")]
    assert sent(pairs, START).values == {}


def test_everything_filled_is_a_value_of_a_new_record() -> None:
    start = {"data": "old", "price": "", "lines": []}
    assert sent([("data", "old"), ("price", "")], start, whole=True).values == {"data": "old"}


def test_a_refused_form_still_shows_what_was_typed() -> None:
    typed = sent([("price", "a lot")], START)
    assert typed.values == {"price": "a lot"}
    form = build_form_class(ORDER, "en")(data=initial({**START, **typed.inputs}))
    assert form.entry("price").data == "a lot"


def test_my_changes_lie_on_top_of_what_another_saved() -> None:
    current = {**START, "data": "theirs", "price": "99.00"}
    mine = {**START, "price": "1500.00"}
    laid = lay_over(current, mine, START)
    assert (laid["data"], laid["price"]) == ("theirs", "1500.00")


def test_rows_of_two_people_are_laid_together_cell_by_cell() -> None:
    current = {"lines": [{"id": "1", "item": "Bolt", "quantity": "9"}, {"id": "3", "item": "Ring", "quantity": "1"}]}
    mine = {"lines": [{"id": "1", "item": "Screw", "quantity": "2"}, {"id": "", "item": "Washer", "quantity": "4"}]}
    assert lay_over(current, mine, START)["lines"] == [
        {"id": "1", "item": "Screw", "quantity": "9"},
        {"id": "3", "item": "Ring", "quantity": "1"},
        {"id": "", "item": "Washer", "quantity": "4"},
    ]


def test_a_form_without_the_table_leaves_the_rows_alone_and_an_empty_table_takes_them_out() -> None:
    assert sent([("data", "new")], START).values == {"data": "new"}
    gone = [{"id": 1, "_delete": True}, {"id": 2, "_delete": True}]
    assert sent([("lines-shown", "1")], START).values == {"lines": gone}


def test_a_start_that_was_tampered_with_does_no_harm() -> None:
    assert sent([("lines-shown", "1"), ("data", "x")], {"lines": ["1", {"id": 7}], "data": 5}).values == {"data": "x"}
