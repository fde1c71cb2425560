"""Every operator and function once: what it takes, what comes out, its Python, its SQL.

`signature` lists what the arguments must be: a type kind, `day` (date or datetime), `scalar` (what has a text),
`list`, `any`, or a literal (`places`, `exponent`, `size`, `words:D|M|Y`, `format`, `plain` = a literal text).
`?` marks what may be left out, `*` the group that may repeat. Operations without a signature are checked by
`check` in calls.py. `nulls=True`: the Python receives nulls; otherwise a null argument makes the result null.
`zoned=True`: the company's zone comes as first argument; `planned=True`: its calendar of work days does.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.expressions import (
    dates,
    logic,
    numbers,
    sql_calendar,
    sql_dates,
    sql_numbers,
    sql_operations,
    sql_texts,
    texts,
    workdays,
)
from engine.expressions.nodes import Moment, Node, Type
from engine.expressions.types import BOOLEAN, DATE, DATETIME, DURATION, QUOTIENT, TEXT, WHOLE, common_type, places_of
from engine.values import is_empty

if TYPE_CHECKING:
    from engine.expressions.sql_writer import Writer

ResultRule = Callable[[tuple[Node, ...]], Type]
SqlRule = Callable[["Writer", Node], "sql_operations.Fragment"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table."""

    name: str
    python: Callable[..., object]
    result: Type | ResultRule
    signature: str = ""
    sql: SqlRule | None = None
    nulls: bool = False
    zoned: bool = False
    planned: bool = False

    def result_type(self, args: tuple[Node, ...]) -> Type:
        """The type of the operation on `args`."""
        return self.result if isinstance(self.result, Type) else self.result(args)

    def around(self, moment: Moment) -> tuple[object, ...]:
        """What of the moment comes before the arguments."""
        if self.zoned:
            return (moment.zone,)
        return (moment.calendar,) if self.planned else ()

    @property
    def apply(self) -> Callable[..., object]:
        """The Python that every evaluator calls: total, null in null out unless the operation says otherwise."""
        return self.python if self.nulls else _strict(self.python)


def _strict(python: Callable[..., object]) -> Callable[..., object]:
    def total(*args: object) -> object:
        return None if None in args else python(*args)

    return total


def _most_places(args: tuple[Node, ...]) -> Type:
    return Type("number", max(places_of(arg.type) for arg in args))


def _added_places(args: tuple[Node, ...]) -> Type:
    return Type("number", sum(places_of(arg.type) for arg in args))


def _given_places(args: tuple[Node, ...]) -> Type:
    wanted = args[1].value
    return Type("number", max(0, int(wanted)) if isinstance(wanted, Decimal) else 0)


def _power_places(args: tuple[Node, ...]) -> Type:
    exponent = args[1].value
    return Type("number", places_of(args[0].type) * (int(exponent) if isinstance(exponent, Decimal) else 1))


def _step_places(args: tuple[Node, ...]) -> Type:
    return Type("number", places_of(args[1].type))


def _divided_places(args: tuple[Node, ...]) -> Type:
    return Type("number", max(12, places_of(args[2].type)))


def _tier_places(args: tuple[Node, ...]) -> Type:
    return Type("number", max(places_of(arg.type) for arg in args[2::2]))


def _tier_sum_places(args: tuple[Node, ...]) -> Type:
    bounds = max(places_of(arg.type) for arg in (args[0], *args[1::2]))
    return Type("number", bounds + max(places_of(arg.type) for arg in args[2::2]))


def _first(args: tuple[Node, ...]) -> Type:
    return args[0].type


def _common(args: tuple[Node, ...]) -> Type:
    return common_type(arg.type for arg in args)


def _branches(args: tuple[Node, ...]) -> Type:
    return common_type(arg.type for arg in logic.branches(args))


def _switch_branches(args: tuple[Node, ...]) -> Type:
    return common_type(arg.type for arg in logic.branches(args[1:]))


_sql = sql_operations
_ROWS = (
    # --- operators; which of them `+` and `-` mean depends on the types ---
    Operation("+", operator.add, _most_places, sql=sql_numbers.add),
    Operation("-", operator.sub, _most_places, sql=sql_numbers.subtract),
    Operation("*", operator.mul, _added_places, sql=sql_numbers.multiply),
    Operation("/", numbers.divide, QUOTIENT, sql=sql_numbers.divide),
    Operation("NEGATE", operator.neg, _first, sql=sql_numbers.negate),
    Operation("ADDDAYS", dates.add_days, DATE, sql=sql_dates.add_days),
    Operation("SUBTRACTDAYS", dates.subtract_days, DATE, sql=sql_dates.subtract_days),
    Operation("ADDSECONDS", dates.add_seconds, DATETIME, sql=sql_dates.add_seconds),
    Operation("SUBTRACTSECONDS", dates.subtract_seconds, DATETIME, sql=sql_dates.subtract_seconds),
    Operation("SECONDSBETWEEN", dates.seconds_between, DURATION, sql=sql_dates.seconds_between),
    Operation("PLUSSECONDS", operator.add, DURATION, sql=sql_dates.plus_seconds),
    Operation("MINUSSECONDS", operator.sub, DURATION, sql=sql_dates.minus_seconds),
    Operation("=", logic.equal, BOOLEAN, sql=_sql.equal, nulls=True),
    Operation("<>", logic.differs, BOOLEAN, sql=_sql.differs, nulls=True),
    Operation("<", logic.less, BOOLEAN, sql=_sql.compare, nulls=True),
    Operation("<=", logic.at_most, BOOLEAN, sql=_sql.compare, nulls=True),
    Operation(">", logic.greater, BOOLEAN, sql=_sql.compare, nulls=True),
    Operation(">=", logic.at_least, BOOLEAN, sql=_sql.compare, nulls=True),
    Operation("IN", logic.within, BOOLEAN, sql=_sql.within, nulls=True),
    # --- logic ---
    Operation("AND", logic.every, BOOLEAN, "boolean*", _sql.every, nulls=True),
    Operation("OR", logic.some, BOOLEAN, "boolean*", _sql.some, nulls=True),
    Operation("NOT", logic.negate, BOOLEAN, "boolean", _sql.negation, nulls=True),
    Operation("XOR", logic.either, BOOLEAN, "boolean boolean", _sql.either, nulls=True),
    Operation("IF", logic.choose, _branches, sql=_sql.choose, nulls=True),
    Operation("IFS", logic.choose_first, _branches, sql=_sql.choose, nulls=True),
    Operation("SWITCH", logic.switch, _switch_branches, sql=_sql.switch, nulls=True),
    Operation("COALESCE", logic.coalesce, _common, sql=_sql.coalesce, nulls=True),
    Operation("ISEMPTY", is_empty, BOOLEAN, "any", _sql.is_empty, nulls=True),
    Operation("N0", logic.zero_if_empty, _most_places, "number", sql=sql_numbers.zero_if_empty, nulls=True),
    # --- numbers ---
    Operation("ROUND", numbers.round_half_up, _given_places, "number places", sql=sql_numbers.round_half_up),
    Operation("ROUNDUP", numbers.round_up, _given_places, "number places", sql=sql_numbers.round_up),
    Operation("ROUNDDOWN", numbers.round_down, _given_places, "number places", sql=sql_numbers.round_down),
    Operation("ROUNDEVEN", numbers.round_even, _given_places, "number places", sql=sql_numbers.round_even),
    Operation("INT", numbers.floor, WHOLE, "number", sql=sql_numbers.floor),
    Operation("CEILING", numbers.to_multiple_up, _step_places, "number number", sql=sql_numbers.to_multiple_up),
    Operation("FLOOR", numbers.to_multiple_down, _step_places, "number number", sql=sql_numbers.to_multiple_down),
    Operation("MOD", numbers.modulo, _most_places, "number number", sql=sql_numbers.modulo),
    Operation("QUOTIENT", numbers.whole_quotient, WHOLE, "number number", sql=sql_numbers.whole_quotient),
    Operation("ABS", abs, _first, "number", sql=sql_numbers.absolute),
    Operation("SIGN", numbers.sign, WHOLE, "number", sql=sql_numbers.sign),
    Operation("POWER", numbers.power, _power_places, "number exponent", sql=sql_numbers.power),
    Operation("SQRT", numbers.square_root, QUOTIENT, "number", sql=sql_numbers.square_root),
    Operation("DIVIDE", numbers.divide_or, _divided_places, "number number number",
              sql=sql_numbers.divide_or, nulls=True),
    Operation("CLAMP", numbers.clamp, _most_places, "number number number", sql=sql_numbers.clamp),
    Operation("TIER", numbers.tier, _tier_places, "number number* number*", sql=sql_numbers.tier, nulls=True),
    Operation("TIERSUM", numbers.tier_sum, _tier_sum_places, "number amount* amount*", sql=sql_numbers.tier_sum),
    Operation("RMBCAP", numbers.capital_money, TEXT, "number", sql=sql_numbers.capital_money),
    # --- the scalar forms of the aggregates ---
    Operation("SUM", numbers.total, _most_places, "number*", sql=sql_numbers.total, nulls=True),
    Operation("AVG", numbers.average, QUOTIENT, "number*", sql=sql_numbers.average, nulls=True),
    Operation("COUNT", logic.count, WHOLE, "any*", sql=sql_numbers.count, nulls=True),
    Operation("MIN", logic.least, _common, "ordered*", sql=sql_numbers.least, nulls=True),
    Operation("MAX", logic.greatest, _common, "ordered*", sql=sql_numbers.greatest, nulls=True),
    Operation("MEDIAN", numbers.median, QUOTIENT, "number*", sql=sql_numbers.median, nulls=True),
    # --- texts ---
    Operation("CONCAT", texts.concat, TEXT, "scalar*", sql=sql_texts.concat, nulls=True),
    Operation("LEN", texts.length, WHOLE, "text", sql=sql_texts.length, nulls=True),
    Operation("LEFT", texts.left, TEXT, "text number", sql=sql_texts.left),
    Operation("RIGHT", texts.right, TEXT, "text number", sql=sql_texts.right),
    Operation("MID", texts.middle, TEXT, "text number number", sql=sql_texts.middle),
    Operation("FIND", texts.find, WHOLE, "text text", sql=sql_texts.find, nulls=True),
    Operation("REPLACE", texts.replace, TEXT, "text number number text", sql=sql_texts.replace, nulls=True),
    Operation("SUBSTITUTE", texts.substitute, TEXT, "text text text", sql=sql_texts.substitute, nulls=True),
    Operation("UPPER", texts.upper, TEXT, "text", sql=sql_texts.upper),
    Operation("LOWER", texts.lower, TEXT, "text", sql=sql_texts.lower),
    Operation("TRIM", texts.trim, TEXT, "text", sql=sql_texts.trim),
    Operation("STARTSWITH", texts.starts_with, BOOLEAN, "text text", sql=sql_texts.starts_with, nulls=True),
    Operation("ENDSWITH", texts.ends_with, BOOLEAN, "text text", sql=sql_texts.ends_with, nulls=True),
    Operation("CONTAINS", texts.contains, BOOLEAN, "text text", sql=sql_texts.contains, nulls=True),
    Operation("REPT", texts.repeat, TEXT, "text repeats", sql=sql_texts.repeat),
    Operation("LPAD", texts.pad_left, TEXT, "text width text", sql=sql_texts.pad_left),
    Operation("VALUE", texts.to_number, QUOTIENT, "text", sql=sql_texts.to_number),
    Operation("TEXT", texts.to_text, TEXT, "scalar format?", sql=sql_texts.text, zoned=True, nulls=True),
    Operation("MASK", texts.mask, TEXT, "text number number", sql=sql_texts.mask),
    Operation("SPLITPART", texts.split_part, TEXT, "text text number", sql=sql_texts.split_part),
    # --- dates ---
    Operation("DATE", dates.date_of, DATE, "number number number", sql=sql_dates.date_of),
    Operation("DATEVALUE", dates.date_value, DATE, "text", sql=sql_dates.date_value),
    Operation("TODATE", dates.to_date, DATE, "datetime", sql_dates.to_date, zoned=True),
    Operation("DATETIME", dates.date_time, DATETIME, "date number number number", sql=sql_dates.date_time, zoned=True),
    Operation("YEAR", dates.year, WHOLE, "date", sql_dates.date_part),
    Operation("MONTH", dates.month, WHOLE, "date", sql_dates.date_part),
    Operation("DAY", dates.day_of_month, WHOLE, "date", sql_dates.date_part),
    Operation("QUARTER", dates.quarter, WHOLE, "date", sql_dates.quarter),
    Operation("HOUR", dates.hour, WHOLE, "datetime", sql=sql_dates.clock_part, zoned=True),
    Operation("MINUTE", dates.minute, WHOLE, "datetime", sql=sql_dates.clock_part, zoned=True),
    Operation("SECOND", dates.second, WHOLE, "datetime", sql=sql_dates.clock_part, zoned=True),
    Operation("WEEKDAY", dates.weekday, WHOLE, "date", sql_dates.weekday),
    Operation("ISOWEEKNUM", dates.iso_week, WHOLE, "date", sql=sql_dates.iso_week),
    Operation("EDATE", dates.add_months, DATE, "date number", sql_dates.add_months),
    Operation("EOMONTH", dates.month_end, DATE, "date number", sql_dates.month_end),
    Operation("MONTHSTART", dates.month_start, DATE, "date", sql_dates.month_start),
    Operation("QUARTERSTART", dates.quarter_start, DATE, "date", sql_dates.quarter_start),
    Operation("QUARTEREND", dates.quarter_end, DATE, "date", sql=sql_dates.quarter_end),
    Operation("YEARSTART", dates.year_start, DATE, "date", sql_dates.year_start),
    Operation("YEAREND", dates.year_end, DATE, "date", sql=sql_dates.year_end),
    Operation("WEEKSTART", dates.week_start, DATE, "date", sql_dates.week_start),
    Operation("DAYS", dates.days_between, WHOLE, "date date", sql_dates.days_between),
    Operation("DATEDIF", dates.date_difference, WHOLE, "date date words:D|M|Y", sql=sql_dates.date_difference),
    Operation("DATEADD", dates.date_add, _first, "day number words:D|W|M|Y|h|m", sql=sql_dates.date_add, zoned=True),
    Operation("HOURS", dates.hours, QUOTIENT, "duration", sql=sql_dates.hours),
    Operation("MINUTES", dates.minutes, QUOTIENT, "duration", sql=sql_dates.minutes),
    Operation("DAYS360", dates.days_360, WHOLE, "date date", sql=sql_dates.days_360),
    Operation("WORKDAY", workdays.work_day, DATE, "date number", sql=sql_calendar.work_day, planned=True),
    Operation("NETWORKDAYS", workdays.work_days_between, WHOLE, "date date",
              sql=sql_calendar.work_days_between, planned=True),
    Operation("ISWORKDAY", workdays.is_work_day, BOOLEAN, "date",
              sql=sql_calendar.is_work_day, planned=True, nulls=True),
    # --- fields with several values ---
    Operation("HAS", logic.has, BOOLEAN, sql=_sql.has, nulls=True),
    Operation("HASANY", logic.has_any, BOOLEAN, sql=_sql.has, nulls=True),
    Operation("HASALL", logic.has_all, BOOLEAN, sql=_sql.has, nulls=True),
    Operation("COUNTOF", logic.count_of, WHOLE, "list", _sql.count_of, nulls=True),
)  # fmt: skip

OPERATIONS: Mapping[str, Operation] = MappingProxyType({row.name: row for row in _ROWS})

HIDDEN = frozenset({
    "+", "-", "*", "/", "NEGATE", "ADDDAYS", "SUBTRACTDAYS", "ADDSECONDS", "SUBTRACTSECONDS", "SECONDSBETWEEN",
    "PLUSSECONDS", "MINUSSECONDS", "=", "<>", "<", "<=", ">", ">=",
})  # fmt: skip
"""What has a sign, or is what a sign means between certain types: not callable by name."""

AGGREGATES = frozenset({
    "SUM", "AVG", "MIN", "MAX", "COUNT", "COUNTDISTINCT", "ANY", "ALL", "JOIN", "FIRST", "LAST", "LOOKUP",
    "SUMPRODUCT", "MEDIAN", "RANK",
})  # fmt: skip

ALIASES: Mapping[str, str] = MappingProxyType({
    "CONCATENATE": "CONCAT", "IFEMPTY": "COALESCE", "IFNULL": "COALESCE", "TRUNC": "ROUNDDOWN", "SYSTIME": "NOW",
    "DATEDELTA": "DATEADD", "NETWORKDAY": "NETWORKDAYS", "WORKDAYS": "NETWORKDAYS",
    "AVERAGE": "AVG", "ISNULL": "ISEMPTY", "ISBLANK": "ISEMPTY",
})  # fmt: skip
