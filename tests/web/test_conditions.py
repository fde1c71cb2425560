"""The filter builder writes the expression language and reads back what it wrote."""

from __future__ import annotations

import pytest

from engine.catalog.catalog import Catalog
from engine.problems import ProblemsFound
from engine.web.conditions import Condition, write_conditions
from engine.web.conditions_read import read_conditions
from tests.sites import build_test_catalog

TASK = """
form: crm.task
label: Task
title: "{name}"
owner: who
fields:
  name: text
  amount: money
  share: percent
  due: date
  at: datetime
  done: boolean
  kind: {type: choice, choices: {a: A, b: B}}
  tags: {type: choices, choices: {x: X, y: Y}}
  who: user
  parent: {type: link, to: crm.task}
access: {sales: {see: always}}
"""

ROWS = [
    (Condition("name", "contains", ("a'b\\c",)), "CONTAINS(name, 'a''b\\\\c')"),
    (Condition("name", "starts", ("云",)), "STARTSWITH(name, '云')"),
    (Condition("name", "is_not", ("x",)), "name <> 'x'"),
    (Condition("name", "empty"), "ISEMPTY(name)"),
    (Condition("name", "filled"), "not ISEMPTY(name)"),
    (Condition("amount", "ge", ("1000.5",)), "amount >= 1000.5"),
    (Condition("share", "le", ("15",)), "share <= 15%"),
    (Condition("due", "ge", ("2026-01-02",)), "due >= DATE(2026, 1, 2)"),
    (Condition("due", "is", ("TODAY()",)), "due = TODAY()"),
    (Condition("due", "before_today"), "due < TODAY()"),
    (Condition("due", "last", ("7",)), "due >= TODAY() - 7 and due <= TODAY()"),
    (Condition("due", "next", ("30",)), "due <= TODAY() + 30 and due >= TODAY()"),
    (Condition("at", "last", ("7",)), "TODATE(at) >= TODAY() - 7 and TODATE(at) <= TODAY()"),
    (Condition("done", "yes"), "done"),
    (Condition("done", "no"), "not done"),
    (Condition("kind", "any", ("a", "b")), "kind in ['a', 'b']"),
    (Condition("kind", "none", ("a",)), "not (kind in ['a'])"),
    (Condition("tags", "has", ("x",)), "HAS(tags, 'x')"),
    (Condition("who", "any", ("me",)), "who = me"),
    (Condition("who", "any", ("me", "3")), "(who = me or who.id in [3])"),
    (Condition("parent", "none", ("3", "4")), "not (parent.id in [3, 4])"),
]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return build_test_catalog({"forms/crm/task.yaml": TASK})


@pytest.mark.parametrize(("row", "text"), ROWS, ids=[text for _, text in ROWS])
def test_a_row_is_an_expression_and_comes_back(catalog: Catalog, row: Condition, text: str) -> None:
    form = catalog.form("crm.task")
    assert write_conditions(form, [row]) == text
    assert read_conditions(catalog, form, text) == (row,)


def test_several_rows_are_joined_by_and(catalog: Catalog) -> None:
    form = catalog.form("crm.task")
    rows = (Condition("name", "contains", ("x",)), Condition("due", "last", ("7",)), Condition("who", "any", ("me",)))
    assert read_conditions(catalog, form, write_conditions(form, rows)) == rows


@pytest.mark.parametrize("text", ["amount > 1 or done", "amount * 2 > 10", "parent.name = 'x'", "due > TODAY() - 3"])
def test_what_rows_cannot_show_stays_text(catalog: Catalog, text: str) -> None:
    form = catalog.form("crm.task")
    shown = read_conditions(catalog, form, text)
    assert shown is None or write_conditions(form, shown) == text


def test_no_expression_is_a_problem(catalog: Catalog) -> None:
    with pytest.raises(ProblemsFound):
        read_conditions(catalog, catalog.form("crm.task"), "amount >")


@pytest.mark.parametrize(
    "row",
    [
        Condition("amount", "ge", ("1; DROP TABLE",)),
        Condition("amount", "ge", ("Infinity",)),
        Condition("due", "is", ("2026-13-01",)),
        Condition("due", "last", ("٣",)),
        Condition("parent", "any", ("1) or true or (1",)),
        Condition("name", "any", ("x",)),
        Condition("name", "contains", ("",)),
        Condition("nothing", "is", ("x",)),
    ],
)
def test_a_row_that_does_not_fit_is_left_out(catalog: Catalog, row: Condition) -> None:
    assert write_conditions(catalog.form("crm.task"), [row]) == ""
