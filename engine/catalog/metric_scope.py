"""What names mean in the value of a metric: the rows `records` of its form, and what is the same for all of them."""

from __future__ import annotations

from collections.abc import Iterable

from engine.catalog.dashboards import RECORDS
from engine.catalog.scopes import Definitions, FormScope
from engine.expressions.nodes import Path, Symbol, Type


class MetricScope:
    """`records` are the records of the form; `settings` and `me` are as everywhere; a bare field means nothing."""

    def __init__(self, definitions: Definitions, form_id: str) -> None:
        self.rows = FormScope(definitions, form_id)

    def find(self, name: str) -> Symbol | None:
        """The symbol called `name`."""
        if name == RECORDS:
            return Symbol(RECORDS, Type("rows", form=self.rows.form.id), self.rows)
        return self.rows.find(name) if name in ("me", "我", "settings", "设置") else None

    def names(self) -> Iterable[str]:
        """`records` alone."""
        return (RECORDS,)

    def label(self) -> str:
        """The form's id."""
        return self.rows.form.id

    def stages(self, path: Path, operator: str, stage: str) -> tuple[str, ...] | None:
        """There is no stage outside the rows."""
        return None
