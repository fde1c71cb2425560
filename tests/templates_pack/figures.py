"""Figures worked out in plain Python from the rows of a company, to hold computed fields against."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from engine.runtime.actors import SYSTEM
from engine.services.records import list_records
from engine.services.site import OpenCompany
from engine.services.views_of_records import ListRequest

Rows = list[dict[str, object]]
ALIVE = ("signed", "running", "completed")


def rows_of(company: OpenCompany, form: str, *fields: str) -> Rows:
    """Every record of the form with its id and these fields, read page by page."""
    found: Rows = []
    after = None
    while True:
        page = list_records(company, SYSTEM, form, ListRequest(fields=fields, limit=100, after=after))
        found += [{"id": record.id, **{name: record.values.get(name) for name in fields}} for record in page.rows]
        after = page.next
        if after is None:
            return found


def today_of(company: OpenCompany) -> date:
    """The day it is for the company."""
    return company.clock().astimezone(ZoneInfo("Asia/Shanghai")).date()


def number(value: object) -> Decimal:
    """A number that counts as 0 when it is empty."""
    return Decimal(0) if value is None else Decimal(str(value))


def total(rows: Iterable[dict[str, object]], field: str, when: Callable[[dict[str, object]], bool]) -> Decimal:
    """The sum of a field over the rows for which `when` holds."""
    return sum((number(row[field]) for row in rows if when(row)), Decimal(0))


def money(value: Decimal) -> Decimal:
    """Rounded half up to two places."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def ratio(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """A share with four places; None where it cannot be told."""
    if part is None or not whole:
        return None
    return (part / whole).quantize(Decimal("0.0001"), ROUND_HALF_UP)
