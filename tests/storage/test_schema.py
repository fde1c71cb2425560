"""What a plan holds, and that applying takes all of its steps or none."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from engine.problems import ProblemsFound
from engine.storage.database import DatabaseAddress, UnitOfWork, open_database, reopen_database
from engine.storage.records import insert_record
from engine.storage.revisions import fetch_revision_number
from engine.storage.schema_apply import apply_plan
from engine.storage.schema_plan import Plan, plan_schema
from engine.storage.schema_state import read_schema
from engine.storage.selects import fetch_rows
from tests.storage.shop import FILES, NOW, Shop, shop_catalog


def changed(shop: Shop, form: str, old: str, new: str) -> Shop:
    """The shop with a text of one definition replaced."""
    files = {f"forms/crm/{form}.yaml": FILES[f"forms/crm/{form}.yaml"].replace(old, new)}
    catalog = shop_catalog(files)
    return Shop(reopen_database(shop.database, catalog), catalog)


def plan_of(shop: Shop) -> Plan:
    with shop.database.reading() as connection:
        return plan_schema(connection, shop.catalog)


def test_an_applied_plan_leaves_nothing_to_do(shop: Shop) -> None:
    assert plan_of(shop).changes == ()


def test_a_database_without_tables_has_no_revision(database_address: DatabaseAddress) -> None:
    database = open_database(database_address, shop_catalog())
    with database.reading() as connection:
        assert fetch_revision_number(connection, database) == 0
    database.close()


def test_a_new_field_is_added_and_filled(shop: Shop) -> None:
    shop.add("region", name="South")
    wider = changed(
        shop,
        "region",
        "name: text",
        "name: text\n          open: boolean\n          parent: {type: link, to: crm.region}",
    )
    plan = plan_of(wider)
    assert {step.name for step in plan.changes if step.kind == "column"} == {"open", "parent"}
    assert all(step.words["zh"] and step.words["en"] for step in plan.steps)
    with wider.work() as uow:
        apply_plan(uow, plan)
        insert_record(uow, "crm.region", {"name": "North", "open": True, "parent": 1})
    with wider.database.reading() as connection:
        rows = fetch_rows(connection, wider.query("crm.region").sorted(("id", False))).records
    assert [(row.values["open"], row.values["parent"]) for row in rows] == [(False, None), (True, 1)]


def test_a_removed_field_keeps_its_column_and_comes_back_with_its_values(shop: Shop) -> None:
    shop.add("note", text="kept", spent=5)
    narrower = changed(shop, "note", "spent: duration", "")
    plan = plan_of(narrower)
    assert plan.changes == ()
    assert ("kept", "spent") in {(step.kind, step.name) for step in plan.steps}
    with shop.database.reading() as connection:
        assert fetch_rows(connection, shop.query("crm.note")).records[0].values["spent"] == 5


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("spent: duration", "spent: text"),
        ("day: date", "day: datetime"),
        ("spent: duration", "spent: {type: number, places: 3}"),
    ],
)
def test_another_type_is_refused_with_what_to_do(shop: Shop, old: str, new: str) -> None:
    other = changed(shop, "note", old, new)
    plan = plan_of(other)
    (problem,) = plan.refused
    assert problem.code == "T101"
    assert problem.advice("en")
    assert problem.advice("zh")
    with pytest.raises(ProblemsFound), other.work() as uow:
        apply_plan(uow, plan)


def test_other_decimals_are_refused(shop: Shop) -> None:
    other = changed(shop, "customer", "credit: {type: money}", "credit: {type: money, places: 3}")
    assert {problem.code for problem in plan_of(other).refused} == {"T101"}


def test_unique_fields_are_refused_while_records_share_values(shop: Shop) -> None:
    shop.add("region", name="South")
    shop.add("region", name="South")
    unique = changed(
        shop, "region", "name: text", "name: text\n        checks: {one: {unique: [name], message: Twice}}"
    )
    (problem,) = plan_of(unique).refused
    assert (problem.code, problem.values["count"]) == ("T102", 1)


def test_a_plan_made_before_another_change_is_refused(shop: Shop) -> None:
    wider = changed(shop, "region", "name: text", "name: text\n          code: text")
    plan = plan_of(wider)
    with wider.work() as uow:
        apply_plan(uow, plan)
    with pytest.raises(ProblemsFound) as raised, wider.work() as uow:
        apply_plan(uow, plan)
    assert raised.value.problems[0].code == "T103"


def test_a_step_that_fails_leaves_no_table_behind(database_address: DatabaseAddress) -> None:
    catalog = shop_catalog()
    database = open_database(database_address, catalog)
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        _fail(apply_plan(UnitOfWork(connection, database, catalog, NOW, 1), plan_schema(connection, catalog)))
    with database.reading() as connection:
        assert read_schema(connection).columns == {}
    database.close()


def test_lists_have_the_indexes_that_their_filters_and_order_need(shop: Shop) -> None:
    names = {index.name for index in shop.database.tables.forms["crm.order"].indexes}
    assert {"ix_crm_order_kind_due_id", "ix_crm_order_kind_owner_due_id", "ix_crm_order_due_id"} <= names


def test_chinese_names_have_safe_tables_and_columns(database_address: DatabaseAddress) -> None:
    files = {
        "forms/crm/客户.yaml": """
        form: crm.客户
        label: 客户
        title: "{名称}"
        fields:
          名称: text
          明细: {type: lines, fields: {数量: {type: number, places: 2}}}
        """
    }
    catalog = shop_catalog(files)
    shop = Shop(open_database(database_address, catalog), catalog)
    with shop.work() as uow:
        apply_plan(uow, plan_schema(uow.connection, catalog))
        insert_record(uow, "crm.客户", {"名称": "星海", "明细": [{"数量": 1}]})
    with shop.database.reading() as connection:
        query = shop.query("crm.客户").where(shop.when("crm.客户", "名称 = '星海' and SUM(明细.数量) = 1"))
        assert len(fetch_rows(connection, query).records) == 1
    assert all(name.isascii() for name in shop.database.tables.metadata.tables)
    shop.database.close()


def test_the_settings_that_keep_data_safe_are_on(shop: Shop) -> None:
    with shop.database.reading() as connection:
        if shop.database.dialect == "sqlite":
            settings = {
                name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
                for name in (  # noqa: S608
                    "journal_mode",
                    "synchronous",
                    "foreign_keys",
                    "trusted_schema",
                    "busy_timeout",
                )
            }
            assert settings == {
                "journal_mode": "wal",
                "synchronous": 2,
                "foreign_keys": 1,
                "trusted_schema": 0,
                "busy_timeout": 5000,
            }
        else:
            assert connection.execute(text("SHOW lock_timeout")).scalar_one() == "5s"
            assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "10s"


def _fail(_done: object) -> None:
    raise ZeroDivisionError
