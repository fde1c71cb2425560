"""What the token game needs around it, and how conditions of workflows are compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.catalog.workflows import Step
from engine.expressions import compile_closure
from engine.expressions.nodes import Expression as Expression
from engine.expressions.nodes import Moment
from engine.expressions.nodes import Path as Path
from engine.expressions.nodes import RowValues as RowValues
from engine.expressions.nodes import Values as Values

Closure = Callable[[Values, Moment], object]


class Surroundings(Protocol):
    """What the machine asks and orders. A visit is one time at one step; what belongs to it carries its number."""

    def holds(self, condition: Expression) -> bool:
        """Whether a condition holds on the record as it is saved now."""

    def open_step(self, step: Step, visit: int) -> str | None:
        """Begin a human step, wait or call. None: it waits. "approved" or "rejected": it is decided at once."""

    def reopen_step(self, step: Step, visit: int, people: Any) -> str | None:
        """Begin a step again for those who had it when a direct return interrupted it."""

    def open_start(self, visit: int) -> None:
        """Give the record back to the initiator."""

    def pass_step(self, step: Step) -> bool | None:
        """Carry out a step that never waits: cc, auto. True: it could not, and stays until somebody has looked."""

    def leave_step(self, step: Step, outcome: str) -> bool | None:
        """The effects of a decided step. True: it could not be left, and stays until somebody has looked."""

    def close(self, visits: Iterable[int]) -> None:
        """Cancel what these visits have open: tasks, timers, children."""

    def people_of(self, visits: Iterable[int]) -> dict[str, Any]:
        """Who holds the open tasks of these visits, by visit as text: for reopen_step."""

    def note(self, what: str, step: str) -> None:
        """Something worth a line in the log (guard_drift)."""


@dataclass(frozen=True)
class ClosureBook:
    """Expressions of workflows, each compiled when it is first asked."""

    _known: dict[int, tuple[Expression, Closure]] = field(default_factory=dict)

    def of(self, expression: Expression) -> Closure:
        """The expression compiled. The expression is kept along, so that its identity stays its own."""
        known = self._known.get(id(expression))
        if known is None:
            known = (expression, compile_closure(expression))
            self._known[id(expression)] = known
        return known[1]
