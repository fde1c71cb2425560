"""Takes the steps of a plan: all of them, or none."""

from __future__ import annotations

from sqlalchemy import text

from engine.expressions.postgres_functions import prepare_functions
from engine.problems import Problem, ProblemsFound
from engine.storage.database import Database, UnitOfWork
from engine.storage.schema_plan import Plan, plan_schema


def bring_functions(database: Database) -> None:
    """Give a database that needs no other change the functions of this engine."""
    if database.dialect == "postgresql":
        with database.writing() as connection:
            prepare_functions(connection)


def apply_plan(uow: UnitOfWork, plan: Plan) -> None:
    """Execute every step of `plan` in the transaction at hand; ProblemsFound when the plan holds something refused."""
    if plan.refused:
        raise ProblemsFound(plan.refused)
    connection = uow.connection
    if uow.database.dialect == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('weft:' || current_setting('search_path')))"))
        prepare_functions(connection)
    known = uow.database.tables if uow.database.catalog is uow.catalog else None
    if plan_schema(connection, uow.catalog, known) != plan:
        raise ProblemsFound([Problem("T103")])
    for step in plan.changes:
        for statement in step.sql:
            connection.exec_driver_sql(statement)
