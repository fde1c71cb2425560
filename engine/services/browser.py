"""What a form page hands to the browser so that it can compute while somebody types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.catalog.forms import Form
from engine.runtime.browser_parts import browser_order, counts_work_days, describe
from engine.services.site import OpenCompany
from engine.storage.calendar import calendar_at


def browser_formulas(form: Form, seen: Iterable[str]) -> Mapping[str, object]:
    """By key of every formula ("total", "lines.amount"): its tree as JSON, or "server" where only that can tell."""
    return describe(form, frozenset(seen))


def formula_order(form: Form) -> tuple[str, ...]:
    """The keys of all formulas, each after those that it reads."""
    return browser_order(form)


def work_days_for(company: OpenCompany, form: Form) -> Mapping[str, object] | None:
    """The company's calendar where an expression of the form counts work days; None for all other forms."""
    known = calendar_at(company.catalog, company.clock()) if counts_work_days(form) else None
    return None if known is None else known.to_json()
