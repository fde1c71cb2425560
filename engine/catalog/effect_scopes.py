"""What names mean in workflows and effects: `flow.` the instance, `row.` the row gone through, `target.` the record
that is changed; besides the names of the record itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.catalog.field_types.links import DEPARTMENT_FORM, PERSON_FORM
from engine.catalog.forms import Field, Form
from engine.catalog.scopes import Definitions, FormScope, LinesScope
from engine.expressions.nodes import Node, Path, Scope, Symbol, Type
from engine.values import empty

FLOW = "flow."
_PERSON = Type("person", form=PERSON_FORM)
FLOW_TYPES = {
    "initiator": _PERSON,
    "department": Type("department", form=DEPARTMENT_FORM),
    "previous_handler": _PERSON,
    "round": Type("number", 0),
    "started_at": Type("datetime"),
}
ROW = Type("row")


class FlowScope(FormScope):
    """The names of a record in a workflow: its own, and `flow.initiator`, `flow.round` …"""

    def find(self, name: str) -> Symbol | None:
        """The symbol called `name`."""
        return Symbol("flow", ROW, FlowWords()) if name in ("flow", "流程") else super().find(name)


class FlowWords:
    """What stands behind `flow.`; evaluated from `Moment.asked` under the same names."""

    def find(self, name: str) -> Symbol | None:
        """The property of the instance."""
        type_ = FLOW_TYPES.get(name)
        return Symbol(name, type_, node=Node("asked", type_, value=FLOW + name)) if type_ is not None else None

    def names(self) -> Iterable[str]:
        """The properties."""
        return tuple(FLOW_TYPES)

    def label(self) -> str:
        """What it is called in messages."""
        return "flow"

    def stages(self, path: Path, operator: str, stage: str) -> tuple[str, ...] | None:
        """An instance has no stages."""
        return None


class RowScope(LinesScope):
    """The columns of a row of lines, also as `row.quantity`; `target` is the record at the end of one of its links."""

    def __init__(self, definitions: Definitions, form: Form, lines: str, target: str | None = None) -> None:
        super().__init__(definitions, form, lines)
        self.target = target

    def find(self, name: str) -> Symbol | None:
        """The symbol called `name`."""
        return row_or_target(self, name, self.target) or super().find(name)


class RelatedRowScope(FormScope):
    """The fields of a record of a related list, also as `row.amount`."""

    def __init__(self, definitions: Definitions, form_id: str, target: str | None = None) -> None:
        super().__init__(definitions, form_id)
        self.target = target

    def find(self, name: str) -> Symbol | None:
        """The symbol called `name`."""
        return row_or_target(self, name, self.target) or super().find(name)


class TargetScope(FlowScope):
    """A record in a workflow whose link `target` leads to the record that is changed."""

    def __init__(
        self, definitions: Definitions, form_id: str, target: str | None = None, asked: Mapping[str, Field] = empty()
    ) -> None:
        super().__init__(definitions, form_id, asked=asked)
        self.target = target

    def find(self, name: str) -> Symbol | None:
        """The symbol called `name`."""
        if name in ("target", "目标") and self.target is not None:
            return super().find(self.target)
        return super().find(name)


def row_or_target(scope: Scope, name: str, target: str | None) -> Symbol | None:
    """`row` is the scope itself, `target` its link of that name."""
    if name in ("row", "行"):
        return Symbol("row", ROW, scope)
    if name in ("target", "目标") and target is not None:
        return scope.find(target)
    return None
