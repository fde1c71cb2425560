"""Every place of a form where an expression may stand: checked when the definitions are read, in its own scope."""

from __future__ import annotations

import pytest

from engine.problems import ProblemsFound
from tests.sites import build_test_catalog

FORM = """
form: crm.job
fields:
  name: {type: text, PLACE_OF_NAME}
  amount: {type: money, PLACE_OF_AMOUNT}
  due: {type: date, PLACE_OF_DUE}
  closed: boolean
  kind: {type: choice, choices: {big: {label: Big, PLACE_OF_OPTION}, small: Small}}
  other: {type: link, to: crm.job, inverse: jobs, PLACE_OF_LINK}
  secret: {type: text, access: {see: {clerk: PLACE_OF_FIELD_RULE}}}
  rows:
    type: lines
    fields:
      price: {type: money, PLACE_OF_CELL}
      sum: {type: money, formula: price * 2}
relations:
  same: {form: job, match: PLACE_OF_MATCH}
checks:
  whole: {holds: PLACE_OF_CHECK, message: No.}
page:
  sections: {all: {fields: [name], when: PLACE_OF_SECTION}}
  tabs: {same: {when: PLACE_OF_TAB}}
views:
  list: {where: PLACE_OF_VIEW}
actions:
  close: {sets: {closed: true, name: PLACE_OF_SET}, when: PLACE_OF_ACTION, asks: {why: {type: text, PLACE_OF_ASKED}}}
  again: {creates: job, with: {amount: PLACE_OF_WITH}}
access:
  clerk: {see: PLACE_OF_RULE, create: true, change: PLACE_OF_CHANGE}
"""
GOOD = {
    "NAME": "required: closed",
    "AMOUNT": "formula: SUM(rows.price), compute: stored, freeze: closed",
    "DUE": 'default: "=TODAY() + 1"',
    "OPTION": "where: amount > 5",
    "LINK": "where: closed = this.closed",
    "FIELD_RULE": "own",
    "CELL": "visible: header.closed",
    "MATCH": "kind = this.kind",
    "CHECK": "amount > 0",
    "SECTION": "closed",
    "TAB": "COUNT(same) > 1",
    "VIEW": "not closed",
    "SET": '"=asked.why"',
    "ACTION": "not closed",
    "ASKED": "required: true",
    "WITH": '"=amount"',
    "RULE": "own or closed",
    "CHANGE": "own and not closed",
}


def build(**places: str) -> None:
    text = FORM
    for place, written in {**GOOD, **places}.items():
        text = text.replace(f"PLACE_OF_{place}", written)
    build_test_catalog(
        {"forms/crm/app.yaml": "app: crm\nlabel: CRM\nroles: {clerk: Clerk}\n", "forms/crm/job.yaml": text}
    )


def problems(**places: str) -> list[tuple[str, int]]:
    with pytest.raises(ProblemsFound) as caught:
        build(**places)
    return [(each.code, each.at.line if each.at else 0) for each in caught.value.problems]


def test_the_form_is_right_as_it_stands() -> None:
    build()


CONDITIONS = {
    "NAME": "required: {}", "OPTION": "where: {}", "LINK": "where: {}", "FIELD_RULE": "{}", "CELL": "visible: {}",
    "CHECK": "{}", "SECTION": "{}", "TAB": "{}", "VIEW": "{}", "ACTION": "{}", "RULE": "{}", "CHANGE": "{}",
}  # fmt: skip
MORE_CONDITIONS = {
    "visible": ("NAME", "visible: {}"),
    "read_only": ("NAME", "read_only: {}"),
    "freeze": ("AMOUNT", "formula: SUM(rows.price), freeze: {}"),
    "read_only of a cell": ("CELL", "read_only: {}"),
    "required of a cell": ("CELL", "required: {}"),
    "required in a dialog": ("ASKED", "required: {}"),
}
PLACES = [*((place, shape) for place, shape in CONDITIONS.items()), *MORE_CONDITIONS.values()]


@pytest.mark.parametrize(("place", "shape"), PLACES, ids=lambda each: each.replace(" ", "_"))
def test_a_condition_must_name_what_there_is_and_be_a_condition(place: str, shape: str) -> None:
    line = next(at for at, text in enumerate(FORM.splitlines(), 1) if f"PLACE_OF_{place}" in text)
    found = problems(**{place: shape.format("nothing_such > 1")})
    assert ("FX010", line) in found
    found = problems(**{place: shape.format("1 + 1")})
    assert ("FX012", line) in found


@pytest.mark.parametrize(
    ("place", "written", "code"),
    [
        ("AMOUNT", "formula: UPPER(name)", "FX017"),
        ("AMOUNT", "formula: nothing_such", "FX010"),
        ("AMOUNT", "formula: amount + 1", "FX040"),
        ("AMOUNT", 'formula: "IF(TODAY() > due, 1, 2)", compute: stored', "FX041"),
        ("AMOUNT", 'formula: "IF(me = NULL, 1, 2)", compute: daily', "FX041"),
        ("AMOUNT", "formula: UPPER(name), compute: once", "FX017"),
        ("DUE", 'default: "=amount"', "FX017"),
        ("DUE", 'default: "=nothing_such"', "FX010"),
        ("DUE", "default: someday", "C111"),
        ("CELL", 'default: "=header.name"', "FX017"),
        ("CELL", 'check: {"price": No.}', "FX012"),
        ("NAME", 'check: {"name + 1 > 2": No.}', "FX014"),
        ("MATCH", "kind > 1 + 1", "FX015"),
        ("MATCH", "amount", "FX012"),
        ("MATCH", "amount > this.amount", "FX044"),
        ("MATCH", '"kind = this.kind and COUNT(rows) > 1"', "FX042"),
        ("MATCH", '"kind = this.kind and nothing_such"', "FX010"),
        ("SET", '"=asked.nothing_such"', "FX010"),
        ("SET", '"=amount"', "FX017"),
        ("WITH", '"=name"', "FX017"),
        ("ASKED", "visible: closed", "C102"),
        ("LINK", 'where: "MASK(name, 1, 1) = this.name"', "FX042"),
        ("VIEW", '"MASK(name, 1, 1) = name"', "FX042"),
    ],
)
def test_a_value_must_be_what_the_place_takes(place: str, written: str, code: str) -> None:
    assert code in {found for found, _ in problems(**{place: written})}


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ('title: "{nothing_such}"', "C109"),
        ('title: "{rows}"', "C109"),
        ('title: "{other.nothing_such}"', "C109"),
        ('number: "{nothing_such}-{serial:4}"', "C109"),
        ('number: "{rows}-{serial:4}"', "C109"),
        ('number: "{other}-{serial:4}"', "C109"),
    ],
)
def test_templates_take_values_that_can_be_written(key: str, code: str) -> None:
    text = FORM
    for place, written in GOOD.items():
        text = text.replace(f"PLACE_OF_{place}", written)
    with pytest.raises(ProblemsFound) as caught:
        build_test_catalog(
            {
                "forms/crm/app.yaml": "app: crm\nlabel: CRM\nroles: {clerk: Clerk}\n",
                "forms/crm/job.yaml": f"{text}{key}\n",
            }
        )
    assert [each.code for each in caught.value.problems] == [code]
