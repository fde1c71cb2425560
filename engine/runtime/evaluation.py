"""Evaluates what actions write: values for another record, copied lines, conditions."""

from __future__ import annotations

from typing import Any

from engine.catalog.forms import Action, LinesCopy
from engine.expressions.nodes import Expression, RowValues
from engine.runtime.drafts import Draft
from engine.runtime.drafts import RowValues as LineValues
from engine.runtime.work import Work


def holds(work: Work, draft: Draft, condition: Expression | None) -> bool:
    """Whether a condition on a record holds; none always does."""
    return condition is None or bool(work.programs.closure(condition)(draft.read(work.links), work.moment))


def parts_away(work: Work, draft: Draft) -> frozenset[str]:
    """The parts of the record's page whose `when` does not hold now: "sections/terms", "tabs/deliveries"."""
    page = draft.program.form.page
    conditions = {f"sections/{each.id}": each.when for each in page.sections if each.when is not None}
    conditions.update({f"tabs/{each.id}": each.when for each in page.tabs if each.when is not None})
    if not conditions:
        return frozenset()
    values, moment = draft.read(work.links), work.moment_for_new if draft.is_new else work.moment
    return frozenset(name for name, when in conditions.items() if not work.programs.closure(when)(values, moment))


def action_values(work: Work, draft: Draft, action: Action) -> dict[str, Any]:
    """The Python values that an action writes, by field."""
    values = draft.read(work.links)
    return {name: work.programs.closure(value)(values, work.moment) for name, value in action.values.items()}


def action_lines(work: Work, draft: Draft, action: Action) -> dict[str, list[dict[str, Any]]]:
    """The rows of lines that an action copies, columns by the names they have in the target."""
    return {name: _rows(work, draft, copy) for name, copy in action.lines.items()}


def _rows(work: Work, draft: Draft, copy: LinesCopy) -> list[dict[str, Any]]:
    record = draft.read(work.links)
    source = draft.program.form.fields[copy.source]
    rows = []
    for row in draft.rows(copy.source):
        values = RowValues(LineValues(record, source, row), record)
        if copy.where is not None and not work.programs.closure(copy.where)(values, work.moment):
            continue
        written = {name: work.programs.closure(value)(values, work.moment) for name, value in copy.set.items()}
        rows.append({**{name: row.get(name) for name in source.fields}, **written})
    return rows


def readable(expression: Expression, hidden: frozenset[str]) -> bool:
    """Whether an expression reads none of the hidden fields of its record."""
    return all((reference.rows or reference.path)[0] not in hidden for reference in expression.references)
