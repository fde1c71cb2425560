"""Expressions: one text, one typed tree, several back ends that agree (Python, SQL, the browser)."""

from engine.expressions.closures import compile_closure
from engine.expressions.compile import compile_expression
from engine.expressions.compose import all_of, any_of, compile_literal
from engine.expressions.evaluate import evaluate
from engine.expressions.format import format_expression
from engine.expressions.lifting import lift_literals
from engine.expressions.nodes import (
    Expression,
    Moment,
    Node,
    Path,
    Reference,
    RowValues,
    Scope,
    SqlScope,
    Symbol,
    Type,
    Values,
)
from engine.expressions.references import uses_calendar
from engine.expressions.sql_fragments import NotInSql
from engine.expressions.sql_groups import can_group, sql_group_aggregate
from engine.expressions.to_sql import sql_native, sql_supported, to_sql, to_sql_field, to_sql_number, to_sql_value

__all__ = [
    "Expression",
    "Moment",
    "Node",
    "NotInSql",
    "Path",
    "Reference",
    "RowValues",
    "Scope",
    "SqlScope",
    "Symbol",
    "Type",
    "Values",
    "all_of",
    "any_of",
    "can_group",
    "compile_closure",
    "compile_expression",
    "compile_literal",
    "evaluate",
    "format_expression",
    "lift_literals",
    "sql_group_aggregate",
    "sql_native",
    "sql_supported",
    "to_sql",
    "to_sql_field",
    "to_sql_number",
    "to_sql_value",
    "uses_calendar",
]
