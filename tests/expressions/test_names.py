"""What names mean: links, rows, stages, people, the record around a row."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.expressions import Expression, Moment, RowValues, compile_expression, evaluate
from engine.expressions.nodes import Reference
from engine.problems import ProblemsFound
from tests.expressions.sample import DEAL, DEAL_ACCESS, LINES, PARTNER
from tests.expressions.surroundings import MOMENT, NOW, ZONE, Record


def deal(text: str) -> Expression:
    return compile_expression(text, DEAL)


def value(text: str, record: Record, moment: Moment = MOMENT) -> object:
    return evaluate(deal(text), record, moment)


def test_a_link_is_followed_to_the_fields_behind_it() -> None:
    assert value("partner.group.name", Record({"partner.group.name": "North"})) == "North"
    assert deal("partner.group.name").references == {Reference(("partner", "group", "name"))}


def test_rows_name_their_source_in_the_references() -> None:
    found = deal("SUM(lines[price > cost].amount)").references
    assert found == {
        Reference(("lines",)),
        Reference(("price",), rows=("lines",)),
        Reference(("amount",), rows=("lines",)),
        Reference(("cost",)),
    }


def test_rows_behind_a_link_are_aggregated() -> None:
    record = Record({}, {"partner.visits": [Record({"amount": Decimal(2)}), Record({"amount": Decimal(3)})]})
    assert value("SUM(partner.visits.amount)", record) == Decimal(5)


def test_a_stage_is_compared_by_order() -> None:
    assert value("stage >= 'quote'", Record({"stage": "won"})) is True
    assert value("stage < 'quote'", Record({"stage": "won"})) is False
    assert value("stage <> 'won'", Record({"stage": None})) is True
    assert value("'quote' <= stage", Record({"stage": "need"})) is False
    assert value("stage in ['need', 'won']", Record({"stage": "won"})) is True


def test_a_switch_over_stages_names_them_as_comparisons_do() -> None:
    assert value("SWITCH(stage, 'need', 1, 'won', 2, 0)", Record({"stage": "won"})) == Decimal(2)


def test_a_property_of_a_stage_counts_from_its_own_form() -> None:
    assert value("amount * stage.probability", Record({"amount": Decimal(50), "stage": "need"})) == Decimal(5)
    assert value("partner.stage.probability", Record({"partner.stage": "quote"})) == Decimal("0.5")
    assert deal("partner.stage.probability").references == {Reference(("partner", "stage"))}


def test_an_outcome_asks_which_stages_these_are() -> None:
    found = deal("stage.outcome = 'open'").node
    assert (found.op, [arg.value for arg in found.args]) == ("IN", [("stage",), "need", "quote"])
    assert value("stage.outcome in ['won', 'lost']", Record({"stage": "won"})) is True
    assert value("stage.outcome <> 'won'", Record({"stage": None})) is True


def test_me_is_the_person_and_what_is_below() -> None:
    moment = Moment(NOW, ZONE, me=7, me_values=Record({"department": 3, "roles": ("seller",)}))
    assert value("owner = me and owner.department = me.department", Record({"owner": 7, "owner.department": 3}), moment)
    assert value("HASROLE('seller') and not HASROLE('boss')", Record(), moment)
    assert deal("CURRENT_USER() = owner").volatile == {"me"}
    assert value("CURRENT_DEPT() = DEPTOF(owner)", Record({"owner.department": 3}), moment)


def test_other_words_for_names_read_the_same_fields() -> None:
    assert deal("USERNAME(owner)").references == deal("owner.name").references
    assert deal("DEPTOF(owner)").references == deal("owner.department").references
    assert deal("CREATEDAT()").references == {Reference(("created_at",))}


def test_this_is_the_record_around() -> None:
    expression = compile_expression("level = this.level and amount > 1", DEAL, row_scope=PARTNER_LIKE)
    values = RowValues(Record({"level": "A", "amount": Decimal(2)}), Record({"level": "A"}))
    assert evaluate(expression, values, MOMENT) is True
    assert expression.references == {Reference(("level",)), Reference(("level",), outer=1), Reference(("amount",))}


PARTNER_LIKE = LINES.__class__("sample.row", {**LINES.symbols, "level": PARTNER.symbols["level"]})


def test_this_alone_is_the_record_itself() -> None:
    node = deal("this").node
    assert (node.type.kind, node.type.form, node.value) == ("link", "sample.deal", ("id",))


def test_names_that_a_row_lacks_come_from_the_header() -> None:
    expression = compile_expression("amount * header.cost + cost", DEAL, row_scope=LINES)
    values = RowValues(Record({"amount": Decimal(2)}), Record({"cost": Decimal(3)}))
    assert evaluate(expression, values, MOMENT) == Decimal(9)


def test_access_words_are_known_in_access_rules_only() -> None:
    rule = compile_expression("own or open", DEAL_ACCESS, want="boolean")
    assert rule.volatile == {"rule"}
    with pytest.raises(ProblemsFound) as refused:
        compile_expression("own", DEAL, want="boolean")
    assert refused.value.problems[0].code == "FX010"
    assert refused.value.problems[0].advice("en") == "This word has a meaning in access rules only."


def test_a_link_may_be_compared_with_an_id() -> None:
    assert value("partner = 12", Record({"partner": 12})) is True
    assert value("partner in [3, 12]", Record({"partner": 12})) is True


def test_is_new_and_today_are_volatile() -> None:
    assert deal("IF(IS_NEW(), TODAY() + 30, due)").volatile == {"is_new", "today"}
    assert value("IS_NEW()", Record(), Moment(NOW, ZONE, is_new=True)) is True


def test_a_field_with_a_strange_name_is_plain_data() -> None:
    strange = LINES.__class__("sample.odd", dict.fromkeys(("__builtins__", "constructor"), DEAL.symbols["name"]))
    for name in strange.symbols:
        expression = compile_expression(f"{name} & 'x'", strange)
        assert evaluate(expression, Record({"name": "y"}), MOMENT) == "yx"


def test_days_in_a_stage_are_asked_of_the_stays_and_depend_on_the_stage() -> None:
    stays = [
        Record({"stage": "need", "entered_at": NOW - timedelta(days=9), "left_at": NOW - timedelta(days=6)}),
        Record({"stage": "quote", "entered_at": NOW - timedelta(days=6), "left_at": NOW - timedelta(days=5)}),
        Record({"stage": "need", "entered_at": NOW - timedelta(days=5), "left_at": None}),
    ]
    assert value("STAGE_DAYS('need')", Record({}, {"@stays.stage": stays})) == Decimal(8)
    assert value("STAGE_DAYS('won')", Record({}, {"@stays.stage": stays})) == Decimal(0)
    found = deal("STAGE_DAYS('need')")
    assert (found.references, found.volatile) == ({Reference(("stage",))}, {"stage_log", "today"})


def test_a_person_is_in_the_departments_that_the_person_holds() -> None:
    record = Record({"owner.@departments": (1, 3), "owner.department": 3})
    assert value("INDEPT(owner, owner.department)", record) is True
    assert value("INDEPT(owner, 1)", record) is True
    assert value("INDEPT(owner, 2)", record) is False
    assert value("INDEPT(owner, NULL)", record) is False
    found = deal("INDEPT(owner, 1)")
    assert found.references == {Reference(("owner", "department")), Reference(("owner", "other_departments"))}
    assert found.volatile == {"departments"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("STAGE_DAYS()", "FX021"),
        ("STAGE_DAYS(name)", "FX022"),
        ("STAGE_DAYS('quot')", "FX018"),
        ("INDEPT(owner)", "FX021"),
        ("INDEPT(name, 1)", "FX014"),
        ("INDEPT(owner, name)", "FX015"),
        ("WORKDAY(due)", "FX021"),
        ("WORKDAY(created_at, 1)", "FX014"),
        ("ISWORKDAY(amount)", "FX014"),
    ],
)
def test_calls_that_do_not_fit_are_refused(text: str, code: str) -> None:
    with pytest.raises(ProblemsFound) as refused:
        deal(text)
    assert [problem.code for problem in refused.value.problems] == [code]
