"""When formulas are computed is settled by all that their value depends on."""

from __future__ import annotations

from datetime import date

import pytest

from engine.catalog.catalog import Catalog
from engine.catalog.work_day_fields import work_day_fields
from engine.catalog.work_days import CalendarRules, is_country, work_days
from engine.problems import ProblemsFound
from tests.sites import build_test_catalog

TASK = """\
    form: crm.task
    fields:
      begun: date
      cost: money
      age: {{type: integer, formula: "TODAY() - begun"}}
      {field}
      limits: {{type: lines, fields: {{due: {{type: date}}, late: {{type: boolean, formula: "due < TODAY()"}}}}}}
    """
COMPANY = "company: acme\nlabel: Acme\napps: [crm]\nlanguage: en\n"


def catalog(field: str, company: str = "") -> Catalog:
    files = {"forms/crm/task.yaml": TASK.format(field=field)}
    return build_test_catalog({**files, "forms/companies/acme/company.yaml": COMPANY + company})


@pytest.mark.parametrize(
    ("formula", "compute"),
    [
        ("cost * 2", "stored"),
        ("begun + 1", "stored"),
        ("WORKDAY(begun, 5)", "stored"),
        ("age * 2", "read"),
        ("COUNT(limits[late])", "read"),
        ("IF(me = created_by, 1, 2)", "read"),
    ],
)
def test_left_out_it_is_read_when_anything_below_changes_by_itself(formula: str, compute: str) -> None:
    kind = "date" if "begun" in formula else "number"
    built = catalog(f"found: {{type: {kind}, formula: '{formula}'}}")
    assert built.forms["crm.task"].fields["found"].compute == compute


def test_what_reads_a_formula_that_changes_by_itself_cannot_be_stored() -> None:
    with pytest.raises(ProblemsFound) as found:
        catalog("found: {type: number, formula: age * 2, compute: stored}")
    assert [(each.code, each.values["what"]) for each in found.value.problems] == [("FX041", "today")]


def test_daily_follows_the_date_but_not_the_reader() -> None:
    daily = "found: {{type: number, formula: '{formula}', compute: daily}}"
    assert catalog(daily.format(formula="age * 2")).forms["crm.task"].fields["found"].compute == "daily"
    with pytest.raises(ProblemsFound) as found:
        catalog(daily.format(formula="IF(me = created_by, age, 2)"))
    assert [(each.code, each.values["what"]) for each in found.value.problems] == [("FX041", "me")]


def test_stored_formulas_that_count_work_days_are_known() -> None:
    built = catalog(
        "next: {type: date, formula: 'WORKDAY(begun, 1)', compute: read}\n"
        "      after: {type: date, formula: 'next + 1'}\n"
        "      rows: {type: lines, fields: {day: date, work: {type: boolean, formula: ISWORKDAY(day)}}}"
    )
    assert work_day_fields(built) == (("crm.task", "after"), ("crm.task", "rows.work"))


@pytest.mark.parametrize(
    ("company", "rules"),
    [
        ("", CalendarRules("CN")),
        ("time_zone: America/New_York\n", CalendarRules(None)),
        ("calendar: {country: DE}\n", CalendarRules("DE")),
        (
            "calendar: {country: CN, until: 2027, days: {2026-02-13: rest, 2026-02-14: work}}\n",
            CalendarRules("CN", {date(2026, 2, 13): False, date(2026, 2, 14): True}, 2027),
        ),
    ],
)
def test_the_calendar_is_the_companys(company: str, rules: CalendarRules) -> None:
    assert catalog("", company).company.calendar == rules


def test_days_of_years_that_are_not_known_are_never_guessed() -> None:
    known = work_days(CalendarRules("CN"), 2024)
    assert known is not None
    assert known.is_work(date(2024, 2, 18)) is True  # a Sunday that is worked for the long holiday
    assert known.is_work(date(2024, 2, 10)) is False
    assert known.is_work(known.last.replace(year=known.last.year + 1)) is None
    assert known.position(date(1999, 12, 31)) is None
    assert work_days(CalendarRules(None), 2024) is None


def test_own_days_go_before_the_countrys() -> None:
    own = CalendarRules("CN", {date(2024, 2, 10): True, date(2024, 2, 19): False}, 2099)
    known = work_days(own, 2024)
    assert known is not None
    assert (known.is_work(date(2024, 2, 10)), known.is_work(date(2024, 2, 19))) == (True, False)
    assert known.last == date(2099, 12, 31)
    assert all(known.position(day) == position for day, _, position in known.days())


def test_countries_are_known_by_their_code() -> None:
    assert [is_country(each) for each in ("CN", "US", "ZZ", "cn", "China", "__")] == [True, True, False, False, False, False]
